"""Benchmarks of central: what it costs, measured beside what it stands on, with the bars it has to hold."""
