"""Analysing stored articles anew, where a stage is another than when they were analysed.

Articles go one by one, in the order in which they arrived, through every stage from the first that
changed; nearness to others looks only at those that arrived before, as it did then. Stories,
events and the graph hang together, so they are made anew as a whole, in one transaction.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from news.analyse import Analyser
from news.article import Article, Page, RawArticle
from news.article_facts import article_facts, reconcile_events, restate
from news.correction_store import CorrectionStore
from news.decode import decode
from news.errors import SourceError
from news.index import NewsIndex
from news.originals import original_of
from news.page import read_page
from news.pipeline import Pipeline, Stage
from news.store import ArticleChange, NewsStore
from news.transaction import transaction

BATCH = 200


@dataclass(frozen=True, slots=True)
class RerunSummary:
    """How many articles were looked at, and how many of them say something else now."""

    read: int = 0
    changed: int = 0
    seconds: float = 0.0


class Rerun:
    """Brings the stored articles of one workspace up to the pipeline of today."""

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
        self._corrections = CorrectionStore(store.connection)

    def stale(self) -> dict[Stage, int]:
        """Number of articles by the first stage that is another now; empty where all is current."""
        counts: Counter[Stage] = Counter()
        known = self._store.pipelines()
        for pipeline_id, count in self._store.count_by_pipeline().items():
            first = self._first(known.get(pipeline_id))
            if first is not None:
                counts[first] += count
        return dict(counts)

    def run(
        self,
        start: Stage | None = None,
        *,
        progress: Callable[[RerunSummary], None] = lambda summary: None,
    ) -> RerunSummary:
        """Analyse what is stale; with `start` every article, from that stage on at the latest.

        Killed half-way, the next run goes on (with `start`, it begins anew); doing it twice
        changes nothing.
        """
        began = self._timer()
        summary = RerunSummary()
        if start is None and not self.stale():
            return summary
        interim = _before_stories(self._analyser.pipeline)
        for pipeline in (interim, self._analyser.pipeline):
            self._store.keep_pipeline(pipeline, self._clock())
        for batch in self._batches(start, interim):
            with transaction(self._store.connection):
                changed = sum(self._again(*one, interim) for one in batch)
            summary = replace(
                summary, read=summary.read + len(batch), changed=summary.changed + changed
            )
            progress(summary)
        self._retell()
        self._index.catch_up(self._store)
        return replace(summary, seconds=round(self._timer() - began, 3))

    def _batches(
        self, start: Stage | None, interim: Pipeline
    ) -> Iterator[list[tuple[ArticleChange, Stage]]]:
        """Articles to analyse before their stories are told anew, with their first stage."""
        known, after = self._store.pipelines(), 0
        except_id = "" if start else self._analyser.pipeline.id
        while rows := self._store.analysed_otherwise(except_id, after, BATCH):
            after = rows[-1].seq
            batch = []
            for row in rows:
                first = self._first(known.get(row.article.pipeline), start)
                done = start is None and row.article.pipeline == interim.id
                if first is not None and first.place < Stage.STORY.place and not done:
                    batch.append((row, first))
            if batch:
                yield batch

    def _first(self, pipeline: Pipeline | None, start: Stage | None = None) -> Stage | None:
        if pipeline is None:
            changed: Stage | None = Stage.NORMALISE
        else:
            changed = self._analyser.pipeline.first_changed(pipeline)
        stages = [stage for stage in (changed, start) if stage is not None]
        return min(stages, key=lambda stage: stage.place, default=None)

    def _again(self, row: ArticleChange, first: Stage, interim: Pipeline) -> bool:
        """Analyse one article; whether anything about it is another now."""
        old = row.article
        raw = self._raw(old, first)
        prepared = replace(self._analyser.prepare(raw), id=old.id)
        version = old.version + (prepared.content_hash != old.content_hash)
        mentions = self._analyser.mentions(prepared, self._corrections.corrections())
        mark = self._analyser.fingerprint(prepared, mentions)
        original = original_of(self._store, mark, old.id, before=row.seq) if version == 1 else None
        new = self._analyser.analyse(
            prepared, mentions, now=old.ingested_at, version=version, duplicate_of=original
        )
        new = replace(
            new,
            story_id=old.story_id,
            novelty=old.novelty,
            withdrawn_at=old.withdrawn_at,
            pipeline=interim.id,
        )
        self._store.put(new, mark)
        return replace(new, pipeline=old.pipeline) != old

    def _raw(self, article: Article, first: Stage) -> RawArticle:
        """The article as its source gave it, read from its page again where that changed."""
        raw = RawArticle(
            headline=article.headline,
            text=article.text,
            origin=article.origin,
            url=article.url,
            published_at=article.published_at if article.dated else None,
            source=article.source,
            tier=article.tier,
        )
        page = self._store.page(article.id) if first.place <= Stage.EXTRACT.place else None
        if page is None:
            return raw
        try:
            again = self._read(article, Page(*page))
        except SourceError:
            return raw  # what an earlier version could read stays, rather than vanish
        return replace(raw, headline=again.headline, text=again.text)

    def _read(self, article: Article, page: Page) -> RawArticle:
        text = decode(page.body, declared=page.encoding).text
        return read_page(text, origin=article.origin, now=article.ingested_at, url=article.url)

    def _retell(self) -> None:
        """Stories, events and facts of all articles, in the order in which these arrived."""
        store, now = self._store, self._clock()
        with transaction(store.connection):
            store.stories.clear()
            store.happenings.clear()
            after = 0
            while rows := store.analysed_otherwise("", after, BATCH):
                after = rows[-1].seq
                for row in rows:
                    self._retold(row.article, now)
            reconcile_events(store, now)

    def _retold(self, article: Article, now: datetime) -> None:
        current = self._analyser.pipeline.id
        if article.withdrawn_at is not None:
            self._store.mark_analysed(article.id, current, article.story_id, article.novelty)
            return
        original = self._store.article(article.duplicate_of) if article.duplicate_of else None
        placed = self._store.stories.place(article, original.story_id if original else None)
        article = replace(article, story_id=placed.story_id, novelty=placed.novelty)
        self._store.mark_analysed(article.id, current, placed.story_id, placed.novelty)
        happenings = self._store.happenings.record(article)
        relations = self._analyser.relations(article)
        restate(self._store, article, article_facts(article, happenings, relations), now)


def _before_stories(pipeline: Pipeline) -> Pipeline:
    """The pipeline whose stories, graph and index are still to be made."""
    return Pipeline(
        tuple((s, v if s.place < Stage.STORY.place else "") for s, v in pipeline.versions)
    )
