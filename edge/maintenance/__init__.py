"""What maintenance orders a gate to do that has nothing to do with the lane: done on a thread of its own."""
