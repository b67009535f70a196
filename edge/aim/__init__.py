"""`parkmeter aim`: the command that joins a camera, its verdict and the live view."""
