"""Articles as small pieces of HTML. Every text passes through `escape_html`; nothing else may.

The styles of the classes are in console.css.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from news.article import Article, EntityTone, Mention, Sentiment, SourceTier, Tag, TagGroup
from news.event_names import TIER_NAMES
from ui.console.escape import escape_html, web_address
from ui.console.moments import minute

LONGEST_IN_LIST = 3_000
"""Characters of a text that a list shows; the article's own page shows all of it."""

TONES = {
    Sentiment.POSITIVE: "正面",
    Sentiment.NEUTRAL: "中性",
    Sentiment.NEGATIVE: "负面",
}
_GROUPS = {TagGroup.TOPIC: "主题", TagGroup.INDUSTRY: "行业", TagGroup.MARKET: "市场"}

Namer = Callable[[str], str]
"""Gives the name of an entity id."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What a list adds to an article: its source's tier as a chip, the tone towards the entity of
    the list (None where unknown), and how many more articles its story has."""

    tier: str = ""
    tone: EntityTone | None = None
    more: int = 0


NOTHING = Addition()


def towards(article: Article, entity_id: str) -> EntityTone | None:
    """How an article speaks of an entity; None where nobody looked."""
    return next((tone for tone in article.tones if tone.entity_id == entity_id), None)


def tier_chip(tier: SourceTier) -> str:
    """A chip that says how much the source counts."""
    return f'<span class="fl-chip fl-tier fl-tier-{tier}">{TIER_NAMES[tier]}</span>'


def tone_chip(sentiment: Sentiment) -> str:
    """A chip in the tone's colour."""
    return f'<span class="fl-chip fl-{sentiment}">{TONES[sentiment]}</span>'


def tag_chips(tags: tuple[Tag, ...]) -> str:
    """A chip for each tag; the hint gives its group and confidence."""
    return "".join(
        f'<span class="fl-chip fl-tag" title="{_GROUPS[t.group]} · 置信度 {t.confidence:.2f}">'
        f"{escape_html(t.name)}</span>"
        for t in tags
    )


def facts_line(article: Article, duplicates: int = 0) -> str:
    """Time, source, version and near-duplicates of an article on one line."""
    parts = [
        minute(article.published_at) if article.dated else "日期不详",
        escape_html(article.source or "来源不详"),
    ]
    if article.version > 1:
        parts.append(f"第 {article.version} 版")
    if article.duplicate_of:
        parts.append('<span class="fl-note">相似报道</span>')
    if article.withdrawn_at:
        parts.append(f'<span class="fl-gone">已撤回（{minute(article.withdrawn_at)}）</span>')
    if duplicates:
        parts.append(f'<span class="fl-note">另有 {duplicates} 篇相似报道</span>')
    return f'<div class="fl-meta">{" · ".join(parts)}</div>'


def result(
    article: Article, snippet: str, duplicates: int, name: Namer, addition: Addition = NOTHING
) -> str:
    """One article of a list: opens on a click and then shows the text with its mentions."""
    tone = addition.tone.sentiment if addition.tone else article.sentiment
    more = f'<span class="fl-chip">共 {addition.more + 1} 篇</span>' if addition.more else ""
    return (
        '<details class="fl-article"><summary>'
        f'<div class="fl-head">{tone_chip(tone)}{addition.tier}'
        f'<span class="fl-headline">{escape_html(article.headline or "（无标题）")}</span>{more}'
        "</div>"
        f"{facts_line(article, duplicates)}"
        f'<div class="fl-snippet">{escape_html(snippet)}</div></summary>'
        f"{body(article, name, LONGEST_IN_LIST)}</details>"
    )


def body(article: Article, name: Namer, longest: int | None = None) -> str:
    """The text in paragraphs with its mentions marked; cut after `longest` characters."""
    start = len(article.content) - len(article.text)
    end = len(article.content) if longest is None else min(len(article.content), start + longest)
    cut = len(article.content) - end
    more = f'<p class="fl-meta">…… 还有 {cut} 字，请打开全文。</p>' if cut else ""
    return f'<div class="fl-body">{marked(article, start, end, name)}</div>{more}'


def marked(article: Article, start: int, end: int, name: Namer) -> str:
    """A slice of the article's content with the entities in it marked, each kind in its colour.

    The hint gives name, id, how it was found, how sure that is and the tone towards it.
    """
    pieces, place = [], start
    for mention in _apart(article.mentions, start, end):
        pieces.append(escape_html(article.content[place : mention.start]))
        words = escape_html(article.content[mention.start : mention.end])
        kind = escape_html(mention.entity_id.partition(":")[0])
        hint = escape_html(_hint(article, mention, name))
        pieces.append(f'<mark class="fl-m-{kind}" title="{hint}">{words}</mark>')
        place = mention.end
    pieces.append(escape_html(article.content[place:end]))
    return "".join(pieces)


def _hint(article: Article, mention: Mention, name: Namer) -> str:
    tone = towards(article, mention.entity_id)
    told = f" · 情感 {TONES[tone.sentiment]}" if tone else ""
    key = mention.entity_id.partition(":")[2]
    sure = f"{mention.method} · 置信度 {mention.confidence:.2f}"
    return f"{name(mention.entity_id)}（{key}） · {sure}{told}"


def _apart(mentions: tuple[Mention, ...], start: int, end: int) -> Iterator[Mention]:
    """Mentions inside the slice that do not overlap, the first and longest kept."""
    free = start
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end)):
        if mention.start >= free and mention.end <= end:
            yield mention
            free = mention.end


def source_link(article: Article) -> str:
    """A link to where the article was published; plain text where the address is none."""
    url = web_address(article.url)
    if url is None:
        return f'<span class="fl-meta">{escape_html(article.origin)}</span>'
    return f'<a href="{escape_html(url)}" target="_blank" rel="noopener noreferrer">查看原文</a>'


def companies_of(article: Article) -> tuple[str, ...]:
    """Ids of the companies an article names, surest and earliest first."""
    ordered = sorted(article.mentions, key=lambda m: (-m.confidence, m.start))
    return tuple(dict.fromkeys(m.entity_id for m in ordered if m.entity_id.startswith("company:")))
