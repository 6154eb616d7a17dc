"""The sample workspace: base facts, sample knowledge base, sample news; each only if missing."""

from __future__ import annotations

from collections.abc import Callable

from assist.knowledge_file import load_folder
from news.read import read_sources
from ui.wiring import Wiring, now


def load_sample(parts: Wiring, *, say: Callable[[str], None]) -> None:
    """Load the samples into a workspace; what is there already is left as it is."""
    changed = parts.load_base_facts()
    if changed:
        say(f"证券与产业链事实：{changed} 条")
    if not parts.knowledge_store.entries():
        loaded = load_folder(parts.settings.data / "faq")
        parts.knowledge_store.put_out_of_scope(loaded.out_of_scope)
        parts.knowledge_store.put_messages(loaded.messages)
        published = parts.knowledge_store.publish(loaded.entries, "样例", now())
        # Fitted once here, so that API and console do not each spend seconds on it.
        parts.live_assistant.refresh()
        say(f"样例知识库：{published} 条")
    source = parts.settings.data / "news"
    digest = f"{sum(p.stat().st_size for p in source.glob('*.jsonl'))}"
    if parts.news_store.meta("sample_news") != digest:
        summary = parts.ingester.ingest(read_sources([str(source)]))
        parts.news_store.put_meta("sample_news", digest)
        say(f"样例资讯：{summary.stored} 条（另有重复 {summary.duplicates} 条）")
