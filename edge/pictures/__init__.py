"""Pictures of vehicles: which are kept, for how long, and their way to central."""
