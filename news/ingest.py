"""Ingestion: from sources to stored, indexed articles, safe to kill and to repeat.

A batch is one transaction: articles, mentions, tags, fingerprints, facts and dead letters of it are
stored together or not at all. Identity comes from the article itself, so that reading the same
input again finds everything known. The search index catches up from the database afterwards.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice

from news.analyse import Analyser, article_id
from news.article import Article, DeadLetter, RawArticle
from news.article_facts import record_facts, take_back_facts
from news.correction import NO_CORRECTIONS
from news.correction_store import CorrectionStore
from news.dedupe import Fingerprint
from news.errors import SourceError, StoreError
from news.index import NewsIndex
from news.originals import original_of
from news.pipeline import Stage
from news.raw import article_json
from news.stage_times import stage
from news.store import NewsStore
from news.transaction import savepoint, transaction

_LOG = logging.getLogger(__name__)
BATCH = 250
_INDEX_EVERY = 20


class Outcome(StrEnum):
    """What became of one item."""

    STORED = "stored"
    DUPLICATE = "duplicates"
    UPDATED = "updated"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """Counts of one run: `read` is the sum of the other four. A near-duplicate is kept, linked to
    the article it repeats, and counted under `duplicates`."""

    read: int = 0
    stored: int = 0
    duplicates: int = 0
    updated: int = 0
    dead: int = 0
    seconds: float = 0.0

    def plus(self, outcome: Outcome) -> IngestSummary:
        """The summary with one more item."""
        count = {outcome.value: getattr(self, outcome.value) + 1}
        return replace(self, read=self.read + 1, **count)


class Ingester:
    """Writes what a reader yields into one workspace."""

    def __init__(
        self,
        store: NewsStore,
        index: NewsIndex,
        analyser: Analyser,
        *,
        clock: Callable[[], datetime],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._index = index
        self._analyser = analyser
        self._clock = clock
        self._timer = timer
        self._correction_store = CorrectionStore(store.connection)
        self._corrections = NO_CORRECTIONS

    def ingest(
        self,
        items: Iterable[RawArticle | DeadLetter],
        *,
        progress: Callable[[IngestSummary], None] = lambda summary: None,
        on_dead: Callable[[DeadLetter], None] = lambda letter: None,
        on_each: Callable[[Outcome], None] = lambda outcome: None,
    ) -> IngestSummary:
        """Store every item; `progress` is called after each batch, `on_dead` for each refusal.

        `on_each` is told what became of each item, in their order.
        """
        began = self._timer()
        summary = IngestSummary()
        self._store.keep_pipeline(self._analyser.pipeline, self._clock())
        for number, batch in enumerate(_batches(items, BATCH), start=1):
            with transaction(self._store.connection):
                self._corrections = self._correction_store.corrections()
                for item in batch:
                    outcome = self._take(item, on_dead)
                    summary = summary.plus(outcome)
                    on_each(outcome)
            if number % _INDEX_EVERY == 0:
                self._catch_up()
            summary = replace(summary, seconds=round(self._timer() - began, 3))
            progress(summary)
        self._catch_up()
        return replace(summary, seconds=round(self._timer() - began, 3))

    def withdraw(self, article_id: str) -> Outcome:
        """Mark an article as taken back; DUPLICATE where it was. Raises SourceError where unknown.

        For articles without an address; a source takes one back by a RawArticle.
        """
        with transaction(self._store.connection):
            article = self._store.article(article_id)
            if article is None:
                raise SourceError(f"no article has the id {article_id}; nothing to mark")
            outcome = self._take_back(article, self._clock())
        self._catch_up()
        return outcome

    def _catch_up(self) -> None:
        with stage(Stage.INDEX):
            self._index.catch_up(self._store)

    def _take(
        self, item: RawArticle | DeadLetter, on_dead: Callable[[DeadLetter], None]
    ) -> Outcome:
        letter = item if isinstance(item, DeadLetter) else None
        if isinstance(item, RawArticle):
            try:
                with savepoint(self._store.connection):
                    return self._place(item)
            except sqlite3.Error as error:
                raise StoreError(
                    f"{item.origin}: the database refused it ({error}); what was stored before is"
                    " kept: free disk space or check the file, then run the same command again"
                ) from error
            except SourceError as error:
                letter = DeadLetter(item.origin, "withdraw", str(error), article_json(item))
            except Exception as error:  # noqa: BLE001  one poisonous article must not stop the rest
                _LOG.exception("cannot analyse %s", item.origin)
                letter = DeadLetter(item.origin, "analyse", repr(error), article_json(item))
        if letter is not None:
            self._store.dead_letters.bury(letter, self._clock())
            on_dead(letter)
        return Outcome.DEAD

    def _place(self, raw: RawArticle) -> Outcome:
        """Decide between withdrawn, known, next version, near-duplicate and new."""
        now = self._clock()
        if raw.withdrawn:
            return self._withdraw(raw, now)
        prepared = self._analyser.prepare(raw)
        if self._is_claimed(raw, prepared.id):
            prepared = replace(prepared, id=prepared.content_hash)
        version = self._store.version(prepared.id)
        if version and self._store.has_version(prepared.id, prepared.content_hash):
            return Outcome.DUPLICATE
        if not version:
            known = self._store.article_with_hash(prepared.content_hash)
            if known:
                self._store.saw(known, raw.url or raw.origin, raw.source, now)
                return Outcome.DUPLICATE
        mentions = self._analyser.mentions(prepared, self._corrections)
        mark = self._analyser.fingerprint(prepared, mentions)
        with stage(Stage.DUPLICATE):
            original = None if version else original_of(self._store, mark, prepared.id)
        article = self._analyser.analyse(
            prepared, mentions, now=now, version=version + 1, duplicate_of=original
        )
        self._write(article, mark)
        if raw.page:
            self._store.keep_page(article.id, raw.page.encoding, raw.page.body)
        if version:
            return Outcome.UPDATED
        return Outcome.DUPLICATE if original else Outcome.STORED

    def _is_claimed(self, raw: RawArticle, article_id: str) -> bool:
        """Whether a lighter source gives its text the address of a weightier one's article.

        A forum that names an announcement's address must not put its words in place of it: its
        article is one of its own.
        """
        tier = self._store.tier(article_id)
        return tier is not None and raw.tier.rank > tier.rank

    def _withdraw(self, raw: RawArticle, now: datetime) -> Outcome:
        """Mark what its source takes back; it stays, but is no longer found or counted as true."""
        known = article_id(raw.url, "")
        article = self._store.article(known) if known else None
        if article is None:
            raise SourceError(
                f"{raw.url or 'no address'}: withdrawn by its source, but no article has this"
                " address; nothing to mark"
            )
        return self._take_back(article, now)

    def _take_back(self, article: Article, now: datetime) -> Outcome:
        if not self._store.withdraw(article.id, now):
            return Outcome.DUPLICATE
        take_back_facts(self._store, article, now)
        return Outcome.UPDATED

    def _write(self, article: Article, mark: Fingerprint) -> None:
        with stage(Stage.STORY):
            article = self._placed(article)
        with stage("store"):
            self._store.put(article, mark)
        with stage(Stage.GRAPH):
            relations = self._analyser.relations(article)
            record_facts(self._store, article, relations, known=article.version > 1)

    def _placed(self, article: Article) -> Article:
        """The article with its story: that of the one it repeats, or the one it is most like."""
        if article.version > 1 and (old := self._store.article(article.id)):
            return replace(article, story_id=old.story_id, novelty=old.novelty)
        original = self._store.article(article.duplicate_of) if article.duplicate_of else None
        placed = self._store.stories.place(article, original.story_id if original else None)
        return replace(article, story_id=placed.story_id, novelty=placed.novelty)


def _batches(
    items: Iterable[RawArticle | DeadLetter], size: int
) -> Iterator[tuple[RawArticle | DeadLetter, ...]]:
    iterator = iter(items)
    while batch := tuple(islice(iterator, size)):
        yield batch
