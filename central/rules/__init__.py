"""Pure rules of money and stays: no I/O, no clock; time and ids are arguments."""
