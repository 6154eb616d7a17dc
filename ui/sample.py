"""The sample workspace: base facts, sample knowledge base, sample news; each only if missing."""

from __future__ import annotations

from collections.abc import Callable

from news.read import read_sources
from ui.wiring import Wiring, now


def load_sample(parts: Wiring, *, say: Callable[[str], None]) -> None:
    """Load the samples into a workspace; what is there already is left as it is."""
    changed = parts.load_base_facts()
    if changed:
        say(f"证券与产业链事实：{changed} 条")
    if not parts.knowledge_store.entries():
        published = parts.publish_folder(parts.settings.data / "faq", author="样例", now=now())
        say(f"样例知识库：{published} 条")
    source = parts.settings.data / "news"
    digest = f"{sum(p.stat().st_size for p in source.glob('*.jsonl'))}"
    if parts.news_store.meta("sample_news") != digest:
        summary = parts.ingester.ingest(read_sources([str(source)]))
        parts.news_store.put_meta("sample_news", digest)
        say(f"样例资讯：{summary.stored} 条（另有重复 {summary.duplicates} 条）")
