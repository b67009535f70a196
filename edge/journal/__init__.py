"""The gate's own log: facts, their numbers and what still waits for central, in one SQLite file."""
