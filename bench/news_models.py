"""Learned tags, bad news with its subject and tones beside TF-IDF with a linear SVM, in one run.

    python bench/news_models.py tags|sentiment|entity-sentiment TRAIN.jsonl TEST.jsonl [--limit N]

Files as for `foreland eval`. Prints one JSON object: the figures of each engine, seconds of
training, and the median milliseconds of one text alone. The SVM sees characters 1 to 3 of the
text; for subjects and tones, of the 30 characters before and behind the entity as well.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from news.article import Sentiment
from news.classify import TextClassifier
from news.classify_decision import label_matrix, micro_f1
from news.learned_sentiment import (
    Judgement,
    NegativeNewsModel,
    NegativeRow,
    Subject,
    score_judgements,
)
from news.learned_tone import EntityToneModel, ToneRow, score_tones
from ui.cli.labelled import EntityToneRow, NegativeNewsRow, TaggedRow, read_jsonl

Figures = dict[str, float]
_WINDOW = 30
_ALONE = 200


def svm() -> object:
    """The peer over pairs (text, window)."""
    views = [
        make_pipeline(
            FunctionTransformer(lambda pairs, n=n: [pair[n] for pair in pairs]),
            TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2),
        )
        for n in (0, 1)
    ]
    return make_pipeline(make_union(*views), LinearSVC(random_state=0))


def window(text: str, entity: str) -> tuple[str, str]:
    """A text and what stands around the first mention of an entity."""
    place = max(text.find(entity), 0)
    return text, text[max(0, place - _WINDOW) : place + len(entity) + _WINDOW]


def timed(judge: Callable[[int], object], rows: int) -> float:
    """Median milliseconds of one row alone."""
    times = []
    for row in range(min(rows, _ALONE)):
        began = time.perf_counter()
        judge(row)
        times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 3)


def tags(train: Sequence[TaggedRow], test: Sequence[TaggedRow]) -> dict[str, Figures]:
    """Micro-F1 of label decisions."""
    names = sorted({tag for row in (*train, *test) for tag in row.tags})
    gold = label_matrix([row.tags for row in test], names)
    began = time.perf_counter()
    model = TextClassifier.fit([row.text for row in train], [row.tags for row in train])
    seconds = time.perf_counter() - began
    found = label_matrix(model.predict([row.text for row in test]), names)
    ours = {"micro_f1": micro_f1(found, gold), "train_s": seconds}
    ours["median_ms"] = timed(lambda n: model.judge([test[n].text]), len(test))
    began = time.perf_counter()
    terms = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2)
    seen, asked = terms.fit_transform([r.text for r in train]), [r.text for r in test]
    truth = label_matrix([row.tags for row in train], names)
    columns = [
        LinearSVC(random_state=0).fit(seen, truth[:, j]) if truth[:, j].any() else None
        for j in range(len(names))
    ]
    seconds = time.perf_counter() - began

    def peer(texts: Sequence[str]) -> np.ndarray:
        features = terms.transform(texts)
        none = np.zeros(len(texts), np.bool_)
        return np.stack([none if c is None else c.predict(features) for c in columns], axis=1)

    theirs = {"micro_f1": micro_f1(peer(asked), gold), "train_s": seconds}
    theirs["median_ms"] = timed(lambda n: peer([asked[n]]), len(test))
    return {"foreland": ours, "tfidf_svm": theirs}


def sentiment(
    train: Sequence[NegativeNewsRow], test: Sequence[NegativeNewsRow]
) -> dict[str, Figures]:
    """F1 of bad news and of its subjects."""
    rows, asked = (
        [NegativeRow(r.title, r.text, r.entities, r.negative, r.subjects) for r in part]
        for part in (train, test)
    )
    began = time.perf_counter()
    model = NegativeNewsModel.fit(rows)
    seconds = time.perf_counter() - began
    found = [model.judge(row.title, row.text, row.entities) for row in asked]
    ours = _negative(asked, found, seconds)
    ours["median_ms"] = timed(
        lambda n: model.judge(asked[n].title, asked[n].text, asked[n].entities), len(asked)
    )
    began = time.perf_counter()
    whole = svm().fit([(r.text, r.title) for r in rows], [r.negative for r in rows])
    pairs = [(r, e) for r in rows if r.negative for e in r.entities]
    about = svm().fit([window(r.text, e) for r, e in pairs], [e in r.subjects for r, e in pairs])
    seconds = time.perf_counter() - began

    def peer(row: NegativeRow) -> Judgement:
        if not whole.predict([(row.text, row.title)])[0]:
            return Judgement(False, 0.0)
        chosen = about.predict([window(row.text, e) for e in row.entities]) if row.entities else ()
        named = zip(row.entities, chosen, strict=True)
        return Judgement(True, 1.0, tuple(Subject(e, 1.0) for e, is_subject in named if is_subject))

    theirs = _negative(asked, [peer(row) for row in asked], seconds)
    theirs["median_ms"] = timed(lambda n: peer(asked[n]), len(asked))
    return {"foreland": ours, "tfidf_svm": theirs}


def _negative(rows: Sequence[NegativeRow], found: Sequence[Judgement], seconds: float) -> Figures:
    scores = score_judgements(rows, found)
    return {
        "negative_f1": scores.negative_f1,
        "subject_f1": scores.subject_f1,
        "train_s": seconds,
    }


def tones(train: Sequence[EntityToneRow], test: Sequence[EntityToneRow]) -> dict[str, Figures]:
    """Accuracy of tones towards entities."""
    rows = [ToneRow(r.text, r.entity, r.sentiment) for r in train]
    truth = [row.sentiment for row in test]
    began = time.perf_counter()
    model = EntityToneModel.fit(rows)
    seconds = time.perf_counter() - began
    found = [model.tones(row.text, [row.entity])[0].sentiment for row in test]
    ours = _tones(truth, found, seconds)
    ours["median_ms"] = timed(lambda n: model.tones(test[n].text, [test[n].entity]), len(test))
    began = time.perf_counter()
    peer = svm().fit([window(r.text, r.entity) for r in rows], [str(r.sentiment) for r in rows])
    seconds = time.perf_counter() - began
    told = peer.predict([window(row.text, row.entity) for row in test])
    theirs = _tones(truth, [Sentiment(name) for name in told], seconds)
    theirs["median_ms"] = timed(
        lambda n: peer.predict([window(test[n].text, test[n].entity)]), len(test)
    )
    return {"foreland": ours, "tfidf_svm": theirs}


def _tones(truth: Sequence[Sentiment], found: Sequence[Sentiment], seconds: float) -> Figures:
    scores = score_tones(truth, found)
    return {"accuracy": scores.accuracy, "macro_f1": scores.macro_f1, "train_s": seconds}


_KINDS = {
    "tags": (TaggedRow, tags),
    "sentiment": (NegativeNewsRow, sentiment),
    "entity-sentiment": (EntityToneRow, tones),
}


def main() -> None:
    """Measure both and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=_KINDS)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--limit", type=int)
    given = parser.parse_args()
    form, measure = _KINDS[given.kind]
    train = read_jsonl(given.train, form, limit=given.limit)
    test = read_jsonl(given.test, form, limit=given.limit)
    found = {
        engine: {name: round(value, 4) for name, value in figures.items()}
        for engine, figures in measure(train, test).items()
    }
    print(json.dumps({"examples": len(train), "rows": len(test), "engines": found}))


if __name__ == "__main__":
    main()
