"""From a camera's frame to a plate's text."""
