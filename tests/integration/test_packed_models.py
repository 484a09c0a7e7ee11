"""Models in the form in which a CPU is fastest, against the library's own vectors."""

import asyncio
import sys
from subprocess import DEVNULL

import numpy as np
import pytest

SECONDS = 120
KINDS = ("bundled", "bert", "bert with another activation", "bert padded at the left", "distilbert")
Made = dict[str, np.ndarray]


@pytest.fixture(scope="module")
async def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("packed")
    making = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.packed_models", folder, stdout=DEVNULL)
    assert await asyncio.wait_for(making.wait(), SECONDS) == 0
    return dict(np.load(folder / "made.npz"))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_model_gives_the_vectors_that_the_library_gives(made: Made, kind: str) -> None:
    assert np.abs(made[f"{kind} embedded"] - made[f"{kind} encoded"]).max() < 1e-5


@pytest.mark.parametrize("kind", KINDS)
async def test_a_text_alone_has_the_vector_that_it_has_among_others(made: Made, kind: str) -> None:
    assert np.abs(made[f"{kind} alone"] - made[f"{kind} encoded"]).max() < 1e-5


async def test_different_texts_have_different_vectors(made: Made) -> None:
    vectors = made["bundled embedded"]
    assert (vectors @ vectors.T - np.eye(len(vectors))).max() < 0.9999


async def test_what_is_known_to_be_faster_another_way_is_exchanged(made: Made) -> None:
    assert made["bundled packed"].tolist() == ["PackedBert", "PackedLinear"]
    assert made["bert packed"].tolist() == ["PackedBert", "PackedLinear"]
    assert made["bert with another activation packed"].tolist() == ["PackedLinear"]
    assert made["distilbert packed"].tolist() == ["PackedLinear"]


@pytest.mark.parametrize("kind", ["WeightReader", "Counting"])
async def test_a_model_that_would_not_give_the_same_stays_as_it_is(made: Made, kind: str) -> None:
    assert made[f"{kind} layer"] == "Linear"
