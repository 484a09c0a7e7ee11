"""Ctrl-C ends a command, also one whose work does not heed it."""

import signal
import subprocess
import sys

STUBBORN = """
import asyncio
from server.cli import output

output._INTERRUPT_SECONDS = 0.2

async def work():
    print("on", flush=True)
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

output.run(work())
"""


def test_work_that_swallows_its_cancellation_is_ended_by_ctrl_c_all_the_same() -> None:
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
