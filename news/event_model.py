"""Learned events: the type of a text's event and the subject that it happened to.

The subject is found in the text, never invented: a span that the tagger marks, given the type.
Labels are the user's own; `NONE_TYPES` mean that nothing worth a label happened.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from news.errors import DataFileError
from news.event_features import NameFlags, Seen, position_features, tag_form
from news.event_tagger import SubjectTagger, tags_of
from news.event_types import ANALYSERS, TypeModel
from news.saved_model import SavedModel

NONE_TYPES = frozenset({"其他", "无", "none", "other"})
FORMAT = "foreland-events"
_VERSION = 1
_FEWEST = 20


@dataclass(frozen=True, slots=True)
class EventExample:
    """A text, the type of an event that it tells of, and the subject, None without one."""

    text: str
    event_type: str
    subject: str | None


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """A type and subjects as the text writes them, the likeliest first; perhaps none."""

    event_type: str
    subjects: tuple[str, ...]


class EventModel:
    """Tells what a text reports and of whom; make one with `fit` or `load`."""

    def __init__(
        self, types: TypeModel, tagger: SubjectTagger, listed: NameFlags, known: NameFlags
    ) -> None:
        self._types = types
        self._tagger = tagger
        self._listed = listed
        self._known = known

    @classmethod
    def fit(
        cls,
        examples: Sequence[EventExample],
        names: Collection[str] = (),
        say: Callable[[str], None] = lambda line: None,
    ) -> EventModel:
        """Train; `names` are those of listed companies. About a minute for 14,000 on one core.

        Raises DataFileError where there is too little to learn from.
        """
        _check(examples)
        say(f"learning types from {len(examples)} rows")
        types = TypeModel.fit([e.text for e in examples], [e.event_type for e in examples])
        grouped = _subjects(examples)
        spread = Counter(name for subjects in grouped.values() for name in subjects)
        model = cls(types, _UNTRAINED, NameFlags(map(tag_form, names)), NameFlags(spread))
        say(f"learning subjects from {len(grouped)} texts")
        model._tagger = SubjectTagger.fit(model._rows(grouped, spread))
        return model

    def _rows(
        self, grouped: dict[tuple[str, str], set[str]], spread: Counter[str]
    ) -> Iterator[tuple[list[list[str]], list[str]]]:
        for (text, kind), subjects in grouped.items():
            form = tag_form(text)
            places = list(_places(form, subjects))
            if places:
                # A name that only this text taught must not be known when it is learned from.
                own = {name for name in subjects if spread[name] == 1}
                yield self._features(text, kind, own), tags_of(len(form), places)

    def _features(self, text: str, kind: str, without: Collection[str] = ()) -> list[list[str]]:
        form = tag_form(text)
        seen = Seen(
            form, self._listed(form), self._known(form, without), self._types.evidence(text, kind)
        )
        return position_features(seen, kind)

    def types(self, texts: Sequence[str]) -> tuple[str, ...]:
        """The likeliest type of each text."""
        if not texts:
            return ()
        return tuple(self._types.types[j] for j in self._types.scores(texts).argmax(axis=1))

    def subjects(self, text: str, kind: str) -> tuple[str, ...]:
        """Subjects of an event of a type, as the text writes them; none for a type of no event."""
        if kind in NONE_TYPES or not text.strip():
            return ()
        spans = self._tagger.spans(self._features(text, kind))
        return tuple(dict.fromkeys(text[span.start : span.end] for span in spans))

    def predict(self, texts: Sequence[str]) -> tuple[FoundEvent, ...]:
        """The likeliest event of each text."""
        kinds = self.types(texts)
        return tuple(
            FoundEvent(kind, self.subjects(text, kind))
            for text, kind in zip(texts, kinds, strict=True)
        )

    def save(self, folder: Path) -> int:
        """Write the model into a folder without pickle; bytes written. Raises DataFileError.

        Of the types only the model of all texts is kept.
        """
        arrays = {
            "weights": self._types.weights[0].astype(np.float16),
            "bias": self._types.bias[0],
            "features": _packed(self._tagger.features),
            "emissions": self._tagger.emissions.astype(np.float16),
            "moves": self._tagger.moves,
            "listed": _packed(self._listed.names),
            "known": _packed(self._known.names),
        }
        for i, vectorizer in enumerate(self._types.vectorizers):
            arrays[f"terms{i}"] = _packed(vectorizer.get_feature_names_out())
            arrays[f"idf{i}"] = vectorizer.idf_.astype(np.float32)
        return SavedModel(FORMAT, _VERSION, {"types": self._types.types}, arrays).write(folder)

    @classmethod
    def load(cls, folder: Path) -> EventModel:
        """Read what `save` wrote; DataFileError with what is wrong with the folder."""
        saved = SavedModel.read(folder, FORMAT, _VERSION)
        try:
            return cls._unpacked(saved)
        except (KeyError, ValueError, TypeError) as error:
            raise DataFileError(
                f"{folder}: does not fit together ({error}); train again"
            ) from error

    @classmethod
    def _unpacked(cls, saved: SavedModel) -> EventModel:
        arrays = saved.arrays
        vectorizers = []
        for i, analyser in enumerate(ANALYSERS):
            terms = _unpack(arrays[f"terms{i}"])
            vectorizer = TfidfVectorizer(analyzer=analyser, vocabulary=terms, sublinear_tf=True)
            vectorizer.idf_ = arrays[f"idf{i}"].astype(np.float64)
            vectorizers.append(vectorizer)
        names = [str(name) for name in saved.head["types"]]
        weights = arrays["weights"].astype(np.float32)
        features = _unpack(arrays["features"])
        emissions = arrays["emissions"].astype(np.float32)
        terms_count = sum(len(v.vocabulary) for v in vectorizers)
        if weights.shape != (terms_count, len(names)) or len(emissions) != len(features):
            raise ValueError(f"{weights.shape} weights for {terms_count} terms")
        types = TypeModel(names, vectorizers, weights[None], arrays["bias"][None])
        tagger = SubjectTagger(features, emissions, arrays["moves"])
        listed, known = NameFlags(_unpack(arrays["listed"])), NameFlags(_unpack(arrays["known"]))
        return cls(types, tagger, listed, known)


_UNTRAINED = SubjectTagger((), np.zeros((0, 4), np.float32), np.zeros((4, 4), np.float32))


def _check(examples: Sequence[EventExample]) -> None:
    kinds = {example.event_type for example in examples}
    subjects = sum(example.subject is not None for example in examples)
    if len(examples) < _FEWEST or len(kinds) < 2 or not subjects:
        raise DataFileError(
            f"{len(examples)} rows of {len(kinds)} event types, {subjects} with a subject: at least"
            f" {_FEWEST} rows, two types and one subject are needed; give more rows"
        )


def _subjects(examples: Sequence[EventExample]) -> dict[tuple[str, str], set[str]]:
    """Forms of the subjects of each text and type."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for example in examples:
        if example.subject:
            name = tag_form(example.subject)
            if len(name) > 1:
                found[example.text, example.event_type].add(name)
    return dict(found)


def _places(form: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where the names stand in a form, the longer one where two overlap."""
    taken = [False] * len(form)
    for name in sorted(names, key=lambda n: (-len(n), n)):
        for match in re.finditer(re.escape(name), form):
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * len(name)
                yield match.start(), match.end()


def _packed(names: Collection[str]) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer("\n".join(names).encode(), np.uint8)


def _unpack(array: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> list[str]:
    text = array.tobytes().decode()
    return text.split("\n") if text else []
