"""What an action refuses."""


class Refused(ValueError):
    """An action that can't be done: says why, in a sentence for the person who asked."""
