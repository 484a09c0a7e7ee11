"""How much memory the C library holds on to, and how often Python looks for garbage."""

import ctypes
import gc
import os

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_ARENAS = 2
_NEW_OBJECTS = 50_000
_LARGE_BYTES = 2**20


def bound_arenas() -> None:
    """Lets threads share two heaps, where glibc would give each its own and keep what was freed in every one.

    A worker that crawls and indexes 21 600 pages of Rust's documentation then needs 306 MiB at its highest instead of
    435. What is larger than a mebibyte, such as the body of a sitemap, gets memory of its own that goes back to the
    system at once; glibc would raise that bound to 32 MiB by itself. To be called before threads are started; elsewhere
    than on glibc, and where the operator has set MALLOC_ARENA_MAX, it does nothing.

    Source: mallopt(3), M_ARENA_MAX and M_MMAP_THRESHOLD.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def return_freed() -> None:
    """Gives what was freed back to the system; the C library keeps it where something still in use lies above.

    After a crawl of pages made to take much memory that is 80 MiB of 300. It takes some milliseconds; elsewhere than on
    glibc it does nothing.

    Source: malloc_trim(3).
    """
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)


def collect_rarely() -> None:
    """Has garbage in circles looked for once in 50 000 new objects, where Python would do it once in 700.

    There is little of it, and to look for it takes a fifteenth of the processor time of a crawl.
    """
    gc.set_threshold(_NEW_OBJECTS, 10, 10)
