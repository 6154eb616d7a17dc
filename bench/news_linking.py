"""Linking names to listed companies beside plain dictionary look-up, in the same run.

    python bench/news_linking.py GOLD.jsonl

GOLD: text, entities [{code, start, end}] as for `foreland eval link`. The peer takes the longest
short, full or former name or code at each place, with no decision. Prints one JSON object with the
scores of both and the milliseconds that each takes for 300 characters.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ahocorasick_rs import AhoCorasick, MatchKind

from news.article import Mention
from news.article_linker import ArticleLinker
from news.link import EntityLinker
from news.link_scores import LinkTally
from news.securities import SecuritiesMaster
from ui.cli.evaluate_link import LinkedRow, gold_mention
from ui.cli.labelled import read_jsonl

DATA = Path(__file__).resolve().parents[1] / "data"
Find = Callable[[str], tuple[Mention, ...]]


def dictionary(master: SecuritiesMaster) -> Find:
    """Longest name or code, first bearer."""
    names: dict[str, str] = {}
    for s in master.securities:
        bare = s.short_name[:-1] if s.short_name[-1] in "AB" else s.short_name
        for name in (s.full_name, s.short_name, bare, *s.former_names, s.code):
            if len(name) > 2:
                names.setdefault(name, master.company_id(s))
    automaton = AhoCorasick(list(names), MatchKind.LeftmostLongest)
    companies = list(names.values())

    def find(text: str) -> tuple[Mention, ...]:
        return tuple(
            Mention(companies[which], text[start:end], start, end, "dictionary", 1.0)
            for which, start, end in automaton.find_matches_as_indexes(text)
        )

    return find


def measured(
    find: Find, rows: tuple[LinkedRow, ...], master: SecuritiesMaster
) -> dict[str, object]:
    """Scores and speed of one way of linking."""
    tally = LinkTally()
    find(rows[0].text)
    began = time.process_time()
    found = [find(row.text) for row in rows]
    seconds = time.process_time() - began
    for row, mentions in zip(rows, found, strict=True):
        companies = [m for m in mentions if m.entity_id.startswith("company:")]
        tally.add(row.text, [gold_mention(master, e) for e in row.entities], companies)
    characters = sum(len(row.text) for row in rows)
    return asdict(tally.scores()) | {"ms_per_300": round(seconds / characters * 300_000, 3)}


def main() -> None:
    """Measure both on one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path)
    gold = parser.parse_args().gold
    master = SecuritiesMaster.load(DATA / "securities.tsv")
    linker = EntityLinker(master, DATA / "lexicons" / "ambiguous_names.yaml")
    rows = read_jsonl(gold, LinkedRow, limit=None, warn=lambda line: print(line, file=sys.stderr))
    ways: dict[str, Find] = {
        "dictionary": dictionary(master),
        "companies": linker.link,
        "all_kinds": ArticleLinker(linker, DATA).link,
    }
    print(json.dumps({name: measured(find, rows, master) for name, find in ways.items()}, indent=1))


if __name__ == "__main__":
    main()
