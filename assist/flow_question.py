"""The pending question: asked, answered, confirmed, asked again, given up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from assist import flow_words as words
from assist.conversation import chosen
from assist.flow import Collect, Confirm, FlowSlot
from assist.flow_ports import ValueReader
from assist.flow_state import Filled, Wait
from assist.flow_text import render
from assist.flow_turn import Turn
from assist.lexical import plain
from assist.repair import correction
from assist.reply import ReplyKind
from assist.slot import (
    YES,
    Reading,
    SlotProblem,
    SlotReason,
    SlotSpec,
    SlotType,
    SlotValue,
)
from assist.utterance import Utterance

LOW_RECOGNITION = 0.6
"""Below this confidence of the recogniser a value is confirmed."""
LOW_READING = 0.7
"""Below this confidence of the slot's reading a value is confirmed."""
_UNHEARD = 0.4
_MOST_WORDS = 1000
_YES_NO = SlotSpec("confirm", SlotType.YES_NO)
_FOUND_ANYWHERE = (
    SlotType.AMOUNT, SlotType.NUMBER, SlotType.DATE, SlotType.TIME, SlotType.CHOICE,
    SlotType.SECURITY,
)  # fmt: skip
"""Slots whose values turn up in words about other things."""
_AROUND = re.compile(
    "我们?|您|你们?|想|要|就|大概|大约|差不多|应该|可能|一共|总共|全部|只|先|那|这个?|个|是|的|元|块|钱|人民币|"
    "[到去给把在吧呢嗯啊哦呃额嘛呀了好对请帮说]|麻烦|可以|办理?|转账?|金额|数量|日期|时间|生日|出生|"
    "左右|准备|打算|希望|选择?|觉得|还是|联系|打(?:过来|来|给我)|再"
)
_HALF_WORD = re.compile("[中成得行](?![的啊吧呀了嘛呢哦嗯吗])[一-鿿]")
"""A yes that begins another word: 中超, 成都, 行李."""
_MOST_REST = 3
"""Characters of a message that may be neither value nor manner of speaking."""
_REASONS = {
    SlotReason.VAGUE: "请说一个准确的数值。",
    SlotReason.UNSURE: "没关系，请您想一想再告诉我。",
    SlotReason.INCOMPLETE: "还缺少一部分，请说完整。",
    SlotReason.IMPOSSIBLE: "这个日期或时间不存在，请检查一下。",
    SlotReason.LENGTH: "位数不对，请检查一下。",
    SlotReason.FORMAT: "格式不对，请检查一下。",
    SlotReason.CHECKSUM: "这个号码核对不上，请检查一下。",
    SlotReason.CURRENCY: "请按人民币说金额。",
    SlotReason.TOO_SMALL: "这个数值低于允许的范围。",
    SlotReason.TOO_LARGE: "这个数值超出允许的范围。",
    SlotReason.UNKNOWN: "没有找到这只证券，请检查代码或名称。",
}


class Onward(Protocol):
    """What goes on once a question is settled; `assist.flow_run.Runner` is one."""

    def advance(self, turn: Turn) -> None:
        """Take steps until the flow waits again."""

    def disclose(self, turn: Turn, disclosure: str) -> None:
        """Say a disclosure."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The question that a flow waits with."""

    step: Collect
    slot: FlowSlot


class Questions:
    """Handles the pending question of the flow that speaks; keeps nothing between turns."""

    def __init__(self, reader: ValueReader) -> None:
        self._reader = reader

    # --- asking ------------------------------------------------------------------------------

    def wording(self, turn: Turn, step: Collect) -> str:
        """A question as it would be asked now; to compare, not to say."""
        return render(self._template(turn, step), turn.frame, turn.flow).text

    def rendered(self, turn: Turn, template: str) -> str:
        """A text as it would leave now; to compare, not to say."""
        return turn.guarded(render(template, turn.frame, turn.flow).text)

    def ask(self, turn: Turn, step: Collect, *, rule: str = "step", form: str = "{}") -> None:
        """Ask a question, put into `form`, and wait for its answer."""
        said = turn.render_to_say(self._template(turn, step))
        if said is None:
            return
        text, private = said
        fresh = turn.frame.wait is Wait.NOTHING
        if fresh:
            turn.change_frame(tries=0)
        turn.change_frame(wait=Wait.ANSWER, candidate=None, replay=())
        turn.change(aside=False)
        options = self._options(turn, step)
        turn.say(ReplyKind.ASK, form.replace("{}", text), rule, private=private, options=options)

    def restate(self, turn: Turn, onward: Onward) -> None:
        """Say the pending question again, after something else was said."""
        frame = turn.state.frame
        turn.change(offering=False, aside=False)
        if frame is None:
            return
        if frame.wait is Wait.NOTHING:
            onward.advance(turn)
        elif frame.wait is Wait.DISCLOSURE and frame.disclosure:
            onward.disclose(turn, frame.disclosure)
        elif frame.wait is Wait.CONFIRM and frame.candidate:
            self._ask_confirmation(turn, frame.candidate)
        else:
            pending = self.pending(turn)
            if pending is None:
                turn.hand_over("the pending step is gone", words.HAND_OVER_FAILED)
                return
            form = words.CONTINUE.replace("{question}", "{}") if turn.replies else "{}"
            self.ask(turn, pending.step, rule="pending question restated", form=form)

    def pending(self, turn: Turn) -> Pending | None:
        """The question that the speaking flow stands at."""
        frame = turn.state.frame
        if frame is None or frame.wait not in (Wait.ANSWER, Wait.CONFIRM):
            return None
        step = turn.step
        slot = turn.flow.slot(step.slot) if isinstance(step, Collect) else None
        return Pending(step, slot) if isinstance(step, Collect) and slot else None

    # --- answers -----------------------------------------------------------------------------

    def read(self, turn: Turn, slot: FlowSlot, said: Utterance) -> Reading:
        """What an utterance says for a slot; one of the offered values where it picks one."""
        offered = turn.frame.offered
        pick = chosen(said.text, [value.spoken for value in offered])
        if pick is not None:
            return SlotValue(offered[pick].value, offered[pick].spoken, 0, len(said.text))
        return self._reader.read(slot.spec, said, now=turn.now)

    def yes_or_no(self, turn: Turn, said: Utterance) -> str | None:
        """`yes`, `no`, or None where neither was said."""
        reading = self._reader.read(_YES_NO, said, now=turn.now)
        return reading.value if isinstance(reading, SlotValue) else None

    def answer(self, turn: Turn, said: Utterance, reading: SlotValue, onward: Onward) -> None:
        """Take a value for the pending question, after a confirmation where it is unsure."""
        pending = self.pending(turn)
        if pending is None:
            return
        value = evidence(pending.slot, said, reading, turn.state.turn)
        if self._wants_confirmation(turn, pending, said, reading):
            turn.change_frame(wait=Wait.CONFIRM, candidate=value, offered=())
            self._ask_confirmation(turn, value)
        else:
            self.accept(turn, value, onward)

    def accept(self, turn: Turn, value: Filled, onward: Onward) -> None:
        """Fill the pending slot and go on."""
        pending = self.pending(turn)
        if pending is None:
            return
        print_ = self.wording(turn, pending.step)
        turn.fill(value)
        turn.did(pending.step.id, print_)
        turn.change(failures=0, aside=False, offering=False)
        turn.go(pending.step.next)
        onward.advance(turn)

    def confirmed(self, turn: Turn, said: Utterance, onward: Onward) -> bool:
        """Take the answer to 您说的是…，对吗; False where it says nothing of the kind."""
        pending, candidate = self.pending(turn), turn.frame.candidate
        if pending is None or candidate is None:
            return False
        reply = self.yes_or_no(turn, said)
        if reply == YES:
            self.accept(turn, candidate, onward)
            return True
        new = self._reader.read(pending.slot.spec, said, now=turn.now)
        is_new = isinstance(new, SlotValue) and pending.slot.spec.type is not SlotType.TEXT
        if is_new and isinstance(new, SlotValue) and pending.slot.spec.type is not SlotType.YES_NO:
            turn.change_frame(wait=Wait.ANSWER, candidate=None)
            self.answer(turn, said, new, onward)
            return True
        if reply is None:
            return False
        if not self._failed(turn, pending.step, onward):
            turn.change_frame(wait=Wait.ANSWER, candidate=None)
            turn.say(ReplyKind.CLARIFY, words.CONFIRMED_NO, "value was not confirmed")
            self.ask(turn, pending.step, rule="asked again")
        return True

    # --- what went wrong ---------------------------------------------------------------------

    def problem(self, turn: Turn, said: Utterance, found: SlotProblem, onward: Onward) -> None:
        """Say why an answer will not do and ask again."""
        pending = self.pending(turn)
        if pending is None or self._failed(turn, pending.step, onward):
            return
        turn.change_frame(wait=Wait.ANSWER, candidate=None)
        if found.options:
            self._offer(turn, pending, said, found)
            return
        spec = pending.slot.spec
        why = spec.invalid or words.INVALID + _REASONS.get(found.reason, "")
        turn.say(ReplyKind.CLARIFY, self._said(turn, why), f"invalid: {found.reason}")
        if turn.state.frame and turn.state.mode == "bot":
            self._ask_again(turn, pending)

    def not_understood(
        self, turn: Turn, said: Utterance, onward: Onward, lead: str | None = None
    ) -> None:
        """Count a turn that said nothing usable: ask again, clarify, then give up."""
        pending = self.pending(turn)
        turn.change(failures=turn.state.failures + 1)
        if pending is None:
            self.restate(turn, onward)
            return
        if self._failed(turn, pending.step, onward):
            return
        unheard = said.confidence is not None and said.confidence < _UNHEARD
        usual = words.NOT_HEARD if unheard else words.NOT_UNDERSTOOD
        turn.say(ReplyKind.CLARIFY, lead or usual, "not understood")
        if turn.frame.wait is Wait.CONFIRM and turn.frame.candidate:
            self._ask_confirmation(turn, turn.frame.candidate)
        elif turn.frame.tries >= 2:
            self.help(turn)
        else:
            self._ask_again(turn, pending)

    def help(self, turn: Turn) -> None:
        """Ask with everything that helps: what may be said, and that a person can be had."""
        pending = self.pending(turn)
        if pending is None:
            return
        options = self._options(turn, pending.step)
        hint = words.OPTIONS.replace("{options}", "、".join(options)) if options else ""
        self._ask_again(turn, pending, hint + words.HELP_PERSON)

    def _failed(self, turn: Turn, step: Collect, onward: Onward) -> bool:
        """Count a failed answer; True where the question was given up."""
        turn.change_frame(tries=turn.frame.tries + 1)
        if turn.frame.tries < step.tries:
            return False
        if step.otherwise:
            turn.go(step.otherwise)
            onward.advance(turn)
        else:
            turn.hand_over(f"{step.id}: {turn.frame.tries} failures", words.HAND_OVER_FAILED)
        return True

    def _ask_again(self, turn: Turn, pending: Pending, hint: str = "") -> None:
        reask = pending.slot.spec.reask
        template = reask if reask and not pending.step.ask else self._template(turn, pending.step)
        said = turn.render_to_say(template)
        if said is None:
            return
        options = self._options(turn, pending.step)
        turn.change(aside=False)
        turn.say(ReplyKind.ASK, said[0] + hint, "asked again", private=said[1], options=options)

    def _offer(self, turn: Turn, pending: Pending, said: Utterance, found: SlotProblem) -> None:
        offered = tuple(
            evidence(pending.slot, said, option, turn.state.turn) for option in found.options
        )
        labels = tuple(value.spoken for value in offered)
        turn.change_frame(offered=offered)
        text = words.UNSURE_OPTIONS.replace("{options}", "、".join(labels))
        turn.say(ReplyKind.ASK, text, f"several fit: {found.reason}", options=labels)

    def _ask_confirmation(self, turn: Turn, value: Filled) -> None:
        text = words.CONFIRM.replace("{value}", value.spoken)
        turn.say(ReplyKind.ASK, text, "value to confirm")

    def _wants_confirmation(
        self, turn: Turn, pending: Pending, said: Utterance, value: SlotValue
    ) -> bool:
        if pending.slot.confirm is not Confirm.LOW:
            return pending.slot.confirm is Confirm.ALWAYS
        unsure = said.confidence is not None and said.confidence < LOW_RECOGNITION
        if (unsure and not said.keys) or value.confidence < LOW_READING:
            return True
        return beside(pending.slot, said, value, self.wording(turn, pending.step))

    def _template(self, turn: Turn, step: Collect) -> str:
        slot = turn.flow.slot(step.slot)
        return step.ask or (slot.spec.ask if slot else "")

    def _said(self, turn: Turn, template: str) -> str:
        """A text without values that may not be said: those of a remark are left out."""
        rendered = render(template, turn.frame, turn.flow)
        fine = not rendered.missing and (turn.state.verified or not rendered.private)
        return rendered.text if fine else words.INVALID

    def _options(self, turn: Turn, step: Collect) -> tuple[str, ...]:
        slot = turn.flow.slot(step.slot)
        if slot is None or slot.spec.type is not SlotType.CHOICE:
            return ()
        return tuple(choice.label for choice in slot.spec.choices)


def beside(slot: FlowSlot, said: Utterance, value: SlotValue, asked: str) -> bool:
    """Whether words hold a value but seem to speak of something else (打开4399小游戏).

    `asked` is the question: what it names itself is nothing else.
    """
    if said.keys or correction(said.text):
        return False
    if slot.spec.type is SlotType.YES_NO:
        return bool(_HALF_WORD.match(said.text, value.start))
    if slot.spec.type not in _FOUND_ANYWHERE:
        return False
    rest = plain(said.text[: value.start] + said.text[value.end :])
    named = {
        *asked,
        *slot.label,
        *(c for choice in slot.spec.choices for c in "".join(choice.words)),
    }
    return sum(char not in named for char in _AROUND.sub("", rest)) > _MOST_REST


def evidence(slot: FlowSlot, said: Utterance, value: SlotValue, turn: int) -> Filled:
    """A value with the words that prove it."""
    return Filled(
        slot.name, value.value, value.spoken, slot.private, (said.text or said.keys)[:_MOST_WORDS],
        value.start, value.end, turn, said.confidence, said.start_ms, said.end_ms,
    )  # fmt: skip
