"""An entry of the knowledge base while it is being edited, and what is wrong with it yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from assist.knowledge import FaqEntry
from assist.knowledge_file import ID_PATTERN, LONGEST_ANSWER, LONGEST_QUESTION
from news.text import fold

LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """The fields of the form as typed; `similar` holds one question a line."""

    id: str
    category: str
    question: str
    similar: str
    answer: str
    source: str
    valid_from: date
    risk_notice: str
    author: str
    valid_until: date | None = None

    @classmethod
    def of(cls, entry: FaqEntry, author: str = "") -> EntryDraft:
        """The form filled with a published entry."""
        return cls(
            id=entry.id,
            category=entry.category,
            question=entry.question,
            similar="\n".join(entry.similar),
            answer=entry.answer.strip(),
            source=entry.source,
            valid_from=entry.valid_from,
            risk_notice=entry.risk_notice or "",
            author=author,
            valid_until=entry.valid_until,
        )

    def entry(self) -> FaqEntry:
        """The entry that these fields describe, not published yet."""
        return FaqEntry(
            id=self.id.strip(),
            question=self.question.strip(),
            similar=_lines(self.similar),
            answer=self.answer.strip(),
            source=self.source.strip(),
            valid_from=self.valid_from,
            category=self.category.strip(),
            risk_notice=self.risk_notice.strip() or None,
            valid_until=self.valid_until,
        )


def problems(draft: EntryDraft, others: Iterable[FaqEntry], *, new: bool) -> tuple[str, ...]:
    """What must be put right before publishing, one line each; `others` is the published base."""
    entry = draft.entry()
    taken = tuple(others)
    found = [*_missing(draft, entry), *_too_long(entry), *_repeated(entry)]
    if new and any(other.id == entry.id for other in taken):
        found.append(f"编号 {entry.id} 已被占用，请换一个。")
    found += _belonging_to_others(entry, taken)
    return tuple(found)


def same_content(one: FaqEntry, other: FaqEntry) -> bool:
    """Whether publishing one over the other would change nothing."""
    return EntryDraft.of(one) == EntryDraft.of(other)


def _missing(draft: EntryDraft, entry: FaqEntry) -> Iterator[str]:
    if not re.search(ID_PATTERN, entry.id) or len(entry.id) > LONGEST_ID:
        yield "编号请用小写英文字母、数字和连字符，例如 open-account-online。"
    required = (
        ("分类", entry.category),
        ("标准问", fold(entry.question)),
        ("答案", entry.answer),
        ("依据", entry.source),
        ("发布人", draft.author.strip()),
    )
    for label, value in required:
        if not value:
            yield f"请填写{label}。"
    if entry.valid_until is not None and entry.valid_until < entry.valid_from:
        yield f"失效日期 {entry.valid_until} 早于生效日期 {entry.valid_from}，请改正。"


def _too_long(entry: FaqEntry) -> Iterator[str]:
    for question in entry.questions:
        if len(question) > LONGEST_QUESTION:
            yield f"“{question[:20]}……”有 {len(question)} 字，一个问法最多 {LONGEST_QUESTION} 字。"
    if len(entry.answer) > LONGEST_ANSWER:
        yield f"答案有 {len(entry.answer)} 字，最多 {LONGEST_ANSWER} 字。"


def _repeated(entry: FaqEntry) -> Iterator[str]:
    seen: set[str] = set()
    for question in entry.questions:
        key = fold(question)
        if key and key in seen:
            yield f"“{question}”重复了，请删去一个。"
        seen.add(key)


def _belonging_to_others(entry: FaqEntry, others: Iterable[FaqEntry]) -> Iterator[str]:
    """Wordings that another entry has; those that were shared before the edit may stay."""
    taken = tuple(others)
    before = {fold(q) for other in taken if other.id == entry.id for q in other.questions}
    mine = {fold(question) for question in entry.questions} - before
    for other in taken:
        if other.id == entry.id:
            continue
        for question in other.questions:
            if fold(question) in mine:
                yield (
                    f"“{question}”已属于条目“{other.question}”（{other.id}），"
                    "一个问法只能属于一个条目。"
                )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
