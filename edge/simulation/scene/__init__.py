"""The camera's view of the simulated lane, rendered."""
