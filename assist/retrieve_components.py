"""The steps of retrieval as Haystack components, for use in any Haystack pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from haystack import component

from assist.features import EntryFeatures, Question
from assist.retrieve import Found, no_passages
from news.stage_times import stage

if TYPE_CHECKING:
    from assist.retrieve import CandidateFinder, FaqRetriever


@component
class Understand:
    """Prepares a text as a question."""

    def __init__(self, features: EntryFeatures) -> None:
        self._features = features

    @component.output_types(question=Question)
    def run(self, text: str) -> dict[str, Any]:
        """`question`: the prepared question."""
        with stage("question"):
            return {"question": self._features.question(text)}


@component
class Words:
    """Finds candidate entries by their words."""

    def __init__(self, finder: CandidateFinder) -> None:
        self._finder = finder

    @component.output_types(entries=np.ndarray)
    def run(self, question: Question) -> dict[str, Any]:
        """`entries`: numbers of candidate entries."""
        with stage("find"):
            return {"entries": self._finder.by_words(question)}


@component
class Meaning:
    """Finds candidate entries by sentence vectors; none without an encoder."""

    def __init__(self, finder: CandidateFinder) -> None:
        self._finder = finder

    @component.output_types(entries=np.ndarray)
    def run(self, question: Question) -> dict[str, Any]:
        """`entries`: numbers of candidate entries."""
        with stage("find"):
            return {"entries": self._finder.by_meaning(question)}


@component
class Order:
    """Joins the candidates and puts them in order."""

    def __init__(self, retriever: FaqRetriever) -> None:
        self._retriever = retriever

    @component.output_types(found=Found)
    def run(
        self,
        question: Question,
        words: np.ndarray,
        meaning: np.ndarray | None = None,
        top_k: int = 10,
    ) -> dict[str, Any]:
        """`found`: the question with at most `top_k` passages, best first."""
        entries = words if meaning is None else np.union1d(words, meaning)
        with stage("order"):
            fit = self._retriever.features.fit(question, entries) if len(entries) else no_passages()
            return {"found": Found(question, self._retriever.passages(fit, top_k))}
