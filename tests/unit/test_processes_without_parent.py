"""What processes that were started leave on the terminal when the one that started them goes while they begin."""

import subprocess
import sys

import pytest

EXTRACTION = """
import os, signal, time
from indexer.extraction_processes import ExtractionProcesses

if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda number, frame: None)
    processes = ExtractionProcesses(2)
    processes.wake(os.getpid)
    time.sleep({seconds})
    os.killpg(0, signal.SIGINT)
    processes._executor.shutdown()
"""

MODEL = """
import os
from indexer.embedding.child import give_up, open_answers

answers = open_answers()
input()
give_up(answers, RuntimeError("It cannot be loaded."))
"""


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.1])
def test_ctrl_c_while_the_extraction_processes_start_leaves_no_word_on_the_terminal(seconds: float) -> None:
    command = [sys.executable, "-c", EXTRACTION.format(seconds=seconds)]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, start_new_session=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_model_process_that_nobody_listens_to_any_more_ends_without_a_word() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", MODEL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(b"\n")
        process.stdin.close()
        words = process.stderr.read()
        assert (process.wait(timeout=60), words) == (0, b"")
