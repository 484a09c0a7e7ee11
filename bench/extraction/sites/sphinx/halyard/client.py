# ruff: noqa: A002, ANN401, ARG002, D301, D416 - pages are made of it, in the manner of several projects
"""The class that sends jobs."""

import enum
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")

DEFAULT_WINDOW: int = 64
"""Values a producer may be ahead."""


class State(enum.Enum):
    """The state of a job."""

    WAITING = "waiting"
    """In the queue."""
    DONE = "done"
    """With a result."""


class Job(Generic[T]):
    """One job.

    Args:
        id: Its name.
        task: What it runs.
    """

    def __init__(self, id: str, task: str) -> None:
        self.id = id
        self.task = task

    @property
    def state(self) -> State:
        """Where it is now."""
        return State.WAITING

    def result(self, *, timeout: float | None = None) -> T:
        """Waits for what the task returns.

        Args:
            timeout: Seconds at most, ``None`` for no limit.

        Returns:
            What the task returned.

        Raises:
            Timeout: It took too long.

        Example:
            >>> job = client.submit("tasks.math.add", 1, 2)
            >>> job.result(timeout=10)
            3

        .. versionchanged:: 2.0
           The argument ``timeout`` has to be named.
        """
        raise NotImplementedError


class Client:
    """Sends jobs and reads their results.

    It is safe to share between threads::

        with Client("memory://") as client:
            client.submit(add, 1, 2)

    Note:
        Forked processes need one each.
    """

    def __init__(self, url: str, *, prefix: str = "halyard:", window: int = DEFAULT_WINDOW) -> None:
        self.url = url

    @overload
    def submit(self, task: str, /, *args: Any, **kwargs: Any) -> "Job[Any]": ...
    @overload
    def submit(self, task: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Job[T]": ...
    def submit(self, task: Any, /, *args: Any, **kwargs: Any) -> "Job[Any]":
        """Sends a job.

        Parameters
        ----------
        task : str or callable
            The task or its name.
        *args
            What it is called with.
        **kwargs
            What it is called with by name.

        Returns
        -------
        Job
            What was sent.
        """
        raise NotImplementedError

    def submit_all(self, task: Callable[[Any], T], items: Sequence[Any]) -> "list[Job[T]]":
        """Sends a job per item.

        .. deprecated:: 2.4
           Use :meth:`submit` in a loop.
        """
        raise NotImplementedError

    def stream(self, task: Callable[..., Iterator[T]], *args: Any, window: int = DEFAULT_WINDOW) -> Iterator[T]:
        """Gives values as they come.

        .. code-block:: python
           :caption: Reading a stream

           for value in client.stream(count, 10):
               print(value, end="\\n")
        """
        raise NotImplementedError

    @classmethod
    def from_environment(cls) -> "Client":
        """Reads ``HALYARD_QUEUE``."""
        raise NotImplementedError

    @staticmethod
    def is_url(text: str) -> bool:
        """Whether a text can be the address of a queue."""
        return "://" in text
