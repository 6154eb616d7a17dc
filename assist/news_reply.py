"""Answers from news and graph as sentences that carry their citations.

A statement without a citation cannot be made: `Sentence` refuses it. What is said without one is
either what the statements are about (a heading), or that nothing was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

from assist.answer import Citation, CitationKind
from news.article import Article
from news.fact import Fact

CHINA = timezone(timedelta(hours=8))
_HEADLINE = 60


class Told(StrEnum):
    """What a sentence does."""

    STATEMENT = "statement"
    HEADING = "heading"
    NOTHING_FOUND = "nothing_found"


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence with what it rests on."""

    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of an answer; `end` closes it and says nothing.

    Raises ValueError for a statement of which a clause has no citation.
    """

    clauses: tuple[Clause, ...]
    told: Told = Told.STATEMENT
    end: str = ""

    def __post_init__(self) -> None:
        bare = [clause.text for clause in self.clauses if not clause.citations]
        if self.told is Told.STATEMENT and (bare or not self.clauses):
            raise ValueError(
                f"a statement without a citation: {bare[:1] or 'nothing at all'}; cite an article"
                " or a fact, or say it as a heading"
            )

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What the sentence rests on, each once."""
        return tuple(dict.fromkeys(c for clause in self.clauses for c in clause.citations))


def statement(text: str, *citations: Citation, end: str = "") -> Sentence:
    """A statement of one clause."""
    return Sentence((Clause(text, citations),), end=end)


def heading(text: str) -> Sentence:
    """What the following statements are about."""
    return Sentence((Clause(text),), Told.HEADING)


def nothing_found(text: str) -> Sentence:
    """That there is nothing to say, and where it was looked for."""
    return Sentence((Clause(text),), Told.NOTHING_FOUND)


@dataclass(frozen=True, slots=True)
class NewsReply:
    """The sentences of an answer in their order."""

    sentences: tuple[Sentence, ...]

    @classmethod
    def of(cls, sentences: Iterable[Sentence]) -> NewsReply:
        """An answer; a sentence that was said already is not said again."""
        return cls(tuple(dict.fromkeys(sentences)))

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation once, in the order in which they are numbered."""
        return tuple(dict.fromkeys(c for s in self.sentences for c in s.citations))

    def to_text(self) -> str:
        """One line a sentence, each clause followed by the numbers of its citations."""
        numbers = {citation: n for n, citation in enumerate(self.citations, start=1)}
        return "\n".join("".join(_parts(sentence, numbers)) for sentence in self.sentences)


def _parts(sentence: Sentence, numbers: dict[Citation, int]) -> Iterator[str]:
    for clause in sentence.clauses:
        yield clause.text
        yield "".join(f"〔{numbers[citation]}〕" for citation in dict.fromkeys(clause.citations))
    yield sentence.end


def article_citation(article: Article) -> Citation:
    """An article in the version that was read."""
    return Citation(
        kind=CitationKind.ARTICLE,
        id=article.id,
        title=headline_of(article),
        version=str(article.version),
    )


def fact_citation(title: str, fact: Fact) -> Citation:
    """A fact of the graph with the file or article that it was read in."""
    return Citation(
        kind=CitationKind.FACT,
        id=fact.id,
        title=f"{plain(title)}（{fact.evidence}）",
        version=fact.recorded_at.astimezone(UTC).date().isoformat(),
    )


def headline_of(article: Article) -> str:
    """The headline, or the beginning of the text where there is none."""
    return article.headline[:_HEADLINE] or article.text[:40]


def day_of(moment: datetime) -> str:
    """The day in China."""
    return moment.astimezone(CHINA).date().isoformat()


def plain(name: str) -> str:
    """Industry names without the level mark of the classification (白酒Ⅲ is 白酒)."""
    return name.replace("Ⅲ", "").replace("Ⅱ", "")
