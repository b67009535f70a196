"""The life of the gate's process: what its clock is worth, and what a start in safe mode means."""
