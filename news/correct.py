"""Bringing stored articles in line with what editors say of their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from news.article import Article, Mention
from news.article_facts import record_facts, take_back_facts
from news.dedupe import fingerprint
from news.relation import RelationFound
from news.store import NewsStore

Relink = Callable[[Article], tuple[Mention, ...]]
"""Links an article anew, corrections included."""
Relate = Callable[[Article], tuple[RelationFound, ...]]
"""Finds what an article says that its entities have to do with each other."""


def correct_articles(
    store: NewsStore,
    article_ids: Iterable[str],
    relink: Relink,
    *,
    at: datetime,
    relate: Relate = lambda article: (),
) -> int:
    """Link these articles anew and store those whose mentions change; returns how many did.

    The caller owns the transaction; the search index catches up afterwards. Unknown ids count for
    nothing.
    """
    changed = 0
    for article in map(store.article, article_ids):
        if article is None:
            continue
        mentions = relink(article)
        if mentions == article.mentions:
            continue
        corrected = replace(article, mentions=mentions)
        subjects = {mention.entity_id for mention in mentions}
        store.put(corrected, fingerprint(corrected.content, subjects))
        take_back_facts(store, article, at)
        record_facts(store, corrected, relate(corrected), known=False)
        changed += 1
    return changed
