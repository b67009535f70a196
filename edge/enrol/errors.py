"""What enrolling can't do."""


class EnrolError(RuntimeError):
    """Why a gate could not enrol or change its key: one line, with what is expected."""
