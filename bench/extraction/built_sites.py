"""Sites that are built here with generators Debian has no documentation of.

Their sources stand in `sites`: `pages` are shared, the folder of each generator has its versions, its settings and
what only it can do. A site is built anew when a source changes.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.extraction.corpora import Corpus
from bench.extraction.dialects import Dialect, to_docusaurus, to_material, to_nextra, to_starlight, to_vitepress

SITES = Path(__file__).parent / "sites"
_QUIET = {
    "ASTRO_TELEMETRY_DISABLED": "1",
    "DO_NOT_TRACK": "1",
    "NO_UPDATE_NOTIFIER": "1",
    "NEXT_TELEMETRY_DISABLED": "1",
    "CI": "1",
}
_BUILD_SECONDS = 900


@dataclass(frozen=True)
class Recipe:
    """How a site is built.

    `lay` copies the sources into a work folder, `install` are the commands that fetch the generator, run where only
    `pins` is, `build` those that build; `{tools}` is the folder of the installed generator, `output` where the pages
    then are.
    """

    name: str
    pins: str
    lay: Callable[[Path], None]
    install: tuple[str, ...]
    build: tuple[str, ...]
    output: str


def build_site(recipe: Recipe, cache: Path) -> Path:
    """Gives the folder of a built site; built at the first call, kept for the next.

    Raises:
        LookupError: A command failed.
    """
    target = cache / "built" / f"{recipe.name}-{_fingerprint(recipe)}"
    if target.exists():
        return target
    tools = _installed(recipe, cache / "generators")
    work = tools / "work"
    shutil.rmtree(work, ignore_errors=True)
    recipe.lay(work)
    for command in recipe.build:
        _run(command.format(tools=tools, python=sys.executable), work)
    target.parent.mkdir(parents=True, exist_ok=True)
    for outdated in target.parent.glob(f"{recipe.name}-*"):
        shutil.rmtree(outdated)
    (work / recipe.output).rename(target)
    return target


def _installed(recipe: Recipe, folder: Path) -> Path:
    pins = (SITES / recipe.pins).read_bytes()
    key = hashlib.sha256(pins + "".join(recipe.install).encode()).hexdigest()[:12]
    tools = folder / f"{recipe.pins.partition('/')[0]}-{key}"
    done = tools / "installed"
    if not done.exists():
        shutil.rmtree(tools, ignore_errors=True)
        tools.mkdir(parents=True)
        (tools / Path(recipe.pins).name).write_bytes(pins)
        for command in recipe.install:
            _run(command.format(python=sys.executable), tools)
        done.touch()
    return tools


def _fingerprint(recipe: Recipe) -> str:
    """Gives a hash of everything a site is made of, the same for every copy of it."""
    digest = hashlib.sha256(repr((recipe.install, recipe.build)).encode())
    folders = [SITES / name for name in ("pages", "sphinx/halyard", recipe.pins.partition("/")[0])]
    sources = [path for folder in folders for path in folder.rglob("*") if "__pycache__" not in path.parts]
    for path in [*sorted(sources), Path(__file__).with_name("dialects.py")]:
        if path.is_file():
            digest.update(path.relative_to(SITES.parent).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _run(command: str, folder: Path) -> None:
    environment = {**os.environ, **_QUIET}
    try:
        done = subprocess.run(
            command.split(),
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_BUILD_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LookupError(f"{command}: {error}") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-5:]
        raise LookupError(f"{command} failed: {' '.join(last)}")


def _lay(site: str, folders: dict[str, str], dialect: Dialect, ending: str) -> Callable[[Path], None]:
    """Gives a function that copies a site and the shared pages, those of a language below its own folder."""

    def lay(work: Path) -> None:
        shutil.copytree(SITES / site, work)
        for source in sorted((SITES / "pages").rglob("*.md")):
            path = source.relative_to(SITES / "pages")
            top, rest = (path.parts[0], path.relative_to(path.parts[0])) if path.parts[0] in folders else ("", path)
            target = (work / folders[top] / rest).with_suffix(ending)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(dialect(source.read_text()))

    return lay


def _lay_sphinx(work: Path) -> None:
    shutil.copytree(SITES / "sphinx", work, ignore=shutil.ignore_patterns("__pycache__"))


def _lay_material(work: Path) -> None:
    """Lays the site beside the Python package its reference is made from."""
    _lay("material", {"": "docs"}, to_material, ".md")(work / "material")
    shutil.copytree(SITES / "sphinx" / "halyard", work / "sphinx" / "halyard")


_PIP = (
    "{python} -m venv venv",
    "venv/bin/python -m pip install -q --disable-pip-version-check -r requirements.txt",
)
_NPM = ("npm install --no-fund --no-audit --no-update-notifier",)


def _sphinx(theme: str) -> Recipe:
    build = f"{{tools}}/venv/bin/python -m sphinx -q -d _doctrees -D html_theme={theme} . _build/html"
    return Recipe(theme, "sphinx/requirements.txt", _lay_sphinx, _PIP, (build,), "_build/html")


_DOCUSAURUS_FOLDERS = {"": "docs", "de": "i18n/de/docusaurus-plugin-content-docs/current"}
_STARLIGHT_FOLDERS = {"": "src/content/docs", "de": "src/content/docs/de"}
_NODE = "node {tools}/node_modules"

RECIPES: tuple[Recipe, ...] = (
    Recipe(
        "docusaurus",
        "docusaurus/package.json",
        _lay("docusaurus", _DOCUSAURUS_FOLDERS, to_docusaurus, ".mdx"),
        _NPM,
        (
            f"{_NODE}/@docusaurus/core/bin/docusaurus.mjs docs:version 1.0",
            f"{_NODE}/@docusaurus/core/bin/docusaurus.mjs build",
        ),
        "build",
    ),
    Recipe(
        "vitepress",
        "vitepress/package.json",
        _lay("vitepress", {"": ".", "de": "de"}, to_vitepress, ".md"),
        _NPM,
        (f"{_NODE}/vitepress/bin/vitepress.js build",),
        ".vitepress/dist",
    ),
    Recipe(
        "starlight",
        "starlight/package.json",
        _lay("starlight", _STARLIGHT_FOLDERS, to_starlight, ".mdx"),
        _NPM,
        (f"{_NODE}/astro/astro.js build",),
        "dist",
    ),
    Recipe(
        "nextra",
        "nextra/package.json",
        _lay("nextra", {"": "content", "de": "content/de"}, to_nextra, ".mdx"),
        _NPM,
        (f"{_NODE}/next/dist/bin/next build",),
        "out",
    ),
    Recipe(
        "material",
        "material/requirements.txt",
        _lay_material,
        _PIP,
        ("{tools}/venv/bin/python -m mkdocs build -q -f material/mkdocs.yml -d ../site",),
        "site",
    ),
    _sphinx("furo"),
    _sphinx("pydata_sphinx_theme"),
    _sphinx("sphinx_rtd_theme"),
)


def _corpus(recipe: Recipe, generator: str, excluded: str = "") -> Corpus:
    def obtain(cache: Path) -> Path:
        return build_site(recipe, cache)

    pattern = rf"(^|/)(genindex(-.*)?|search|py-modindex|404)\.html$|_modules/{excluded}"
    return Corpus(f"built-{generator}", generator, f"built here, {recipe.pins}", obtain, excluded=pattern)


_GENERATORS = ("docusaurus", "vitepress", "starlight", "nextra", "material", "furo", "pydata", "sphinx-rtd")
BUILT: tuple[Corpus, ...] = tuple(map(_corpus, RECIPES, _GENERATORS))
