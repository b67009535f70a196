"""Pure rules of the gate: no I/O, no threads, no clock; time and ids are arguments."""
