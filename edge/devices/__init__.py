"""The barrier's wires: one port, the real adapter and the simulated one."""
