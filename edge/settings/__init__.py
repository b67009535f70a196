"""edge.toml, checked once at start, as frozen settings."""
