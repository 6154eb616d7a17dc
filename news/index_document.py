"""What of an article stands in the search index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import tantivy
import xxhash

from news.article import Article
from news.article_row import to_ms
from news.index_history import PastVersion
from news.index_industry import IndustryTree
from news.published import CHINA
from news.store import ArticleChange
from news.text import bigrams, simplify

Ints = npt.NDArray[np.int64]
LOWEST, HIGHEST = -(2**62), 2**62
FOREVER = HIGHEST
# Names of fields that facets count and filters compare.
NAMES = ("entity", "tag", "industry", "sentiment", "tier", "source", "event", "language")
NUMBERS = ("key", "seq", "change", "version", "rank", "story", "day", "known_from", "known_to")


class Standing(IntEnum):
    """Whether a search finds an article; repetitions are found where asked for."""

    CURRENT = 0
    REPEATED = 1
    WITHDRAWN = 2
    PAST = 3
    """An earlier version: found as of a moment when it was the current one."""


def index_schema() -> Any:
    """Fields of the index. `tone` holds `entity:sentiment`; `code` entities without their kind."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    for name in ("headline", "text"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in NAMES:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("code", "tone"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in NUMBERS:
        builder.add_integer_field(name, indexed=name in ("seq", "story"), fast=True)
    for name in ("standing", "repeated"):
        builder.add_integer_field(name, indexed=True)
    return builder.build()


def documents(
    change: ArticleChange, past: tuple[PastVersion, ...], industries: IndustryTree
) -> Iterator[Any]:
    """An article in its version of now, and in its earlier ones."""
    article = change.article
    frame = _frame(change)
    entities = sorted({m.entity_id for m in article.mentions})
    withdrawn = article.withdrawn_at
    yield tantivy.Document(
        **frame,
        **_words(article.headline, article.text),
        entity=entities,
        # The bare code too, so that a search for 300750 finds articles that only give the name.
        code=sorted({entity.partition(":")[2] for entity in entities}),
        industry=list(industries.of(entities)),
        tag=[tag.name for tag in article.tags],
        sentiment=str(article.sentiment),
        tone=[f"{t.entity_id}:{t.sentiment}" for t in article.tones],
        event=sorted({str(event.kind) for event in article.events}),
        version=article.version,
        standing=_standing(article),
        known_from=to_ms(article.ingested_at),
        known_to=to_ms(withdrawn) if withdrawn else FOREVER,
    )
    for version in past:
        yield tantivy.Document(
            **frame,
            **_words(version.headline, version.text),
            version=version.version,
            standing=Standing.PAST.value,
            known_from=version.known_from,
            known_to=version.known_to,
        )


def time_key(published_at: datetime, seq: int) -> int:
    """Time in milliseconds with the order of arrival as tie-break, as one sortable integer."""
    key = int(published_at.timestamp() * 1000) * (1 << 20) + seq % (1 << 20)
    return min(max(key, LOWEST), HIGHEST)  # a year outside 1830..2100 would not fit 64 bits


def key_ms(key: Ints) -> Ints:
    """The times of keys, in milliseconds since 1970."""
    return key >> 20


def story_number(story_id: str | None) -> int:
    """A number for a story, 1 to 2^62; 0 where there is none."""
    return (xxhash.xxh3_64_intdigest(story_id.encode()) >> 2) + 1 if story_id else 0


def _frame(change: ArticleChange) -> dict[str, Any]:
    """Fields that all versions of an article share."""
    article = change.article
    return {
        "id": article.id,
        "tier": str(article.tier),
        "source": article.source,
        "language": article.language,
        "key": time_key(article.published_at, change.seq),
        "seq": change.seq,
        "change": change.change,
        "rank": article.tier.rank,
        "story": story_number(article.story_id),
        "day": article.published_at.astimezone(CHINA).date().toordinal(),
        "repeated": int(article.duplicate_of is not None),
    }


def _words(headline: str, text: str) -> dict[str, str]:
    return {
        "headline": " ".join(bigrams(simplify(headline))),
        "text": " ".join(bigrams(simplify(text))),
    }


def _standing(article: Article) -> int:
    if article.withdrawn_at is not None:
        return Standing.WITHDRAWN.value
    return (Standing.REPEATED if article.duplicate_of else Standing.CURRENT).value
