"""What a customer asks about a listed company or another subject of the news: the topics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from assist.errors import AssistError
from news.article import Mention
from news.text import fold, simplify


class CompanyTopic(StrEnum):
    """What can be asked about a company."""

    NEWS = "news"
    EVENTS = "events"
    WHY = "why"
    RUMOURS = "rumours"
    TONE = "tone"
    AFFECTED = "affected"
    COMPARE = "compare"
    MEMBERS = "members"
    INDUSTRY = "industry"
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    CHAIN = "chain"
    LISTING = "listing"
    EXCHANGE = "exchange"
    CODE = "code"
    FORMER_NAMES = "former_names"
    FULL_NAME = "full_name"
    CONCEPTS = "concepts"
    PEERS = "peers"
    ADVICE = "advice"
    OVERVIEW = "overview"


TOPIC_NAMES = {
    CompanyTopic.NEWS: "消息",
    CompanyTopic.EVENTS: "大事",
    CompanyTopic.WHY: "上新闻的原因",
    CompanyTopic.RUMOURS: "传闻与澄清",
    CompanyTopic.TONE: "舆情",
    CompanyTopic.AFFECTED: "影响",
    CompanyTopic.COMPARE: "对比",
    CompanyTopic.MEMBERS: "成分公司",
    CompanyTopic.INDUSTRY: "所属行业",
    CompanyTopic.UPSTREAM: "上游",
    CompanyTopic.DOWNSTREAM: "下游",
    CompanyTopic.CHAIN: "产业链",
    CompanyTopic.LISTING: "上市时间",
    CompanyTopic.EXCHANGE: "上市的交易所",
    CompanyTopic.CODE: "股票代码",
    CompanyTopic.FORMER_NAMES: "曾用名",
    CompanyTopic.FULL_NAME: "全称",
    CompanyTopic.CONCEPTS: "概念",
    CompanyTopic.PEERS: "同行",
    CompanyTopic.ADVICE: "买卖建议",
    CompanyTopic.OVERVIEW: "概况",
}


@dataclass(frozen=True, slots=True)
class TopicWords:
    """The words by which each topic is recognised, longest first."""

    words: tuple[tuple[str, CompanyTopic], ...]

    @classmethod
    def load(cls, path: Path) -> TopicWords:
        """Read a YAML list of {topic, words}; raises AssistError naming file and entry."""
        try:
            rows = yaml.safe_load(path.read_text(encoding="utf-8"))
            pairs = [(fold(str(w)), CompanyTopic(r["topic"])) for r in rows for w in r["words"]]
        except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
            raise AssistError(
                f"{path}: needs a list of 'topic' and 'words', topics being"
                f" {', '.join(CompanyTopic)} ({error})"
            ) from error
        return cls(tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0]))))

    def topics(self, text: str) -> tuple[CompanyTopic, ...]:
        """Topics in the order in which the text names them; a longer word hides one inside it."""
        return self.split(text)[0]

    def split(self, text: str) -> tuple[tuple[CompanyTopic, ...], str]:
        """The topics, and the folded text without the words that named them."""
        folded, found = fold(text), dict[int, CompanyTopic]()
        for word, topic in self.words:
            start = folded.find(word)
            while start >= 0:
                found[start] = topic
                folded = folded[:start] + "\0" * len(word) + folded[start + len(word) :]
                start = folded.find(word)
        topics = tuple(dict.fromkeys(topic for _, topic in sorted(found.items())))
        return topics, folded.replace("\0", "")


_FILLERS = re.compile(
    r"请问|我想|想问|帮我|查一下|查查|查询|看看|看一下|了解|一下|介绍|情况|怎么样|怎样|如何"
    r"|呢|吗|啊|呀|的|吧|下|这家公司|这个公司|公司|股票|这只|属于|这个|是什么|什么|最近|现在|目前"
)


def without_names(text: str, mentions: Sequence[Mention]) -> str:
    """The question without the names of the companies in it."""
    for mention in sorted(mentions, key=lambda m: -m.start):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return text


def only_names(text: str, mentions: Sequence[Mention]) -> bool:
    """Whether a question says nothing but a company's name and politeness around it."""
    return bool(mentions) and not without_politeness(without_names(text, mentions))


def without_politeness(text: str) -> str:
    """The folded text without words that every question about a company may hold."""
    return fold(_FILLERS.sub("", simplify(text)))
