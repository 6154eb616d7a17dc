"""How a question fits an entry, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Prefix

from assist.encode import Encoder
from assist.knowledge import FaqEntry
from assist.lexical import MAX_CHARACTERS, Family, Tokeniser, plain
from assist.meaning import Meanings
from assist.polarity import Opposites, Sides, shared_sides
from assist.terms import (
    Bools,
    Doubles,
    Floats,
    Ints,
    TermQuery,
    TermRows,
    Terms,
    Vocabulary,
    merged,
)
from news import text as news_text

NAMES = (
    *("nearest_char", "nearest_term", "average_char", "average_term"),
    *("questions_char", "questions_term", "all_text_char", "all_text_term"),
    *("answer_char", "answer_pair", "answer_term", "standard_char", "standard_term"),
    *("letters_nearest", "letters_average", "length", "start"),
    *("meaning_nearest", "meaning_average"),
)
"""Names of the features, in the order of the columns; every value is about 0 to 1.

nearest, average: dice of weighted terms with the closest known question and with all of them;
questions, all_text, answer, standard: BM25 against these texts over the question's own score;
letters: rapidfuzz ratio; length, start: shared length and first letters with the closest question;
meaning: cosine of sentence vectors, 0 without an encoder.
"""

_WORDS = [Family.CHAR, Family.TERM]


@dataclass(frozen=True, slots=True)
class Question:
    """A question prepared for scoring; `likeness` to each known question if there are vectors."""

    plain: str
    terms: Terms
    query: TermQuery
    sides: Sides
    likeness: Floats | None

    def __deepcopy__(self, memo: object) -> Question:
        # Pipelines copy what they hand on; nothing here ever changes.
        return self


@dataclass(frozen=True, slots=True)
class Fit:
    """Features of some entries: `values` [entries, len(NAMES)], `nearest` question of each.

    `clash` marks entries that contradict the question in a group of opposites.
    """

    entries: Ints
    values: Doubles
    nearest: Ints
    clash: Bools


class EntryFeatures:
    """The known entries as term rows. Entries and their questions are numbered in order."""

    def __init__(
        self,
        entries: Sequence[FaqEntry],
        tokeniser: Tokeniser,
        opposites: Opposites,
        encoder: Encoder | None = None,
    ) -> None:
        self._tokeniser = tokeniser
        self._opposites = opposites
        self.questions = [q for entry in entries for q in entry.questions]
        self.texts = [plain(question) for question in self.questions]
        counts = [len(entry.questions) for entry in entries]
        self.first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.entry_of = np.repeat(np.arange(len(entries)), counts)
        self.sides = [opposites.sides_of_plain(text) for text in self.texts]
        self.entry_sides = [
            shared_sides(self.sides[a:b])
            for a, b in zip(self.first[:-1], self.first[1:], strict=True)
        ]
        self._meanings = Meanings(encoder, self.questions) if encoder else None
        self._build_rows(entries)

    def _build_rows(self, entries: Sequence[FaqEntry]) -> None:
        vocabulary = self.vocabulary = Vocabulary()
        self.question_terms = [vocabulary.add(self._tokeniser.terms(t)) for t in self.texts]
        self._answer_terms = [self._long_terms(entry) for entry in entries]
        spans = list(zip(self.first[:-1], self.first[1:], strict=True))
        documents = [merged(self.question_terms[a:b]) for a, b in spans]
        self.entry_terms = [d + a for d, a in zip(documents, self._answer_terms, strict=True)]
        self._occurrences = merged(self.entry_terms)
        self._rows = TermRows(self.question_terms, vocabulary, bm25=False)
        self._documents = TermRows(documents, vocabulary, bm25=True)
        self._texts = TermRows(self.entry_terms, vocabulary, bm25=True)
        self._answers = TermRows(self._answer_terms, vocabulary, bm25=True)
        self._standards = TermRows(
            [self.question_terms[a] for a, _ in spans], vocabulary, bm25=True
        )

    def _long_terms(self, entry: FaqEntry) -> Counter[int]:
        size = MAX_CHARACTERS
        parts = [entry.answer[i : i + size] for i in range(0, len(entry.answer), size)]
        return merged(
            self.vocabulary.add(self._tokeniser.terms(plain(part)))
            for part in (entry.category, *parts)
        )

    @property
    def has_meanings(self) -> bool:
        """Whether questions are also compared by sentence vectors."""
        return self._meanings is not None

    def topic(self, entry: int) -> str:
        """The word of its standard question that an entry's questions share and others do not."""
        mine = self.texts[self.first[entry] : self.first[entry + 1]]
        found = [word for word in news_text.words(mine[0]) if len(word) > 1] or mine[:1]

        def weight(word: str) -> float:
            elsewhere = sum(word in text for text in self.texts)
            share = sum(word in text for text in mine) / len(mine)
            return share * float(np.log(len(self.texts) / max(1, elsewhere)))

        return max(found, key=weight)

    def terms(self, text: str) -> Terms:
        """Terms of a text."""
        return self._tokeniser.terms(plain(text))

    def question(self, text: str, *, meaning: bool = True) -> Question:
        """Prepare a question; `meaning` False leaves out its vector, which takes milliseconds."""
        likeness = self._meanings.likeness(text) if self._meanings and meaning else None
        return self._prepared(plain(text), likeness)

    def known_question(self, number: int) -> Question:
        """A known question, prepared as though a customer asked it and it had not been known."""
        likeness = self._meanings.likeness_of_known(number) if self._meanings else None
        own = self.question_terms[number]
        only_here = {term for term, count in own.items() if self._occurrences[term] == count}
        return self._prepared(self.texts[number], likeness, only_here)

    def _prepared(
        self, text: str, likeness: Floats | None, hidden: Collection[int] = ()
    ) -> Question:
        terms = self._tokeniser.terms(text)
        numbers, unknown = self.vocabulary.look_up(terms)
        if hidden:
            for number in hidden:
                unknown[self.vocabulary.family[number]] += 1
            numbers = [number for number in numbers if number not in hidden]
        present = np.zeros(len(self.vocabulary), dtype=np.float32)
        present[numbers] = 1.0
        query = TermQuery(numbers, unknown, present)
        return Question(text, terms, query, self._opposites.sides_of_plain(text), likeness)

    def fit(self, question: Question, entries: Ints, *, without: int | None = None) -> Fit:
        """Features of `entries`, at least one, for a question.

        `without` is the number of a known question that is taken out of its entry, as though it
        had never been known; its entry must have another one.
        """
        counts = self.first[entries + 1] - self.first[entries]
        starts = np.cumsum(counts) - counts
        rows = np.arange(int(counts.sum())) + np.repeat(self.first[entries] - starts, counts)
        if without is not None:
            keep = rows != without
            rows, counts = rows[keep], np.add.reduceat(keep, starts)
            starts = np.cumsum(counts) - counts
        terms, letters, nearest = self._against_questions(question, rows, starts, counts)
        far = self._against_entries(question.query, entries, without)
        clash = [question.sides.contradicts(self.entry_sides[entry]) for entry in entries]
        values = np.hstack([terms, far, letters])
        return Fit(entries, values, rows[nearest], np.array(clash, dtype=bool))

    def _against_questions(
        self, question: Question, rows: Ints, starts: Ints, counts: Ints
    ) -> tuple[Doubles, Doubles, Ints]:
        common = self._rows.common(question.query, rows)[:, _WORDS]
        mass = self._rows.query_mass(question.query)[_WORDS]
        dice = 2 * common / (mass + self._rows.mass[rows][:, _WORDS])
        known = [self.texts[row] for row in rows]
        ratio = process.cdist([question.plain], known, scorer=fuzz.ratio)[0] / 100.0
        liking = np.zeros(len(rows))
        if question.likeness is not None:
            liking += question.likeness[rows]
        closeness = dice.sum(axis=1) + ratio + liking
        nearest = np.array(
            [a + int(np.argmax(closeness[a : a + n])) for a, n in zip(starts, counts, strict=True)],
            dtype=np.int64,
        )
        best = [known[row] for row in nearest]
        letters = [
            *_best_and_mean(ratio, starts, counts),
            _same_length(question.plain, best),
            process.cdist([question.plain], best, scorer=Prefix.normalized_similarity)[0],
            *_best_and_mean(liking, starts, counts),
        ]
        terms = _best_and_mean(dice, starts, counts[:, None])
        return np.hstack(terms), np.stack(letters, axis=1), nearest

    def _against_entries(self, query: TermQuery, entries: Ints, without: int | None) -> Doubles:
        documents, texts, answers, standards = parts = [
            rows.common(query, entries) / rows.query_mass(query)
            for rows in (self._documents, self._texts, self._answers, self._standards)
        ]
        if without is not None:
            self._take_out(parts, query, entries, without)
        return np.hstack([documents[:, _WORDS], texts[:, _WORDS], answers, standards[:, _WORDS]])

    def _take_out(
        self, parts: list[Doubles], query: TermQuery, entries: Ints, without: int
    ) -> None:
        own = int(self.entry_of[without])
        place = np.flatnonzero(entries == own)
        others = [n for n in range(self.first[own], self.first[own + 1]) if n != without]
        document = merged(self.question_terms[n] for n in others)
        rows = (
            (0, self._documents, document),
            (1, self._texts, document + self._answer_terms[own]),
            (3, self._standards, self.question_terms[others[0]]),
        )
        for number, matrix, row in rows:
            parts[number][place] = matrix.common_with(query, row) / matrix.query_mass(query)


def _best_and_mean(values: Doubles, starts: Ints, counts: Ints) -> tuple[Doubles, Doubles]:
    return np.maximum.reduceat(values, starts), np.add.reduceat(values, starts) / counts


def _same_length(text: str, others: Sequence[str]) -> Doubles:
    mine = max(1, len(text))
    lengths = np.array([max(1, len(other)) for other in others])
    result: Doubles = np.minimum(mine, lengths) / np.maximum(mine, lengths)
    return result
