"""A car park in a box: the physics, the scene and the drivers behind the simulated devices."""
