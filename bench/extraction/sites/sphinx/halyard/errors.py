"""What can go wrong."""


class HalyardError(Exception):
    """Anything that goes wrong here."""


class Timeout(HalyardError):
    """The queue did not answer in time.

    Attributes:
        seconds: How long was waited.
    """

    seconds: float


class LeaseLost(HalyardError):
    """The job took longer than its lease, and another worker has it now."""
