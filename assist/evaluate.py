"""Measuring the assistant's parts on labelled files of one's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assist.encode import Encoder
from assist.errors import KnowledgeError
from assist.features import EntryFeatures
from assist.fit import fit_order
from assist.knowledge import FaqEntry
from assist.labelled import read_table
from assist.lexical import Tokeniser
from assist.matcher import Lexicons
from assist.rank import FACTORY
from assist.retrieve import CandidateFinder, FaqRetriever
from assist.similarity import LexicalSimilarity, hybrid_scores
from assist.training_pairs import label_problem

Say = Callable[[str], None]
_TOP_K = 50


@dataclass(frozen=True, slots=True)
class FaqScores:
    """Shares of queries whose entry comes first, among three; mean reciprocal rank (of 50).

    p50_ms, p99_ms: milliseconds for one query, understanding included.
    """

    top1: float
    top3: float
    mrr: float
    n: int
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class SimilarityScores:
    """Spearman's rank correlation (ties averaged) and area under the ROC curve.

    `auc` takes labels above the middle of their range as alike; None where all are on one side.
    """

    spearman: float
    auc: float | None
    n: int


def evaluate_faq(
    kb: Path,
    queries: Path,
    *,
    encoder: Encoder | None = None,
    lexicons: Lexicons | None = None,
    limit: int | None = None,
    timer: Callable[[], float] = time.perf_counter,
    say: Say = lambda line: None,
) -> FaqScores:
    """Look every query up in the knowledge base; `limit` cuts the queries."""
    entries = entries_of(read_table(kb, ("entry_id", "question"), say=say).rows)
    asked = read_table(queries, ("text", "entry_id"), limit=limit, say=say).rows
    retriever = bare_retriever(entries, lexicons or Lexicons.empty(), encoder, say)
    ranks: list[int] = []
    durations: list[float] = []
    retriever.retrieve(asked[0][0], _TOP_K)  # the first call opens the index
    for text, entry_id in asked:
        begun = timer()
        passages = retriever.retrieve(text, _TOP_K)
        durations.append((timer() - begun) * 1000)
        found = [passage.entry_id for passage in passages]
        ranks.append(found.index(entry_id) + 1 if entry_id in found else 0)
    place = np.array(ranks)
    hit = place > 0
    return FaqScores(
        top1=_share(place == 1),
        top3=_share(hit & (place <= 3)),
        mrr=round(float(np.mean(np.where(hit, 1 / np.maximum(place, 1), 0.0))), 4),
        n=len(asked),
        p50_ms=round(float(np.percentile(durations, 50)), 3),
        p99_ms=round(float(np.percentile(durations, 99)), 3),
    )


def evaluate_similarity(
    path: Path,
    *,
    encoder: Encoder | None = None,
    limit: int | None = None,
    say: Say = lambda line: None,
) -> SimilarityScores:
    """Score every pair and compare with the labels, which may be 0 and 1 or degrees."""
    from scipy.stats import spearmanr
    from sklearn.metrics import roc_auc_score

    rows = read_table(
        path, ("text_a", "text_b", "label"), limit=limit, say=say, check=label_problem
    ).rows
    pairs = [(a, b) for a, b, _ in rows]
    labels = np.array([float(label) for _, _, label in rows])
    lexical = LexicalSimilarity(text for pair in pairs for text in pair)
    scores = lexical.scores(pairs) if encoder is None else hybrid_scores(pairs, lexical, encoder)
    if len(set(labels)) < 2:
        raise KnowledgeError(f"{path}: every label is {labels[0]:g}; two values or more are needed")
    alike = labels > (labels.min() + labels.max()) / 2
    return SimilarityScores(
        spearman=round(float(spearmanr(scores, labels).statistic), 4),
        auc=round(float(roc_auc_score(alike, scores)), 4),
        n=len(rows),
    )


def entries_of(rows: Sequence[tuple[str, ...]]) -> tuple[FaqEntry, ...]:
    """Entries without answers from (entry_id, question) rows; the first question is standard."""
    questions: dict[str, dict[str, None]] = {}
    for entry_id, question in rows:
        questions.setdefault(entry_id, {})[question] = None
    return tuple(
        FaqEntry(entry_id, next(iter(known)), tuple(known)[1:])
        for entry_id, known in questions.items()
    )


def bare_retriever(
    entries: tuple[FaqEntry, ...], lexicons: Lexicons, encoder: Encoder | None, say: Say
) -> FaqRetriever:
    """Retriever whose order is fitted to the base: without answers the factory's does not fit."""
    say(f"indexing {sum(len(entry.questions) for entry in entries)} questions")
    features = EntryFeatures(entries, Tokeniser(lexicons.synonyms), lexicons.opposites, encoder)
    return FaqRetriever(entries, features, fit_order(features, CandidateFinder(features), FACTORY))


def _share(hits: Sequence[bool] | NDArray[np.bool_]) -> float:
    return round(float(np.mean(hits)), 4)
