"""How much memory a family of processes takes, as Linux tells; elsewhere nothing is known and nothing is limited."""

import os
from collections import defaultdict
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_PROCESSES = Path("/proc")


def resident_bytes_below(ancestor: int, name: str) -> int:
    """Gives the bytes that the descendants of a process whose names contain `name` have to themselves."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    names: dict[int, str] = {}
    for entry in _PROCESSES.glob("[0-9]*/stat"):
        try:
            text = entry.read_text(errors="replace")
        except OSError:
            continue
        pid, _, rest = text.partition(" (")
        called, _, fields = rest.rpartition(") ")
        names[int(pid)] = called
        children[int(fields.split(" ")[1])].append(int(pid))
    found, waiting = 0, list(children[ancestor])
    while waiting:
        pid = waiting.pop()
        waiting += children[pid]
        found += _own_bytes(pid) if name in names[pid] else 0
    return found


def _own_bytes(pid: int) -> int:
    """Gives the resident bytes of a process less those it shares."""
    try:
        _, resident, shared, *_ = (_PROCESSES / str(pid) / "statm").read_text().split(" ")
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * _PAGE_BYTES
