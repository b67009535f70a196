"""What an action refuses."""


class Refused(ValueError):
    """An action that can't be done: says why, in a sentence for the person who asked.

    field  what of that which was asked for is wrong, by the name that forms give it; "" where it is the whole
    """

    def __init__(self, why: str, *, field: str = "") -> None:
        super().__init__(why)
        self.field = field
