"""Benchmarks of the gate: what it costs, measured beside what it stands on, with the bars it has to hold."""
