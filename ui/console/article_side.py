"""What was found in an article: its entities with their tones, its events, the story it is of."""

from __future__ import annotations

import streamlit as st

from news.article import Article, Mention
from news.event_names import EVENT_NAMES, STATUS_NAMES
from ui.console.article_html import TONES, Namer, tier_chip, towards
from ui.console.article_names import METHODS, kind_of
from ui.console.escape import escape_html
from ui.console.links import address_of_company, article_link
from ui.console.moments import minute
from ui.wiring import Wiring

_STORY = 20


def entities(article: Article, name: Namer) -> None:
    """One row an entity: kind, name, tone towards it, how much the article is about it."""
    best = surest(article)
    if not best:
        return
    st.markdown(f"##### 实体（{len(best)}）")
    st.html(f'<ul class="fl-found">{"".join(_entity(article, m, name) for m in best)}</ul>')


def events(article: Article, name: Namer) -> None:
    """What the article reports as happened, with the words that say so."""
    if not article.events:
        return
    st.markdown(f"##### 事件（{len(article.events)}）")
    rows = []
    for event in article.events:
        words = article.content[event.start : event.end]
        subject = name(event.subject) if event.subject else "主体不详"
        rows.append(
            f'<li class="fl-status-{event.status}"><span class="fl-chip fl-kind">'
            f"{EVENT_NAMES[event.kind]}</span>"
            f'<span class="fl-chip fl-badge">{STATUS_NAMES[event.status]}</span>'
            f"{escape_html(subject)}<span class='fl-meta'>“{escape_html(words)}” · 置信度"
            f" {event.confidence:.2f}</span></li>"
        )
    st.html(f'<ul class="fl-found">{"".join(rows)}</ul>')


def story(wiring: Wiring, article: Article) -> None:
    """The other articles about the same matter, near-duplicates among them."""
    known = wiring.news_store.stories.story(article.story_id) if article.story_id else None
    about = article.mentions[0].entity_id if article.mentions else None
    if known is None or known.count < 2 or about is None:
        return
    found = wiring.news_store.articles_about(
        about, since=known.first_at, limit=_STORY * 10, duplicates=True
    )
    others = [a for a in found if a.story_id == article.story_id and a.id != article.id]
    st.markdown(f"##### 同一件事（共 {known.count} 篇）")
    st.caption(f"{minute(known.first_at)} 起；本篇新内容占 {article.novelty:.0%}")
    with st.container(key="links-story", gap=None):
        for other in others[:_STORY]:
            told = f"{minute(other.published_at)} {other.source} {other.headline}"
            article_link(other.id, told)


def surest(article: Article) -> tuple[Mention, ...]:
    """The surest mention of each entity; those that the article is most about come first."""
    found: dict[str, Mention] = {}
    for mention in sorted(article.mentions, key=lambda m: (-m.confidence, m.start)):
        found.setdefault(mention.entity_id, mention)

    def about(mention: Mention) -> float:
        tone = towards(article, mention.entity_id)
        return tone.relevance if tone else 0.0

    return tuple(sorted(found.values(), key=lambda m: (-about(m), m.start)))


def _entity(article: Article, mention: Mention, name: Namer) -> str:
    tone = towards(article, mention.entity_id)
    chip, told = (
        "",
        f"{METHODS.get(mention.method, mention.method)} · 置信度 {mention.confidence:.2f}",
    )
    if tone is not None:
        chip = f'<span class="fl-chip fl-{tone.sentiment}">{TONES[tone.sentiment]}</span>'
        told += f" · 相关度 {tone.relevance:.2f}"
    words = escape_html(name(mention.entity_id))
    if mention.entity_id.startswith("company:"):
        address = escape_html(address_of_company(mention.entity_id))
        words = f'<a href="{address}" target="_self">{words}</a>'
    kind = escape_html(kind_of(mention.entity_id))
    return (
        f'<li><span class="fl-chip fl-tag">{kind}</span>{chip}{words}'
        f'<span class="fl-meta">{escape_html(told)}</span></li>'
    )


def marks(article: Article) -> str:
    """The source's tier and, in words, whether the source took the article back."""
    gone = ""
    if article.withdrawn_at:
        at = minute(article.withdrawn_at)
        gone = f'<div class="fl-risk">来源已于 {at} 撤回本文，以下内容不再作为依据。</div>'
    return f"{gone}{tier_chip(article.tier)}"
