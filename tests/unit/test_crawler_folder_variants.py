from pathlib import Path

from crawler.folder import Folder
from crawler.folder_variants import other_versions_among
from crawler.scope import PathFilter

ENGLISH = "The server reads the file and that is the reason which you will have with this setting. " * 5
GERMAN = "Der Server liest die Datei und das ist nicht der Grund. Die Datei wird auf einen Server kopiert. " * 5


def scanned(root: Path, language: str | None = None) -> tuple[set[str], dict[str, str], str | None]:
    """Gives what is kept, what is left out with the reason, and the language, by paths in the folder."""
    folder = Folder(root, PathFilter(), max_files=100, max_bytes=10_000, language=language)
    wanted, excluded = folder.scan()
    base = f"folder://{root.name}/"
    shown = {address.removeprefix(base): reason for address, reason in excluded.items()}
    return {address.removeprefix(base) for address in wanted}, shown, folder.language


def write(root: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = root / name.replace("__", "/").replace("_html", ".html").replace("_md", ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_translated_folders_are_told_by_what_their_pages_declare(tmp_path: Path) -> None:
    pages = {f"{tag}__{name}_html": f'<html lang="{tag}"><p>.' for tag in ("en", "de", "ja") for name in ("a", "b")}
    write(tmp_path, **pages, en__c_html='<html lang="en">', it__rooms_html='<html lang="en">')
    kept, excluded, language = scanned(tmp_path)
    assert kept == {"en/a.html", "en/b.html", "en/c.html", "it/rooms.html"}
    assert set(excluded.values()) == {"a translation (de)", "a translation (ja)"}
    assert language == "en"


def test_translated_markdown_is_told_by_what_it_says(tmp_path: Path) -> None:
    write(tmp_path, guide_md=ENGLISH, limits_md=ENGLISH, de__guide_md=GERMAN, is__guide_md=ENGLISH)
    kept, excluded, _ = scanned(tmp_path)
    assert kept == {"guide.md", "limits.md", "is/guide.md"}
    assert excluded == {"de/guide.md": "a translation (de)"}


def test_what_is_not_translated_is_kept_in_the_folders_own_language(tmp_path: Path) -> None:
    write(tmp_path, guide_md=ENGLISH, limits_md=ENGLISH, api_md=ENGLISH, de__guide_md=GERMAN)
    assert scanned(tmp_path, "de")[0] == {"de/guide.md", "limits.md", "api.md"}
    assert scanned(tmp_path, "any")[0] == {"de/guide.md", "guide.md", "limits.md", "api.md"}


def test_a_folder_without_translations_loses_nothing(tmp_path: Path) -> None:
    write(tmp_path, guide_md=GERMAN, api__index_md="x", go__index_md="y")
    assert scanned(tmp_path)[0] == {"guide.md", "api/index.md", "go/index.md"}


def test_released_documentation_beside_the_current_one_is_another_version() -> None:
    paths = ["docs/intro.md", "versioned_docs/version-1.0/intro.md"]
    assert other_versions_among(paths) == {paths[1]: "another version of the documentation (1.0)"}
    assert other_versions_among(paths[1:]) == {}
