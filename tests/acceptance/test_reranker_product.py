"""The product with a reranker: `lectern eval` tells what it is worth, and doctor whether it loads."""

import asyncio
import json
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from bench.product import Product, lectern, running_lectern
from tests.commands import COMMAND_SECONDS, QUICK, run
from tests.tiny_models import make_pair_model

LIBRARY = "/acme/paint"
QUESTIONS = [
    {"id": name, "query": f"care for a {name} every day", "gold": [{"path": "tools.html", "anchor": name}]}
    for name in ("brush", "roller", "sprayer")
]
MODEL_SECONDS = 60


def write_library(folder: Path) -> None:
    folder.mkdir()
    care = (f"Care for the {name} every day, as it wants it. " * 12 for name in ("brush", "roller", "sprayer"))
    sections = (
        f'<section id="{name}"><h2>{name}</h2><p>{text}</p></section>'
        for name, text in zip(("brush", "roller", "sprayer"), care, strict=True)
    )
    (folder / "tools.html").write_text(f"<html><body><main><h1>Tools</h1>{''.join(sections)}</main></body></html>")
    (folder / "index.md").write_text("# Paint\n\nEverything about painting walls and doors.\n")


async def evaluate(product: Product, *options: str) -> tuple[dict[str, Any], str]:
    process = await asyncio.create_subprocess_exec(
        *lectern("eval", "-", "--library", LIBRARY, "--json", *options),
        env=product.environment,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    given = "\n".join(json.dumps(question) for question in QUESTIONS)
    out, err = await asyncio.wait_for(process.communicate(given.encode()), COMMAND_SECONDS + MODEL_SECONDS)
    assert process.returncode == 0, err.decode()
    return json.loads(out), err.decode()


async def test_a_reranker_is_compared_with_none_and_doctor_says_whether_it_loads(tmp_path: Path) -> None:
    model, classes = make_pair_model(tmp_path / "model", 1), make_pair_model(tmp_path / "classes", 2)
    write_library(tmp_path / "paint")
    given = QUICK | {"LECTERN_RERANKER_MODEL": model, "LECTERN_RERANKER_TIMEOUT_MS": "30000"}
    async with running_lectern(tmp_path, **given) as product:
        await product.run("add", str(tmp_path / "paint"), "--id", LIBRARY, "--version", "1.0", "--wait")
        result, said = await evaluate(product, "--against", "without-reranker")
        served, without = result["configurations"]
        assert "reranker" not in said
        assert [answer["found"] for answer in served["answers"]] != [answer["found"] for answer in without["answers"]]
        environment = product.environment
    well = await run(environment, "doctor")
    assert (well.status, f"reranker     ok   {model}" in well.text) == (0, True), well.text
    ill = await run({**environment, "LECTERN_RERANKER_MODEL": classes}, "doctor")
    assert ill.status != 0
    assert f"The reranker {classes} cannot be loaded: ValueError: The model gives classes" in ill.text
