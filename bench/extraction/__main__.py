"""`make bench-crawl`: how well pages are read, measured against truth, and how fast.

Fetches the sets it does not have yet, writes the section of `docs/benchmarks.md`, and says which sets it could not get.
"""

import json
import sys
from dataclasses import asdict, dataclass

from bench import report
from bench.extraction.built_sites import BUILT
from bench.extraction.comparison import Tally
from bench.extraction.corpora import Corpus, cache_folder
from bench.extraction.debian import DEBIAN
from bench.extraction.measurement import PageResult, count_twins, measure_corpus, page_address
from bench.extraction.pace import Pace, measure_pace
from bench.extraction.settings import ExtractionSettings
from core.memory import collect_rarely

COMMAND = "make bench-crawl"


@dataclass
class Measured:
    """What came of one set."""

    corpus: Corpus
    results: list[PageResult]
    twins: int
    lost_twins: int

    @property
    def tally(self) -> Tally:
        """The counts over all pages."""
        return sum((result.tally for result in self.results), Tally())


def main() -> None:
    """Measures all sets that can be had."""
    collect_rarely()  # as the product's processes of extraction do
    settings = ExtractionSettings()
    wanted = settings.sets.split()
    corpora = [corpus for corpus in (*DEBIAN, *BUILT) if not wanted or corpus.name in wanted]
    measured, missing = _measure(corpora, settings.pages)
    pace = _pace([item.corpus for item in measured if not item.corpus.is_held_out], settings.pace_pages)
    if settings.json_file is not None:
        settings.json_file.write_text(json.dumps(_facts(measured, missing, pace), indent=1))
    if not wanted:
        report.write_section("extraction", _section(measured, missing, pace, settings.pages))
    if not measured:
        sys.exit("None of the sets could be had.")


def _measure(corpora: list[Corpus], count: int) -> tuple[list[Measured], dict[str, str]]:
    measured: list[Measured] = []
    missing: dict[str, str] = {}
    print("set | " + " | ".join(_COLUMNS))
    for corpus in corpora:
        try:
            item = Measured(corpus, measure_corpus(corpus, cache_folder(), count), *count_twins(corpus, cache_folder()))
        except LookupError as error:
            missing[corpus.name] = str(error)
            print(f"{corpus.name} could not be had: {error}")
            continue
        measured.append(item)
        print(" | ".join([corpus.name, *_figures(item.tally)]), flush=True)
    return measured, missing


def _pace(corpora: list[Corpus], pages: int) -> Pace:
    share = max(pages // max(len(corpora), 1), 1)
    samples = (
        (page_address(corpus.name, path), body)
        for corpus in corpora
        for path, body in corpus.sample(cache_folder(), share)
    )
    pace = measure_pace(samples)
    print(_pace_text(pace))
    return pace


_COLUMNS = (
    "pages",
    "code exact",
    "language",
    "headings",
    "tables",
    "anchors valid",
    "anchors kept",
    "fences balanced",
    "recall",
    "precision",
    "pages < .5",
)
_ABOUT = """
Each page goes the way of every crawled page: bytes, `extract_page`, `chunk_page`. What should come of it is computed
from the same page by another path: html5lib through BeautifulSoup and rules written by hand for each generator
(`bench/extraction/truths`), which share no code with the product. Given are found / expected.

* **code exact**: the text of a code block is that of the page to the character, but for blank lines around it and
  spaces at the ends of lines; **language**: of those for which the page names one.
* **headings**: level and text; for the heading of a member a signature of that name counts.
* **tables**: the texts of all cells, in the right rows; layout tables are none.
* **anchors valid**: ids of blocks and chunks that exist in the page. **anchors kept**: of the headings to which an id
  of the page leads, those that have such an id. **fences balanced**: chunks.
* **recall**, **precision**: of the main content's 4-word shingles, code included, mean over pages; and the number of
  pages with a recall below one half.
"""


def _section(measured: list[Measured], missing: dict[str, str], pace: Pace, pages: int) -> str:
    seen = [item for item in measured if not item.corpus.is_held_out]
    held_out = [item for item in measured if item.corpus.is_held_out]
    parts = [
        report.circumstances(COMMAND),
        _ABOUT.strip(),
        f"Up to {pages} pages of each set, spread by a hash of their paths.",
        _table(seen, "all"),
        "Held out: nobody looked at what we make of these while the extraction was mended.",
        _table(held_out, "all held out"),
        _twins_text(measured),
        _pace_text(pace),
    ]
    if missing:
        parts.append("Could not be had: " + "; ".join(f"{name} ({reason})" for name, reason in missing.items()) + ".")
    return "\n\n".join(parts)


def _table(measured: list[Measured], total: str) -> str:
    rows = [(item.corpus.name, *_figures(item.tally)) for item in measured]
    whole = sum((item.tally for item in measured), Tally())
    return report.table(("set", *_COLUMNS), [*rows, (f"**{total}**", *_figures(whole))])


def _figures(tally: Tally) -> tuple[str, ...]:
    return (
        str(tally.pages),
        _share(tally.code_found, tally.code),
        _share(tally.named_found, tally.named),
        _share(tally.headings_found, tally.headings),
        _share(tally.tables_found, tally.tables),
        _share(tally.anchors_found, tally.anchors),
        _share(tally.leading_found, tally.leading),
        _share(tally.chunks_balanced, tally.chunks),
        f"{tally.recall / max(tally.pages, 1):.4f}",
        f"{tally.precision / max(tally.pages, 1):.4f}",
        str(tally.below_half),
    )


def _share(found: int, expected: int) -> str:
    # Rounded down: 100 % is said only where nothing is missing.
    return f"{found * 1000 // expected / 10:.1f} % ({found}/{expected})" if expected else "none"


def _twins_text(measured: list[Measured]) -> str:
    twins, lost = sum(item.twins for item in measured), sum(item.lost_twins for item in measured)
    return f"{twins} pages differ from another one by the case of letters only; {lost} of them lose their own address."


def _pace_text(pace: Pace) -> str:
    mib = pace.size_bytes / 2**20
    extracted, chunked = pace.pages / pace.extracting, pace.pages / pace.chunking
    return (
        f"Pace on one core, over {pace.pages} pages ({mib:.1f} MiB), as many of each set but the held-out ones: "
        f"{extracted:.0f} pages/s ({mib / pace.extracting:.1f} MiB/s) from bytes to blocks, metadata and links; "
        f"{chunked:.0f} pages/s from blocks to {pace.chunks} chunks."
    )


def _facts(measured: list[Measured], missing: dict[str, str], pace: Pace) -> dict[str, object]:
    sets = {
        item.corpus.name: {
            "generator": item.corpus.generator,
            "held_out": item.corpus.is_held_out,
            "twins": item.twins,
            "lost_twins": item.lost_twins,
            "tally": asdict(item.tally),
            "differences": {result.path: asdict(result.differences) for result in item.results},
        }
        for item in measured
    }
    return {"sets": sets, "missing": missing, "pace": asdict(pace)}


if __name__ == "__main__":
    main()
