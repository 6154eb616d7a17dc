"""What the news say of a company or another entity, as cited sentences.

Articles of one story are told once, by the source that counts most; an announcement comes before
reports of media. What a source took back is not told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time

from assist.answer import Citation
from assist.news_period import Period, recent
from assist.news_reply import (
    CHINA,
    Clause,
    Sentence,
    article_citation,
    day_of,
    heading,
    headline_of,
    nothing_found,
    statement,
)
from assist.news_subject import members
from news.article import Article, EntityTone, Sentiment
from news.event import EventKind
from news.event_names import EVENT_NAMES, STATUS_NAMES, TIER_NAMES
from news.fact import FactStatus
from news.happening import Happening
from news.store import NewsStore

MOST_STORIES = 5
MOST_EVENTS = 8
MOST_REASONS = 3
TONE_DAYS = 30
_MOST_READ, _MOST_OF_EACH = 80, 10
_MOST_CITED = 6
TONES = {Sentiment.POSITIVE: "正面", Sentiment.NEUTRAL: "中性", Sentiment.NEGATIVE: "负面"}


class NewsTeller:
    """Tells news and events of an entity, as they are stored now; keeps nothing."""

    def __init__(self, store: NewsStore, name: Callable[[str], str], today: date) -> None:
        """`name` gives what an entity is called."""
        self._store = store
        self._name = name
        self._today = today

    def latest(self, entity: str, days: Period | None) -> tuple[Sentence, ...]:
        """The newest stories, announcements first, with their tone towards the entity."""
        stories = self._stories(self._articles(entity, days))[:MOST_STORIES]
        if not stories:
            return self._none(entity, days, "资讯")
        order = "公告在前，由新到旧" if any(_is_official(s[0]) for s in stories) else "由新到旧"
        told = [heading(f"{self._name(entity)}{_when(days, '最新')}的资讯（{order}）：")]
        stories.sort(key=lambda story: not _is_official(story[0]))
        return (*told, *(self._story(story, entity) for story in stories))

    def events(self, entity: str, days: Period | None) -> tuple[Sentence, ...]:
        """What happened, one line an event with how far it is to be believed; else the news."""
        found = self.happenings(entity, days, MOST_EVENTS)
        if not found:
            return self.latest(entity, days)
        told = heading(f"{self._name(entity)}{_when(days, '最近')}的事件（由新到旧）：")
        return (told, *filter(None, map(self._event, found)))

    def why(self, entity: str, days: Period | None) -> tuple[Sentence, ...]:
        """The stories with the most reports: those of a week where no days are named."""
        days = days or recent(7, self._today, "最近一周")
        stories = self._stories(self._articles(entity, days))
        stories.sort(key=lambda story: (-len(story), story[0].tier.rank))
        if not stories:
            return self._none(entity, days, "报道")
        told = heading(f"{self._name(entity)}在{days.told}报道最多的事：")
        return (told, *(self._story(s, entity, every=True) for s in stories[:MOST_REASONS]))

    def rumours(self, entity: str, days: Period | None) -> tuple[Sentence, ...]:
        """Rumours with what became of them, and clarifications."""
        found = self.happenings(entity, days, _MOST_READ)
        doubted = [h for h in found if _was_doubted(h)]
        if not doubted:
            where = days.told if days else "现有资讯中"
            return (nothing_found(f"在{where}没有查到{self._name(entity)}的传闻或澄清。"),)
        told = heading(f"{self._name(entity)}{_when(days, '')}的传闻与澄清（由新到旧）：")
        return (told, *filter(None, map(self._event, doubted[:MOST_STORIES])))

    def tone(self, entity: str, days: Period | None) -> tuple[Sentence, ...]:
        """How many articles speak well or ill of the entity, with the articles counted."""
        days = days or recent(TONE_DAYS, self._today, f"最近{TONE_DAYS}天")
        clause = self.tone_clause(entity, days)
        if clause is None:
            return self._none(entity, days, "有语气分析的资讯")
        return (Sentence((clause,), end="。"), *self.latest(entity, days))

    def tone_clause(self, entity: str, days: Period) -> Clause | None:
        """The same as a part of a sentence; None where there are no articles."""
        tones = [
            (article, tone)
            for article in self._articles(entity, days)
            if (tone := tone_towards(article, entity))
        ]
        if not tones:
            return None
        counts = Counter(tone.sentiment for _, tone in tones)
        told = "、".join(f"{TONES[s]}{counts[s]}篇" for s in TONES)
        # Those that weigh most are cited; the counts can be counted again from the list of news.
        tones.sort(key=lambda found: (-abs(found[1].score), found[0].id))
        cited = tuple(article_citation(article) for article, _ in tones[:_MOST_CITED])
        return Clause(f"{self._name(entity)}{days.told}的资讯共{len(tones)}篇：{told}", cited)

    def newest_event(self, entity: str, days: Period | None) -> Clause | None:
        """The latest event as a part of a sentence; None without one."""
        found = self.happenings(entity, days, 1)
        sentence = self._event(found[0]) if found else None
        if sentence is None:
            return None
        words = sentence.clauses[0].text.removeprefix("· ")
        return Clause(words, sentence.citations)

    def happenings(
        self, entity: str, days: Period | None, limit: int, kinds: Sequence[EventKind] = ()
    ) -> list[Happening]:
        """Events of an entity, latest first; of a group those of its companies."""
        found = [
            happening
            for member in members(entity, self._store)
            for happening in self._store.happenings.timeline(
                member, since=_start(days), until=_end(days), kinds=kinds, limit=limit
            )
        ]
        return sorted(found, key=lambda h: h.first_at, reverse=True)[:limit]

    def _articles(self, entity: str, days: Period | None) -> list[Article]:
        found: dict[str, Article] = {}
        asked = members(entity, self._store)
        each = _MOST_READ if len(asked) == 1 else _MOST_OF_EACH
        for member in asked:
            told = self._store.articles_about(
                member, since=_start(days), until=_end(days), limit=each, duplicates=True
            )
            found |= {a.id: a for a in told if a.withdrawn_at is None}
        newest = sorted(found.values(), key=lambda a: (a.dated, a.published_at), reverse=True)
        return newest[:_MOST_READ]

    def _stories(self, articles: Iterable[Article]) -> list[list[Article]]:
        """Articles by story, the latest story first; its weightiest, then earliest article first.

        Repeats of an article that is not among them are left out.
        """
        stories: dict[str, list[Article]] = {}
        for article in articles:
            # Without a day nobody can tell that it belongs to what others told then.
            key = article.story_id if article.dated else None
            stories.setdefault(key or article.id, []).append(article)
        for story in stories.values():
            story.sort(key=lambda a: (a.tier.rank, a.duplicate_of is not None, a.published_at))
        return [story for story in stories.values() if any(not a.duplicate_of for a in story)]

    def _story(self, story: Sequence[Article], entity: str, *, every: bool = False) -> Sentence:
        lead = story[0]
        source = f" — {lead.source}" if lead.source else ""
        tone = tone_towards(lead, entity)
        notes = [f"对其{TONES[tone.sentiment]}"] if tone else []
        notes += [f"同一事件共{len(story)}篇"] if len(story) > 1 else []
        notes += [f"第{lead.version}版"] if lead.version > 1 else []
        told = f"（{'，'.join(notes)}）" if notes else ""
        day = day_of(lead.published_at) if lead.dated else "日期不详"
        cited = [article_citation(article) for article in story[: _MOST_CITED if every else 1]]
        kind = f"【{TIER_NAMES[lead.tier]}】" if len(story) > 1 or _is_official(lead) else ""
        return statement(f"· {day}　{kind}{headline_of(lead)}{source}{told}", *cited)

    def _event(self, happening: Happening) -> Sentence | None:
        """None where every article behind it is gone."""
        ids = (happening.lead_id, happening.first_id, happening.status_by or happening.lead_id)
        found = self._store.articles(tuple(dict.fromkeys(ids)))
        if not found:
            return None
        badge = f"{EVENT_NAMES[happening.kind]}·{STATUS_NAMES[happening.status]}"
        decided = next((a for a in found if a.id == happening.status_by), None)
        first = next((a for a in found if a.id == happening.first_id), None)
        denied = happening.status is FactStatus.DENIED
        # What was denied is what was claimed, not the denial.
        headline = headline_of(first) if denied and first else happening.headline
        notes = [f"{happening.count}篇报道，首见于{happening.first_source or '来源不详'}"]
        if decided is not None and (denied or decided.id != happening.lead_id):
            notes.append(f"{day_of(decided.published_at)}{_decision(happening)}：{decided.source}")
        corrected = [a for a in found if a.version > 1]
        notes += [f"已更正，第{corrected[0].version}版"] if corrected else []
        cited: tuple[Citation, ...] = tuple(article_citation(article) for article in found)
        text = f"· {day_of(happening.first_at)}　【{badge}】{headline}（{'，'.join(notes)}）"
        return statement(text, *cited)

    def _none(self, entity: str, days: Period | None, what: str) -> tuple[Sentence, ...]:
        """That nothing was found and where; the latest article beside it where days were named."""
        name = self._name(entity)
        if days is None:
            return (nothing_found(f"暂时没有查到{name}的{what}。"),)
        told = nothing_found(f"没有查到{name}在{days.told}的{what}。")
        newest = self._stories(self._articles(entity, None))[:1]
        if not newest:
            return (told,)
        return (told, heading("最近一次被报道是："), self._story(newest[0], entity))


def tone_towards(article: Article, entity: str) -> EntityTone | None:
    """How an article speaks of an entity; None where nobody looked."""
    return next((tone for tone in article.tones if tone.entity_id == entity), None)


def _was_doubted(happening: Happening) -> bool:
    decided = happening.status_by is not None and happening.status_by != happening.first_id
    confirmed = happening.status is FactStatus.CONFIRMED and decided
    return happening.status in (FactStatus.RUMOUR, FactStatus.DENIED) or confirmed


def _decision(happening: Happening) -> str:
    return "否认" if happening.status is FactStatus.DENIED else "确认"


def _is_official(article: Article) -> bool:
    return article.tier.rank == 0


def _when(days: Period | None, otherwise: str) -> str:
    return days.told if days else otherwise


def _start(days: Period | None) -> datetime | None:
    return _midnight(days.first) if days else None


def _end(days: Period | None) -> datetime | None:
    return _midnight(days.last) if days else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
