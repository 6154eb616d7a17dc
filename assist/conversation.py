"""What a conversation remembers between two messages; plain data, changed by making a new one."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from rapidfuzz import fuzz

from assist.answer import Answer, AnswerKind, CitationKind
from assist.errors import AssistError
from assist.lexical import plain

KEPT_TURNS = 20
_KEPT_CHARACTERS = 200
_NUMBERS = {"一": 1, "二": 2, "两": 2, "三": 3, "1": 1, "2": 2, "3": 3}
_POLITE = r"(?:我|想|要|问|的|是|选|选择|看|就|那|应该|请|说|点|嗯|对|好|，)*"
_ORDINAL = re.compile(rf"^{_POLITE}第?([一二两三123])(?:个|项|条|种|号|点|问题|吧|呢|啊|的|那个)*$")
_LAST = re.compile(
    rf"^{_POLITE}(?:最后|末尾|最下面)(?:一|那|面|边|头)*(?:个|项|条|种|问题|吧|的)*$"
)
_NONE = re.compile(
    "^(?:以上|这些|这几个)?(?:都|全)?(?:不是|不对|不要|没有)(?:这些|这几个|以上|我要的|我想问的)?(?:的|啊|呢)?$"
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message with the kind of its reply and the entry that answered it, if one did."""

    text: str
    kind: AnswerKind
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class SpokenCompany:
    """A listed company by its id, with the topics and the words for the days last asked about it.

    `is_latest`: nothing else was talked about since.
    """

    company: str
    topics: tuple[str, ...] = ()
    days: str | None = None
    is_latest: bool = True


@dataclass(frozen=True, slots=True)
class Conversation:
    """State between two messages: latest turns, last answered entry, open options of a clarify.

    `question` is the last business question as it was understood, `question_entry` the entry that
    answered it, None where it was asked back. `last_company` is the id of the listed company talked
    about last, with the topics and the words for the days that were asked about; `on_company`
    tells whether it was talked about later than the business question.
    """

    turns: tuple[Turn, ...] = ()
    last_entry: str | None = None
    options: tuple[str, ...] = ()
    option_ids: tuple[str, ...] = ()
    last_company: str | None = None
    question: str | None = None
    question_entry: str | None = None
    company_topics: tuple[str, ...] = ()
    company_days: str | None = None
    on_company: bool = False

    def after(self, text: str, answer: Answer) -> Conversation:
        """The conversation once `text` was answered."""
        entry = next((c.id for c in answer.citations if c.kind is CitationKind.FAQ), None)
        turn = Turn(text[:_KEPT_CHARACTERS], answer.kind, entry)
        following = replace(
            self,
            turns=(*self.turns, turn)[-KEPT_TURNS:],
            last_entry=entry or self.last_entry,
            options=answer.options,
            option_ids=answer.option_ids,
        )
        if entry is None and answer.kind is not AnswerKind.CLARIFY:
            return following
        asked = (answer.trace.asked if answer.trace else text)[:_KEPT_CHARACTERS]
        return replace(following, question=asked, question_entry=entry, on_company=False)

    @property
    def company(self) -> SpokenCompany | None:
        """The company talked about last."""
        if self.last_company is None:
            return None
        return SpokenCompany(
            self.last_company, self.company_topics, self.company_days, self.on_company
        )

    def about_company(self, company: str, topics: Sequence[str], days: str | None) -> Conversation:
        """The same, once a question about a company was answered."""
        return replace(
            self,
            last_company=company,
            company_topics=tuple(topics),
            company_days=days,
            on_company=True,
        )

    def to_json(self) -> str:
        """The state as text, to be kept between two messages."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Conversation:
        """Read a state back; raises AssistError where it is not one."""
        try:
            raw = json.loads(text)
            turns = tuple(
                Turn(t["text"], AnswerKind(t["kind"]), t["entry_id"]) for t in raw["turns"]
            )
            return cls(
                turns,
                raw["last_entry"],
                tuple(raw["options"]),
                tuple(raw["option_ids"]),
                # Later fields may be missing: a conversation may be older than the program.
                raw.get("last_company"),
                raw.get("question"),
                raw.get("question_entry"),
                tuple(raw.get("company_topics", ())),
                raw.get("company_days"),
                bool(raw.get("on_company")),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise AssistError(
                f"the stored conversation cannot be read ({error}); begin a new one"
            ) from error


def chosen(text: str, options: Sequence[str]) -> int | None:
    """Which of the open options a message picks, from 0; None where it picks none.

    By number (2, 第二个, 最后一个) or by words that are closer to one option than to the others.
    """
    said = plain(text)
    if not options or not said:
        return None
    by_number = _ORDINAL.match(said)
    if by_number:
        place = _NUMBERS[by_number.group(1)] - 1
        return place if place < len(options) else None
    if _LAST.match(said):
        return len(options) - 1
    return _by_words(said, [plain(option) for option in options])


def declines(text: str) -> bool:
    """Whether a message turns down every option (都不是)."""
    return bool(_NONE.match(plain(text)))


def _by_words(said: str, options: Sequence[str]) -> int | None:
    # A pick repeats words of the option; a new question brings words of its own.
    own = [n for n, option in enumerate(options) if said == option]
    if own:
        return own[0]
    inside = [n for n, option in enumerate(options) if len(said) >= 2 and said in option]
    if len(inside) == 1:
        return inside[0]
    ratios = [fuzz.ratio(said, option) for option in options]
    best = max(range(len(options)), key=ratios.__getitem__)
    others = [ratio for n, ratio in enumerate(ratios) if n != best]
    return best if ratios[best] >= 75 and ratios[best] - max(others, default=0) >= 10 else None
