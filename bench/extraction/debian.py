"""Documentation packages of Debian, fetched and unpacked without being installed."""

import subprocess
from pathlib import Path

from bench.extraction.corpora import Corpus


def unpack_package(package: str, cache: Path) -> Path:
    """Gives the folder into which a package is unpacked; fetched at the first call, kept for the next.

    Raises:
        LookupError: This machine cannot get it.
    """
    target = cache / "debian" / package
    if not target.exists():
        archive = _archive(package, cache / "packages")
        unfinished = target.with_name(f"{package}.part")
        unfinished.mkdir(parents=True, exist_ok=True)
        _run("dpkg-deb", "-x", str(archive), str(unfinished))
        unfinished.rename(target)
    return target


def _archive(package: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob(f"{package}_*.deb")):
        if not _is_known(package):
            _run("apt-get", "update", "-qq")
        _run("apt-get", "download", "-qq", package, folder=folder)
    return next(folder.glob(f"{package}_*.deb"))


def _is_known(package: str) -> bool:
    try:
        return bool(_run("apt-cache", "show", "--no-all-versions", package))
    except LookupError:
        return False


def _run(*command: str, folder: Path | None = None) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LookupError(f"{command[0]}: {error}") from error
    if done.returncode:
        raise LookupError(f"{' '.join(command[:2])}: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout


def _corpus(
    package: str, generator: str, folder: str, *, name: str = "", held_out: bool = False, **more: str
) -> Corpus:
    def obtain(cache: Path) -> Path:
        return unpack_package(package, cache)

    folder = f"usr/share/{folder}"
    return Corpus(name or package, generator, f"Debian package {package}", obtain, folder, is_held_out=held_out, **more)


_JAVADOC_LISTS = (
    r"(^|/)(class-use|src-html|index-files)/|(^|/)(package-tree|package-use|overview-tree|all[\w-]+|index-all|search"
    r"|constant-values|deprecated-list|serialized-form|help-doc|index|overview-frame|package-frame)\.html$"
)
_NO_BOOK = (
    r"^(?!(book|reference|nomicon|rust-by-example|edition-guide|embedded-book|rustc|rustdoc|unstable-book)/)"
    r"|(^|/)(print|toc)\.html$"
)
_DOXYGEN_LISTS = (
    r"_source\.html$|-members\.html$"
    r"|(^|/)(search|graph_legend|functions[\w]*|globals[\w]*|dir_[0-9a-f]+)(/.*|\.html)$"
)
_HADDOCK_LISTS = r"(^|/)doc-index[\w-]*\.html$"

DEBIAN: tuple[Corpus, ...] = (
    _corpus("python3.11-doc", "sphinx", "doc/python3.11/html"),
    _corpus("python-django-doc", "sphinx", "doc/python-django-doc/html"),
    _corpus("postgresql-doc-15", "docbook", "doc/postgresql-doc-15/html", excluded=r"(^|/)bookindex\.html$"),
    _corpus("mypy-doc", "sphinx", "doc/mypy/html"),
    _corpus("python-flask-doc", "sphinx", "doc/python-flask-doc/html"),
    _corpus("python-typer-doc", "mkdocs", "doc/python-typer-doc/html"),
    _corpus("mkdocs-doc", "mkdocs", "doc/mkdocs/html", excluded=r"(^|/)(404|search)\.html$"),
    _corpus("mkdocs-literate-nav-doc", "mkdocs-material", "doc/mkdocs-literate-nav-doc/html"),
    _corpus("rust-doc", "rust", "doc/rust-doc/html", excluded=r"^src/|^settings\.html$|(^|/)(print|toc)\.html$"),
    _corpus("rust-doc", "rust", "doc/rust-doc/html", name="rust-doc, std", pattern="std/**/*.html"),
    _corpus("rust-doc", "rust", "doc/rust-doc/html", name="rust-doc, books", excluded=_NO_BOOK),
    _corpus("openjdk-17-doc", "javadoc", "doc/openjdk-17-jre-headless/api", excluded=_JAVADOC_LISTS),
    _corpus("libeigen3-doc", "doxygen", "doc/libeigen3-dev/html", excluded=_DOXYGEN_LISTS),
    _corpus("git-doc", "asciidoc", "doc/git-doc"),
    _corpus("libgtk-4-doc", "gi-docgen", "doc/libgtk-4-doc"),
    _corpus("apache2-doc", "apache", "doc/apache2-doc/manual/en"),
    _corpus("asciidoctor-doc", "rdoc", "doc/asciidoctor-doc/html", excluded=r"(^|/)table_of_contents\.html$"),
    _corpus("yard-doc", "yard", "doc/yard/doc", excluded=r"(^|/)(_index|\w+_list|frames)\.html$"),
    _corpus("libglib2.0-doc", "gtk-doc", "gtk-doc/html", excluded=r"(^|/)(api-index-[\w.-]+|ix\d+|object-tree)\.html$"),
    _corpus("nodejs-doc", "node", "doc/nodejs/api", excluded=r"(^|/)all\.html$"),
    _corpus("python-sqlalchemy-doc", "sphinx", "doc/python-sqlalchemy-doc/html"),
    _corpus("libghc-aeson-doc", "haddock", "doc/libghc-aeson-doc/html", excluded=_HADDOCK_LISTS),
    _corpus("libjsonm-ocaml-doc", "ocamldoc", "doc/libjsonm-ocaml-doc/html/api", excluded=r"(^|/)index(_\w+)?\.html$"),
    _corpus("nim-doc", "nim", "doc/nim/html", excluded=r"(^|/)theindex\.html$"),
    _corpus("junit4-doc", "javadoc", "doc/junit4/api", excluded=_JAVADOC_LISTS),
    _corpus("libcommons-lang3-java-doc", "javadoc", "doc/libcommons-lang3-java/api", excluded=_JAVADOC_LISTS),
    _corpus("sqlite3-doc", "sqlite", "doc/sqlite3"),
    _corpus("cmake-doc", "sphinx", "doc/cmake-data/html", held_out=True),
    _corpus("python-black-doc", "sphinx", "doc/python-black-doc/html", held_out=True),
    _corpus("python-gevent-doc", "sphinx", "doc/python-gevent-doc/html", held_out=True),
    _corpus("python-attr-doc", "sphinx", "doc/python-attr-doc/html", held_out=True),
    _corpus("python-requests-doc", "sphinx", "doc/python-requests-doc/html", held_out=True),
    _corpus("libghc-lens-doc", "haddock", "doc/libghc-lens-doc/html", held_out=True, excluded=_HADDOCK_LISTS),
    _corpus("libsoup-3.0-doc", "gi-docgen", "doc/libsoup-3.0", held_out=True),
)
