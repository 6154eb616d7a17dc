"""Outbound calls of one workspace: flows, the dialogue that speaks them, rehearsals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from assist.answer import Answer, AnswerKind, Trace
from assist.campaign import Callee, Campaign, CampaignStatus
from assist.campaign_outcome import given_values
from assist.campaign_rules import CallRules, china_day, next_allowed
from assist.campaign_run import CampaignRunner
from assist.conversation import Conversation
from assist.errors import AssistError
from assist.flow import Flow
from assist.flow_engine import Dialogue
from assist.flow_ports import Desk
from assist.flow_state import DialogueState
from assist.rehearsal_line import WEIGHTS, Behaviour, RehearsalLine
from assist.reply import Reply
from assist.trading_days import TradingDays
from assist.utterance import Utterance
from ui.wiring import Wiring, now

REHEARSAL = "-rehearsal"
"""Ends the id of the campaign in which a rehearsal is kept."""
CALENDAR_AHEAD = timedelta(weeks=4)
"""How far the trading calendar should reach: a campaign without a deadline is over by then."""


class OutboundSpeaker:
    """Speaks the flow of a campaign with its customers."""

    def __init__(self, dialogue: Dialogue, flow: Flow) -> None:
        self._dialogue = dialogue
        self._flow = flow

    def begin(self, callee: Callee, now: datetime) -> tuple[DialogueState, tuple[Reply, ...]]:
        """What is said when the customer picks up."""
        given = given_values(self._flow, callee)
        call = DialogueState(key=f"{self._flow.id}/{callee.id}/{now.isoformat()}")
        return self._dialogue.start(self._flow.id, given, now, state=call, outbound=True)

    def respond(
        self, state: DialogueState, utterance: Utterance, now: datetime
    ) -> tuple[DialogueState, tuple[Reply, ...]]:
        """What is said to an utterance."""
        return self._dialogue.respond(state, utterance, now)


class SilentDesk:
    """Stands in for the assistant in a workspace without a knowledge base: answers nothing."""

    def reply(
        self, text: str, conversation: Conversation | None = None
    ) -> tuple[Answer, Conversation]:
        """Regret, whatever is asked."""
        answer = Answer(
            AnswerKind.REJECT, "抱歉，这个问题我暂时无法回答。", 0.0, trace=Trace("no desk", text)
        )
        return answer, (conversation or Conversation()).after(text, answer)


def calendar_gap(days: TradingDays, until: date) -> str | None:
    """What to tell an operator whose plans reach past the calendar's end; None where all is known.

    The exchanges announce a year's closed days in the December before.
    """
    if days.last is not None and until <= days.last:
        return None
    year = days.last.year + 1 if days.last else until.year
    return (
        f"交易日历只到 {days.last or '（空）'}：之后按周一至周五外呼，春节等休市日也会拨打。"
        f"请按交易所的休市公告运行 foreland campaign calendar add {year} 首日..末日 …"
    )


def last_day(rules: CallRules, moment: datetime) -> date:
    """The last day (in China) on which a campaign that begins now may call, as far as one can say:
    its deadline, else some weeks from its beginning.
    """
    begin = max(moment, rules.starts_at or moment)
    return china_day(rules.deadline or begin + CALENDAR_AHEAD)


def outbound_flow(wiring: Wiring, flow_id: str) -> Flow | None:
    """A flow by its id; None where there is none."""
    return next((flow for flow in wiring.flows if flow.id == flow_id), None)


def dialogue(wiring: Wiring, known: Sequence[Flow], desk: Desk | None = None) -> Dialogue:
    """The dialogue engine over some flows, for this thread."""
    if desk is None and not wiring.knowledge_store.entries():
        desk = SilentDesk()
    return wiring.dialogue(known, desk)


def rehearse(
    wiring: Wiring,
    campaign: Campaign,
    *,
    seed: int = 0,
    fresh: bool = False,
    weights: Mapping[Behaviour, float] = WEIGHTS,
    progress: Callable[[int], None] = lambda finished: None,
) -> Campaign:
    """Run a campaign with simulated customers to its end, or go on with a rehearsal.

    The customers' results are kept beside those of the campaign, under its id and -rehearsal.
    """
    flow = outbound_flow(wiring, campaign.flow_id)
    if flow is None:
        raise AssistError(f"there is no flow {campaign.flow_id!r}; see foreland flows check")
    store = wiring.campaign_store
    rehearsal = _copied(wiring, campaign, fresh=fresh)
    start = _beginning(wiring, rehearsal)
    # Only one rehearsal of a campaign runs at a time: what is open was left by one that ended.
    store.recover(rehearsal, start, all_calls=True)
    line = RehearsalLine(flow, start, seed=seed, weights=weights)
    ended, total = 0, store.count(rehearsal.id).customers
    told_every = max(20, total // 100)  # counting takes longer the longer the list is

    def finished() -> None:
        nonlocal ended
        ended += 1
        if ended % told_every == 0:
            progress(store.count(rehearsal.id).finished)

    CampaignRunner(
        rehearsal,
        flow,
        store,
        line,
        OutboundSpeaker(dialogue(wiring, (flow,)), flow),
        wiring.trading_days,
        clock=line.now,
        call_id=lambda callee: f"{rehearsal.id}/{callee.id}/{callee.attempts + 1}",
    ).run(finished=finished)
    return store.find(rehearsal.id) or rehearsal


def _copied(wiring: Wiring, campaign: Campaign, *, fresh: bool) -> Campaign:
    store = wiring.campaign_store
    name = campaign.id.removesuffix(REHEARSAL) + REHEARSAL
    known = store.find(name)
    if known is not None and fresh and not campaign.rehearsal:
        store.remove(name)
        known = None
    if known is not None:
        return known
    copy = replace(campaign, id=name, status=CampaignStatus.RUNNING, rehearsal=True)
    people = [
        Callee(c.id, c.phone, c.customer_id, c.fields, c.priority, c.deadline)
        for c in store.callees(campaign.id)
    ]
    store.create(copy, people, now())
    return copy


def _beginning(wiring: Wiring, rehearsal: Campaign) -> datetime:
    """Where a rehearsal's made-up time begins: at the first allowed moment, or where it ended."""
    last = wiring.campaign_store.last_moment(rehearsal.id)
    if last is not None:
        return last + timedelta(seconds=1)
    rules = rehearsal.rules
    moment = now()
    if rules.deadline is not None and moment >= rules.deadline:
        moment = rules.starts_at or rules.deadline - timedelta(days=1)
    return next_allowed(rules, moment, wiring.trading_days) or moment
