"""Ten questions a Python developer would ask, and the first two passages of each answer, for people to judge.

Needs a server with Debian's `python3.11-doc` as `/python/docs`; writes its section of `docs/benchmarks.md`.
"""

import asyncio
from typing import Any

import orjson

from bench import report
from bench.product import lectern

LIBRARY = "/python/docs/3.11"
QUESTIONS = (
    "How do I run several coroutines at the same time and collect their results?",
    "What is the difference between a list and a tuple, and when do I use which?",
    "How can I read a CSV file with a header row into dictionaries?",
    "subprocess.run capture output and raise on failure",
    "How do I parse command line arguments with sub-commands?",
    "datetime timezone aware now in UTC",
    "What does functools.lru_cache do with unhashable arguments?",
    "How do I write a context manager without a class?",
    "logging to a file that is rotated at midnight",
    "Why does a default argument that is a list keep its values between calls?",
)
_SHOWN_PASSAGES = 2
_SHOWN_CHARS = 260
_ANSWER_TOKENS = "3000"


async def main() -> None:
    """Asks everything and writes the section."""
    parts = [report.circumstances("python -m bench.answers")]
    for number, question in enumerate(QUESTIONS, start=1):
        answer = await ask(question)
        parts.append(f"**{number}. {question}** ({answer['tokenCount']} tokens, {len(answer['snippets'])} passages)")
        passages = answer["text"].partition("\n\n")[2].split("\n\n" + "-" * 32 + "\n\n")
        parts += [_quoted(text) for text in passages[:_SHOWN_PASSAGES]]
    report.write_section("answers", "\n\n".join(parts))


async def ask(question: str) -> dict[str, Any]:
    """Gives the answer as `lectern query --json` prints it."""
    process = await asyncio.create_subprocess_exec(
        *lectern("query", LIBRARY, question, "--tokens", _ANSWER_TOKENS, "--json"), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return orjson.loads(out)


def _quoted(passage: str) -> str:
    """Gives a passage's title, its page and the beginning of its text as a quotation."""
    title, source, body = passage.split("\n\n", 2)
    page = source.split("\n")[0].removeprefix("Source: ").rsplit("/html/")[-1].split("/", 3)[-1]
    text = " ".join(body.split())[:_SHOWN_CHARS].replace("`", "'")
    return f"> {title.removeprefix('### ')} (`{page}`): {text} ..."


if __name__ == "__main__":
    asyncio.run(main())
