"""What counts as a plate: formats, decoding by probabilities, and the vote over frames. Pure."""
