"""Retrieval of entries as a Haystack pipeline: understand, find candidates, put them in order.

    understand ──► words ──► order
              └──► meaning ──┘          (only with an encoder)

Haystack is imported on first use (it takes two seconds); its pipeline costs about 0.3 ms a
question.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from assist.candidates import TermIndex
from assist.features import NAMES, EntryFeatures, Fit, Question
from assist.knowledge import FaqEntry
from assist.meaning import nearest_questions
from assist.rank import Ranker
from assist.terms import Ints

BY_QUESTION, BY_ENTRY, BY_MEANING = 60, 12, 20  # candidates from each source
# Of the entries found by their questions, in order, as many are weighed as have this many questions
# together, and no fewer than the first: entries with fifty wordings each are dear to weigh.
MOST_QUESTIONS, FEWEST_ENTRIES = 400, 10
# Terms that candidates are looked for with, the rarest ones: more of them cost time in large bases
# and find nothing new (on 60,000 questions 20 terms take a third of the time and the same entry
# comes first).
SOUGHT_TERMS = 20


@dataclass(frozen=True, slots=True)
class Passage:
    """An entry that may answer a question.

    `question` is the closest known wording; `score` orders passages of one question, higher fits
    better; `features` stand in the order of `features.NAMES`; `clash` marks an entry that
    contradicts the question (开通 against 关闭).
    """

    entry_id: str
    question: str
    score: float
    features: tuple[float, ...] = ()
    clash: bool = False

    def __deepcopy__(self, memo: object) -> Passage:
        return self


@dataclass(frozen=True, slots=True)
class Found:
    """A question as it was understood, with its passages, best first."""

    question: Question
    passages: tuple[Passage, ...]

    def __deepcopy__(self, memo: object) -> Found:
        # One object: a pipeline looks at every element of a tuple that it hands on, at 20 µs each.
        return self


class Retriever(Protocol):
    """Port of retrieval."""

    def retrieve(self, query: str, top_k: int) -> tuple[Passage, ...]:
        """At most `top_k` passages, best first; none where nothing is shared with the query."""


class CandidateFinder:
    """Entries worth a closer look, by words and, where there are vectors, by meaning."""

    def __init__(self, features: EntryFeatures) -> None:
        self._features = features
        self._entry_of = features.entry_of
        self._sizes = np.diff(features.first)
        self._questions = TermIndex(features.question_terms)
        # Where an entry is one question and no more, one index says all.
        alone = features.entry_terms.same_as(features.question_terms)
        self._entries = None if alone else TermIndex(features.entry_terms)

    def by_words(self, question: Question) -> Ints:
        """Entries of the best questions and the best whole entries by BM25, ascending."""
        terms = self._features.rarest(question, SOUGHT_TERMS)
        found = self._entry_of[self._questions.best(terms, BY_QUESTION)]
        first = np.sort(np.unique(found, return_index=True)[1])
        ranked = found[first]
        weight = np.cumsum(self._sizes[ranked])
        worth = ranked[(weight <= MOST_QUESTIONS) | (np.arange(len(ranked)) < FEWEST_ENTRIES)]
        if self._entries is None:
            return np.sort(worth)
        return np.union1d(worth, self._entries.best(terms, BY_ENTRY))

    def by_meaning(self, question: Question) -> Ints:
        """Entries of the likest questions, ascending; none without an encoder."""
        if question.likeness is None:
            return np.zeros(0, dtype=np.int64)
        return np.unique(self._entry_of[nearest_questions(question.likeness, BY_MEANING)])


class FaqRetriever:
    """Passages of a knowledge base; `ranker` orders them."""

    def __init__(
        self, entries: tuple[FaqEntry, ...], features: EntryFeatures, ranker: Ranker
    ) -> None:
        self.entries = entries
        self.features = features
        self.ranker = ranker
        self.finder = CandidateFinder(features)
        self._pipeline = build_pipeline(self)

    def retrieve(self, query: str, top_k: int) -> tuple[Passage, ...]:
        """At most `top_k` passages, best first; entries that contradict the query come last."""
        return self.find(query, top_k).passages

    def find(self, query: str, top_k: int) -> Found:
        """The same with the question as it was understood."""
        result = self._pipeline.run({"understand": {"text": query}, "order": {"top_k": top_k}})
        found: Found = result["order"]["found"]
        return found

    def passages(self, fit: Fit, top_k: int) -> tuple[Passage, ...]:
        """The best of the fitted entries as passages."""
        scores = self.ranker.scores(fit.values)
        # Entry numbers break ties, so that the order never depends on the candidates' order.
        order = np.lexsort((fit.entries, -scores, fit.clash))[:top_k]
        return tuple(
            Passage(
                self.entries[fit.entries[i]].id,
                self.features.questions[fit.nearest[i]],
                float(scores[i]),
                tuple(float(value) for value in fit.values[i]),
                bool(fit.clash[i]),
            )
            for i in order
        )


def build_pipeline(retriever: FaqRetriever) -> Any:
    """Haystack pipeline over the parts of a retriever; inputs: understand.text, order.top_k."""
    # Telemetry would reach for the network; the switch must be set before the import.
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    from haystack import Pipeline

    from assist.retrieve_components import Meaning, Order, Understand, Words

    pipeline = Pipeline()
    pipeline.add_component("understand", Understand(retriever.features))
    pipeline.add_component("words", Words(retriever.finder))
    pipeline.add_component("order", Order(retriever))
    finders = ["words"]
    if retriever.features.has_meanings:
        pipeline.add_component("meaning", Meaning(retriever.finder))
        finders.append("meaning")
    for finder in finders:
        pipeline.connect("understand.question", f"{finder}.question")
        pipeline.connect(f"{finder}.entries", f"order.{finder}")
    pipeline.connect("understand.question", "order.question")
    return pipeline


def no_passages() -> Fit:
    """A fit of no entries."""
    empty = np.zeros(0, dtype=np.int64)
    return Fit(empty, np.zeros((0, len(NAMES))), empty, np.zeros(0, dtype=bool))
