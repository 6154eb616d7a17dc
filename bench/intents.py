"""Intents beside TF-IDF with a linear SVM, in the same run.

    python bench/intents.py TRAIN.tsv TEST.tsv [--encoder FOLDER] [--limit 1000]

Both: text, intent (`oos` = out of scope). Prints one JSON object: for each engine the share of
in-scope rows with their intent (a rejected row counts as wrong), the share of out-of-scope rows
rejected, seconds of training, and the median milliseconds of one text alone. The SVM answers
always; with `oos` rows in the training file it knows `oos` as one more class.
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

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from assist.encode import Encoder, load_encoder
from assist.intents import OUT_OF_SCOPE, IntentClassifier
from assist.intents_examples import Example, read_examples

Guess = Callable[[Sequence[str]], Sequence[str]]
_ALONE = 200


def foreland(examples: Sequence[Example], encoder: Encoder | None) -> Guess:
    """Ours, with a threshold out of cross-validation."""
    classifier = IntentClassifier(encoder=encoder)
    classifier.fit([e.text for e in examples], [e.intent for e in examples])
    return lambda texts: [guess.label for guess in classifier.predict(texts)]


def tfidf_svm(examples: Sequence[Example], encoder: Encoder | None) -> Guess:
    """Words, pairs of words and pieces of characters into a linear SVM; never declines."""
    terms = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+"),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True),
    )
    model = make_pipeline(terms, LinearSVC(random_state=0))
    model.fit([e.text for e in examples], [e.intent for e in examples])
    return lambda texts: [str(label) for label in model.predict(list(texts))]


def measure(
    build: Callable[[Sequence[Example], Encoder | None], Guess],
    train: Sequence[Example],
    test: Sequence[Example],
    encoder: Encoder | None,
) -> dict[str, float | None]:
    """Figures of one engine."""
    began = time.perf_counter()
    guess = build(train, encoder)
    seconds = time.perf_counter() - began
    labels = guess([e.text for e in test])
    inside = [e.intent == got for e, got in zip(test, labels, strict=True) if _known(e)]
    outside = [got == OUT_OF_SCOPE for e, got in zip(test, labels, strict=True) if not _known(e)]
    alone = []
    for example in test[:_ALONE]:
        began = time.perf_counter()
        guess([example.text])
        alone.append((time.perf_counter() - began) * 1000)
    return {
        "accuracy": round(statistics.fmean(inside), 4) if inside else None,
        "oos_recall": round(statistics.fmean(outside), 4) if outside else None,
        "train_s": round(seconds, 2),
        "median_ms": round(statistics.median(alone), 3),
    }


def _known(example: Example) -> bool:
    return example.intent != OUT_OF_SCOPE


def main() -> None:
    """Measure both and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--limit", type=int)
    given = parser.parse_args()
    train, test = read_examples(given.train), read_examples(given.test, limit=given.limit)
    encoder = load_encoder(given.encoder) if given.encoder else None
    engines = {"foreland": foreland, "tfidf_svm": tfidf_svm}
    found = {name: measure(build, train, test, encoder) for name, build in engines.items()}
    print(json.dumps({"examples": len(train), "rows": len(test), "engines": found}))


if __name__ == "__main__":
    main()
