"""The gate: one process per barrier, on the Pi."""
