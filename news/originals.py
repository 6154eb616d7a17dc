"""The article that another one repeats."""

from __future__ import annotations

from news.dedupe import Fingerprint, near_duplicate
from news.store import NewsStore


def original_of(
    store: NewsStore, mark: Fingerprint, article_id: str, *, before: int | None = None
) -> str | None:
    """Id of the first article that this one repeats; never of a repetition itself.

    `before` looks only at articles that arrived before that number.
    """
    for known_id, blob in store.fingerprints_sharing(mark.bands(), before=before):
        if known_id != article_id and near_duplicate(Fingerprint.from_bytes(blob), mark):
            known = store.article(known_id)
            return (known.duplicate_of or known.id) if known else known_id
    return None
