"""The bench test of a barrier's wires: what it asks, what it moves, what it reports."""
