"""Articles by their number of arrival, in the version that a search asks for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

from news.article import Article
from news.article_details import read_articles
from news.article_row import COLUMNS
from news.index_history import past_versions
from news.store import NewsStore


def articles_by_number(store: NewsStore, seqs: Iterable[int]) -> dict[int, Article]:
    """Latest versions by number; unknown numbers are left out."""
    rows = store.connection.execute(
        f"SELECT seq, {COLUMNS} FROM articles WHERE seq IN (SELECT value FROM json_each(?))",
        (json.dumps(list(dict.fromkeys(seqs))),),
    ).fetchall()
    return dict(zip((row[0] for row in rows), read_articles(store.connection, rows), strict=True))


def articles_then(store: NewsStore, versions: Mapping[int, int]) -> dict[int, Article]:
    """The same in these versions, by number; of an earlier version only the words are kept."""
    latest = articles_by_number(store, versions)
    old = {seq for seq, article in latest.items() if article.version != versions[seq]}
    past = past_versions(store.connection, (latest[seq].id for seq in old))
    for seq in old:
        article = latest[seq]
        for version in past.get(article.id, ()):
            if version.version == versions[seq]:
                latest[seq] = replace(
                    article,
                    headline=version.headline,
                    text=version.text,
                    version=version.version,
                    tags=(),
                    mentions=(),
                    tones=(),
                    events=(),
                )
    return latest
