"""How a question fits an entry, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Prefix
from scipy import sparse

from assist.encode import Encoder
from assist.knowledge import FaqEntry
from assist.lexical import MAX_CHARACTERS, Family, Tokeniser, plain
from assist.meaning import Likeness, Meanings
from assist.polarity import Opposites, Sides, shared_sides
from assist.terms import (
    FAMILIES,
    Bools,
    Doubles,
    Floats,
    Ints,
    PooledWeights,
    StackedRows,
    TermCounts,
    TermQuery,
    Terms,
    TermWeights,
    Vocabulary,
    masses,
    together,
)
from news import text as news_text

NAMES = (
    *("nearest_char", "nearest_term", "average_char", "average_term"),
    *("questions_char", "questions_term", "all_text_char", "all_text_term"),
    *("answer_char", "answer_pair", "answer_term", "standard_char", "standard_term"),
    *("pooled_char", "pooled_pair", "pooled_term"),
    *("letters_nearest", "letters_average", "length", "start"),
    *("meaning_nearest", "meaning_average"),
)
"""Names of the features, in the order of the columns; every value is about 0 to 1.

nearest, average: dice of weighted terms with the closest known question and with all of them;
questions, all_text, answer, standard: BM25 against these texts over the question's own score;
pooled: the entry's questions poured together (terms.PooledWeights), in fifths;
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
    likeness: Floats | Likeness | None

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
        self._sides = shared_sides(opposites.sides_of_all(self.texts), self.first)
        self._meanings = Meanings(encoder, self.questions) if encoder else None
        self._build_rows(entries)

    def _build_rows(self, entries: Sequence[FaqEntry]) -> None:
        vocabulary = self._vocabulary = Vocabulary()
        questions = TermCounts.of(vocabulary.add(self._tokeniser.terms(t)) for t in self.texts)
        answers = TermCounts.of(self._long_terms(entry) for entry in entries)
        self.question_terms = questions = questions.widened(len(vocabulary))
        self._answer_terms = answers = answers.widened(len(vocabulary))
        groups = self._membership()
        documents = questions.merged(groups)
        self.entry_terms = documents.plus(answers)
        self._occurrences = self.entry_terms.totals()
        kinds = (questions, documents, self.entry_terms, answers, questions.some(self.first[:-1]))
        family = np.frombuffer(vocabulary.family, np.int8)
        self._weights = [TermWeights(k, family, bm25=n > 0) for n, k in enumerate(kinds)]
        rows = [w.rows(kind) for w, kind in zip(self._weights, kinds, strict=True)]
        self._pooled = PooledWeights(self._weights[0], questions, groups, family)
        self._question_mass = masses(rows[0], family)
        self._rows = StackedRows([*rows, self._pooled.rows])

    def _membership(self) -> sparse.csr_matrix:
        """1 where a question belongs to an entry, [entries, questions]."""
        size = len(self.texts)
        parts = np.ones(size, np.float32), np.arange(size), self.first
        return sparse.csr_matrix(parts, shape=(len(self.first) - 1, size))

    def _long_terms(self, entry: FaqEntry) -> Counter[int]:
        size = MAX_CHARACTERS
        parts = [entry.answer[i : i + size] for i in range(0, len(entry.answer), size)]
        counts: Counter[int] = Counter()
        for part in (entry.category, *parts):
            counts.update(self._vocabulary.add(self._tokeniser.terms(plain(part))))
        return counts

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

    def rarest(self, question: Question, limit: int) -> list[int]:
        """Numbers of the question's known terms, at most `limit`, rarest first."""
        numbers = np.asarray(question.query.numbers, dtype=np.int64)
        order = np.argsort(-self._weights[0].idf[numbers], kind="stable")
        rarest: list[int] = numbers[order[:limit]].tolist()
        return rarest

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
        own = self.question_terms.row(number)
        only_here = own.terms[self._occurrences[own.terms] <= own.counts]
        return self._prepared(self.texts[number], likeness, set(only_here.tolist()))

    def _prepared(
        self, text: str, likeness: Floats | Likeness | None, hidden: Collection[int] = ()
    ) -> Question:
        terms = self._tokeniser.terms(text)
        vocabulary = self._vocabulary
        numbers, unknown = vocabulary.look_up(terms)
        if hidden:
            for number in hidden:
                unknown[vocabulary.family[number]] += 1
            numbers = [number for number in numbers if number not in hidden]
        columns = np.zeros((len(vocabulary), FAMILIES), dtype=np.float32)
        columns[numbers, [vocabulary.family[number] for number in numbers]] = 1.0
        query = TermQuery(numbers, unknown, columns)
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
        common = self._rows.common(question.query, [rows, *[entries] * 5])
        terms, letters, nearest = self._against_questions(question, common[0], rows, starts, counts)
        far = self._against_entries(question.query, common[1:], entries, without)
        values = np.hstack([terms, far, letters])
        return Fit(entries, values, rows[nearest], question.sides.contradict(self._sides[entries]))

    def _against_questions(
        self, question: Question, common: Doubles, rows: Ints, starts: Ints, counts: Ints
    ) -> tuple[Doubles, Doubles, Ints]:
        mass = self._weights[0].query_mass(question.query)[_WORDS]
        dice = 2 * common[:, _WORDS] / (mass + self._question_mass[rows][:, _WORDS])
        known = [self.texts[row] for row in rows]
        ratio = process.cdist([question.plain], known, scorer=fuzz.ratio)[0] / 100.0
        liking = np.zeros(len(rows))
        if question.likeness is not None:
            liking += question.likeness[rows]
        closeness = dice.sum(axis=1) + ratio + liking
        nearest = _places_of_best(closeness, starts, counts)
        best = [known[row] for row in nearest]
        letters = [
            *_best_and_mean(ratio, starts, counts),
            _same_length(question.plain, best),
            process.cdist([question.plain], best, scorer=Prefix.normalized_similarity)[0],
            *_best_and_mean(liking, starts, counts),
        ]
        terms = _best_and_mean(dice, starts, counts[:, None])
        return np.hstack(terms), np.stack(letters, axis=1), nearest

    def _against_entries(
        self, query: TermQuery, common: Sequence[Doubles], entries: Ints, without: int | None
    ) -> Doubles:
        documents, texts, answers, standards, pooled = parts = [
            shared / weights.query_mass(query)
            for shared, weights in zip(common, (*self._weights[1:], self._weights[0]), strict=True)
        ]
        if without is not None:
            self._take_out(parts, query, entries, without)
        words = (documents[:, _WORDS], texts[:, _WORDS], answers, standards[:, _WORDS], pooled / 5)
        return np.hstack(words)

    def _take_out(
        self, parts: list[Doubles], query: TermQuery, entries: Ints, without: int
    ) -> None:
        own = int(self.entry_of[without])
        place = np.flatnonzero(entries == own)
        others = [n for n in range(self.first[own], self.first[own + 1]) if n != without]
        rows = [self.question_terms.row(n) for n in others]
        document = together(rows)
        changed = (
            (1, document),
            (2, together([document, self._answer_terms.row(own)])),
            (4, rows[0]),
        )
        for kind, row in changed:
            weights = self._weights[kind]
            parts[kind - 1][place] = weights.common_with(query, row) / weights.query_mass(query)
        lost = self._pooled.loss(query, own, self.question_terms.row(without))
        parts[-1][place] -= lost / self._weights[0].query_mass(query)


def _best_and_mean(values: Doubles, starts: Ints, counts: Ints) -> tuple[Doubles, Doubles]:
    return np.maximum.reduceat(values, starts), np.add.reduceat(values, starts) / counts


def _places_of_best(values: Doubles, starts: Ints, counts: Ints) -> Ints:
    """Place of the first best value of each group."""
    best = np.repeat(np.maximum.reduceat(values, starts), counts)
    places = np.flatnonzero(values == best)
    result: Ints = places[np.searchsorted(places, starts)]
    return result


def _same_length(text: str, others: Sequence[str]) -> Doubles:
    mine = max(1, len(text))
    lengths = np.array([max(1, len(other)) for other in others])
    result: Doubles = np.minimum(mine, lengths) / np.maximum(mine, lengths)
    return result
