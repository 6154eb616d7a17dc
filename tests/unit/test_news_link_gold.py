"""The linker against mentions that people labelled in real news, which stays outside the project.

`tests/data/link_gold.tsv` names places only: file, line, hash of the text, span, code. `whole`
and `none` rows are texts read from end to end; `ambiguous` rows are single spots. `dev` was read
while the linker was built, `held` only counted, `blind` labelled when it was done.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import xxhash

from news.link import EntityLinker
from news.link_scores import GoldMention, LinkScores, LinkTally
from news.securities import SecuritiesMaster

GOLD = Path(__file__).resolve().parents[1] / "data" / "link_gold.tsv"


@dataclass(slots=True)
class Labelled:
    """What is labelled in one text."""

    part: str
    is_whole: bool = False
    mentions: list[GoldMention] = field(default_factory=list)
    spots: list[GoldMention] = field(default_factory=list)


@pytest.fixture(scope="module")
def scores(shared: Path, data: Path) -> dict[str, LinkScores]:
    """Scores of `listed` and `ambiguous`, each for the half read in development and the other."""
    master = SecuritiesMaster.load(data / "securities.tsv")
    linker = EntityLinker(master, data / "lexicons" / "ambiguous_names.yaml")
    tallies: dict[str, LinkTally] = defaultdict(LinkTally)
    for text, gold in _texts(shared / "eval" / "news", master):
        found = linker.link(text)
        if gold.is_whole:
            tallies[f"listed {gold.part}"].add(text, gold.mentions, found)
        if gold.spots:
            tallies[f"ambiguous {gold.part}"].add_spots(text, gold.spots, found)
    return {name: tally.scores() for name, tally in tallies.items()}


def _texts(folder: Path, master: SecuritiesMaster) -> Iterator[tuple[str, Labelled]]:
    labels: dict[tuple[str, int, str], Labelled] = {}
    with GOLD.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            key = (row["file"], int(row["row"]), row["hash"])
            gold = labels.setdefault(key, Labelled(row["part"]))
            if row["kind"] in ("whole", "none"):
                gold.is_whole = True
                continue
            security = master.by_code(row["code"])
            company = master.company_id(security) if security else None
            span = (int(row["start"]), int(row["end"]))
            mention = GoldMention(company, *span, ignored=row["code"] == "?")
            (gold.spots if row["kind"] == "ambiguous" else gold.mentions).append(mention)
    files = {name: (folder / name).read_text("utf-8").splitlines() for name, *_ in labels}
    for (name, number, digest), gold in labels.items():
        entry = json.loads(files[name][number - 1])
        head = f"{entry['headline']}\n" if "headline" in entry else ""
        text = head + entry["text"]
        assert xxhash.xxh3_64_hexdigest(text.encode()) == digest, f"{name}:{number} has changed"
        yield text, gold


@pytest.mark.parametrize("part", ["dev", "held", "blind"])
def test_listed_names_are_found_and_right(scores: dict[str, LinkScores], part: str) -> None:
    """Of listed names in whole texts, 98 of 100 found are right and 95 of 100 are found."""
    score = scores[f"listed {part}"]
    assert score.mentions >= 200
    assert score.precision >= 0.98
    assert score.recall >= 0.95


@pytest.mark.parametrize("part", ["dev", "held"])
def test_ambiguous_words_are_linked_only_rightly(scores: dict[str, LinkScores], part: str) -> None:
    """Of ambiguous words that are linked, 95 of 100 are right; most that should be are."""
    score = scores[f"ambiguous {part}"]
    assert score.mentions + score.nil >= 70
    assert score.precision >= 0.95
    assert score.recall >= 0.8
    assert score.nil_accuracy is not None
    assert score.nil_accuracy >= 0.95
