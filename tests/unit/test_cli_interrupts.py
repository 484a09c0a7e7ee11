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


HURRIED = """
import os, signal, sys
from server.cli import main

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "server.cli.program":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
main()
"""


def test_ctrl_c_while_a_command_is_read_ends_it_without_a_word() -> None:
    ended = subprocess.run([sys.executable, "-c", HURRIED], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")
