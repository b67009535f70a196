"""What the API is of: one file for each kind of thing."""
