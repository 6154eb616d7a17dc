"""`/v1/news/articles`: articles that a supplier sends, and taking them back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

import xxhash
from fastapi import Path, Request
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from news.article import DeadLetter, RawArticle, SourceTier
from news.errors import SourceError
from news.ingest import Outcome
from news.published import CHINA
from news.raw import raw_article
from ui.api.access import KeyId, Workspace
from ui.api.errors import ApiError, ErrorCode
from ui.api.guard import BODIES, guarded
from ui.api.once import Once
from ui.api.parameters import Name, Since, not_blank, without_control_characters
from ui.push_store import PushReplies
from ui.scope import Scope
from ui.wiring import Wiring

MOST_ARTICLES = 500
"""Articles of one request."""

router = guarded("/v1/news", "news", read=Scope.NEWS_READ, write=Scope.NEWS_WRITE, also=BODIES)

_Text = Annotated[
    str,
    StringConstraints(strict=True, max_length=200_000),
    AfterValidator(without_control_characters),
]
_Headline = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=500),
    AfterValidator(without_control_characters),
    AfterValidator(not_blank),
]
_Url = Annotated[
    str, StringConstraints(strict=True, pattern=r"^https?://[^\s<>\"]+$", max_length=2000)
]


class PushedArticle(BaseModel):
    """An article as its supplier has it."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    headline: _Headline | SkipJsonSchema[None] = Field(None, examples=["示例股份拟回购股份"])
    """Needed, unless the article is withdrawn."""
    text: _Text = Field("", examples=["示例股份公告称，拟回购股份，金额不超过两亿元。"])
    """Without markup."""
    url: _Url | SkipJsonSchema[None] = Field(None, examples=["https://news.example.com/a/1"])
    """Identity of the article: another text at the same address is its next version."""
    published_at: Since | SkipJsonSchema[None] = Field(None, examples=["2026-03-02T10:00:00+08:00"])
    """Left out: the time at which it arrives."""
    source: Name = Field(examples=["示例通讯社"])
    """The medium."""
    tier: SourceTier = SourceTier.MEDIA
    """How much the medium's word counts."""
    withdrawn: Annotated[bool, Field(strict=True)] = False
    """Takes back the article of this `url`."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.withdrawn and self.url is None:
            raise ValueError("a withdrawn article is found by its url; give it")
        if not self.withdrawn and self.headline is None:
            raise ValueError("an article needs its headline; give it")
        return self


class PushBody(BaseModel):
    """Articles, in the order in which they are to be taken in."""

    model_config = ConfigDict(extra="forbid")

    articles: Annotated[list[PushedArticle], Field(min_length=1, max_length=MOST_ARTICLES)]


class PushOutcome(StrEnum):
    """What became of an article."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    """Known already, or a near-duplicate of one that is."""
    UPDATED = "updated"
    """The next version of a known article, or taken back."""
    DEAD = "dead"
    """Not taken in; `problem` says why, and the operator can replay it."""


class PushResult(BaseModel):
    """What became of one article."""

    outcome: PushOutcome
    id: str | None = Field(
        description="Under which it is stored.", examples=["0f6f2b9f3c115f0c1a2e7d544b1c9a55"]
    )
    problem: str | None = Field(None, examples=[None])


class PushReply(BaseModel):
    """What became of each article, in their order."""

    results: list[PushResult]


class WithdrawnBody(BaseModel):
    """An article that was taken back."""

    id: str = Field(examples=["0f6f2b9f3c115f0c1a2e7d544b1c9a55"])
    withdrawn_at: datetime


_OUTCOMES = {
    Outcome.STORED: PushOutcome.STORED,
    Outcome.DUPLICATE: PushOutcome.DUPLICATE,
    Outcome.UPDATED: PushOutcome.UPDATED,
    Outcome.DEAD: PushOutcome.DEAD,
}


@router.post("/articles", summary="Send articles")
def push(
    wiring: Workspace, body: PushBody, once: Once, key_id: KeyId, request: Request
) -> PushReply:
    """One to 500 articles of at most 8 MiB, stored, analysed and linked before the answer.

    A malformed article refuses the whole request; one that cannot be taken in is told and kept.
    """
    replies = PushReplies(wiring.news_store.connection)
    told = replies.stored(once)
    if told is None:
        reply = PushReply(results=list(_taken_in(wiring, body.articles, key_id or "-")))
        if once is None:
            return reply
        told = replies.keep(once, reply.model_dump_json(), request.app.state.clock())
    return PushReply.model_validate_json(told)


@router.delete("/{article_id}", summary="Take an article back")
def withdraw(
    wiring: Workspace,
    article_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="Id from a search.")],
) -> WithdrawnBody:
    """The article stays and is marked; it is no longer found, and its facts are taken back."""
    try:
        wiring.ingester.withdraw(article_id)
    except SourceError as error:
        raise ApiError(404, ErrorCode.NOT_FOUND, str(error), parameter="article_id") from error
    article = wiring.news_store.article(article_id)
    if article is None or article.withdrawn_at is None:
        raise AssertionError(f"{article_id} was marked as withdrawn a moment ago")
    return WithdrawnBody(id=article_id, withdrawn_at=article.withdrawn_at.astimezone(CHINA))


def _taken_in(wiring: Wiring, pushed: Iterable[PushedArticle], owner: str) -> Iterable[PushResult]:
    articles = [_raw(article, owner) for article in pushed]
    outcomes: list[Outcome] = []
    problems: dict[int, str] = {}

    def dead(letter: DeadLetter) -> None:
        problems[len(outcomes)] = letter.error

    wiring.ingester.ingest(articles, on_each=outcomes.append, on_dead=dead)
    for number, (article, outcome) in enumerate(zip(articles, outcomes, strict=True)):
        name = None if outcome is Outcome.DEAD else _stored_id(wiring, article)
        yield PushResult(outcome=_OUTCOMES[outcome], id=name, problem=problems.get(number))


def _raw(pushed: PushedArticle, owner: str) -> RawArticle:
    # Without an address the words name it, so that letters of two articles do not become one.
    words = f"{pushed.headline}\n{pushed.text}".encode("utf-8", "replace")
    origin = pushed.url or f"push:{owner}/{xxhash.xxh3_64_hexdigest(words)}"
    made = raw_article(
        pushed.headline or "（已撤回）",
        pushed.text,
        origin=origin,
        url=pushed.url,
        published_at=pushed.published_at,
        source=pushed.source,
    )
    return replace(made, tier=pushed.tier, withdrawn=pushed.withdrawn)


def _stored_id(wiring: Wiring, raw: RawArticle) -> str | None:
    prepared = wiring.analyser.prepare(raw)
    if wiring.news_store.version(prepared.id):
        return prepared.id
    return wiring.news_store.article_with_hash(prepared.content_hash)
