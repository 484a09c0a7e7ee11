"""Tasks somewhere else, some other time."""

from halyard.client import Client, Job, State
from halyard.errors import HalyardError, LeaseLost, Timeout

__all__ = ["Client", "HalyardError", "Job", "LeaseLost", "State", "Timeout"]
