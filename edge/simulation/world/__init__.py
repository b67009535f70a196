"""The simulated lane: vehicles, barrier and their physics, served over a socket."""
