"""Learned events and relations beside TF-IDF with a linear SVM, in the same run.

    python bench/news_events.py events TRAIN.jsonl TEST.jsonl [--limit 500]
    python bench/news_events.py relations TRAIN.jsonl TEST.jsonl [--limit 500]

events: text, event_type, subject; relations: head, tail, relation, text. Prints one JSON object:
the figures of `foreland eval …` for ours; for the peer the same type accuracy, subjects by the name
in front of the first bracketed code, else the earliest subject known from training; relations from
the text, and from the words between the two names. Seconds are those of training and answering.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from news.ambiguity import NameRules
from news.comparable import comparable
from news.event_model import NONE_TYPES, EventExample
from news.event_scores import evaluate_events
from news.name_candidates import written_forms
from news.relation_model import RelationExample, micro_f1
from news.relation_scores import evaluate_relations
from news.securities import SecuritiesMaster
from ui.cli.evaluate_events import read_events, read_relations

DATA = Path(__file__).resolve().parents[1] / "data"
_CODED = re.compile(r"([*A-Z\u4e00-\u9fff]{2,6}?)\(\d{6}\)")


def svm(texts: Sequence[str], labels: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Characters 1 to 3 into a linear SVM."""
    terms = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    model = make_pipeline(terms, LinearSVC(random_state=0)).fit(texts, labels)
    return [str(label) for label in model.predict(asked)]


def peer_events(train: Sequence[EventExample], test: Sequence[EventExample]) -> dict[str, float]:
    """Types by the SVM, subjects by the plainest rule."""
    kinds = svm([e.text for e in train], [e.event_type for e in train], [e.text for e in test])
    known = sorted({e.subject for e in train if e.subject}, key=len, reverse=True)
    gold, found = set(), set()
    for example, kind in zip(test, kinds, strict=True):
        if example.subject:
            gold.add((example.text, comparable(example.subject)))
        if kind not in NONE_TYPES and (name := _plain_subject(example.text, known)):
            found.add((example.text, comparable(name)))
    right = sum(a == e.event_type for a, e in zip(kinds, test, strict=True))
    return {
        "type_accuracy": round(right / len(test), 4),
        "subject_f1": round(2 * len(gold & found) / (len(gold) + len(found)), 4),
    }


def _plain_subject(text: str, known: Sequence[str]) -> str | None:
    coded = _CODED.search(comparable(text))
    if coded:
        return coded[1]
    places = [(text.find(name), -len(name), name) for name in known if name in text]
    return min(places)[2] if places else None


def peer_relations(
    train: Sequence[RelationExample], test: Sequence[RelationExample]
) -> dict[str, float]:
    """The SVM on the marked text, and on the words between the names."""
    truth = [e.relation for e in test]
    views: dict[str, Callable[[RelationExample], str]] = {"text": _marked, "between": _between}
    return {
        name: round(
            micro_f1(
                truth,
                svm([view(e) for e in train], [e.relation for e in train], [view(e) for e in test]),
            ),
            4,
        )
        for name, view in views.items()
    }


def _marked(example: RelationExample) -> str:
    return example.text.replace(example.head, "H").replace(example.tail, "T")


def _between(example: RelationExample) -> str:
    found = re.search(r"H.*?T|T.*?H", _marked(example), re.DOTALL)
    return f"{_marked(example)} {found.group() * 3 if found else ''}"


def main() -> None:
    """Both engines on the same rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("events", "relations"))
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--limit", type=int)
    asked = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    if asked.what == "events":
        rows, held = read_events(asked.train), read_events(asked.test, asked.limit)
        master = SecuritiesMaster.load(DATA / "securities.tsv")
        rules = NameRules.load(DATA / "lexicons" / "ambiguous_names.yaml")
        names = tuple(written_forms(master, rules))
        results["foreland"] = _timed(lambda: asdict(evaluate_events(rows, held, names)))
        results["tfidf_svm"] = _timed(lambda: peer_events(rows, held))
    else:
        pairs, others = read_relations(asked.train), read_relations(asked.test, asked.limit)
        results["foreland"] = _timed(lambda: asdict(evaluate_relations(pairs, others)))
        results["tfidf_svm"] = _timed(lambda: peer_relations(pairs, others))
    print(json.dumps(results))


def _timed(measure: Callable[[], dict[str, float]]) -> dict[str, float]:
    began = time.perf_counter()
    return {**measure(), "seconds": round(time.perf_counter() - began, 1)}


if __name__ == "__main__":
    main()
