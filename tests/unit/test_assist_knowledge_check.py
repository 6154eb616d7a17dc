"""Faults of a knowledge base whose entries are all well formed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assist.knowledge import FaqEntry, KnowledgeBase
from assist.knowledge_check import Fault, Finding, check_base
from assist.knowledge_file import PlacedEntry, Severity, read_file
from assist.matcher import Lexicons

TODAY = date(2025, 6, 3)
START = date(2023, 1, 1)
OPEN = FaqEntry(
    "open",
    "怎么开通创业板",
    ("创业板开通流程", "如何开通创业板"),
    "登录App办理。",
    "指南",
    START,
    "权限",
)
CLOSE = FaqEntry(
    "close",
    "怎么关闭创业板",
    ("创业板关闭流程", "如何关闭创业板"),
    "到营业部办理。",
    "指南",
    START,
    "权限",
)


@pytest.fixture(scope="module")
def lexicons(data: Path) -> Lexicons:
    """The project's lexicons, which know opposites."""
    return Lexicons.load(data / "lexicons")


def found(lexicons: Lexicons, *entries: FaqEntry) -> tuple[Finding, ...]:
    """What is wrong with entries."""
    return check_base(KnowledgeBase(entries), lexicons, TODAY)


def faults(lexicons: Lexicons, *entries: FaqEntry) -> list[tuple[Fault, str]]:
    """Faults with the entries that have them."""
    return [(finding.fault, finding.entry_id) for finding in found(lexicons, *entries)]


def test_sound_entries_have_no_fault(lexicons: Lexicons) -> None:
    """Opposites are told apart, and each question leads to its own entry."""
    assert faults(lexicons, OPEN, CLOSE) == []


def test_nothing_is_wrong_with_nothing(lexicons: Lexicons) -> None:
    """An empty base is no error."""
    assert faults(lexicons) == []


def test_a_question_of_two_entries_is_an_error(lexicons: Lexicons) -> None:
    """Whatever its marks and width; it is reported once, not as a near one too."""
    other = replace(CLOSE, similar=(*CLOSE.similar, "怎么 开通创业板？"))
    shared = [f for f in found(lexicons, OPEN, other) if f.fault is Fault.SHARED_QUESTION]
    assert [({f.entry_id, f.other_id}, f.severity) for f in shared] == [
        ({"close", "open"}, Severity.ERROR)
    ]
    near = [f for f in found(lexicons, OPEN, other) if f.fault is Fault.NEARER_TO_ANOTHER]
    assert "怎么开通创业板" not in [f.question for f in near]


def test_a_question_that_says_the_opposite_is_named(lexicons: Lexicons) -> None:
    """注销 among the wordings of 开通 answers a customer with the contrary."""
    wrong = replace(OPEN, similar=(*OPEN.similar, "注销创业板权限"))
    first = found(lexicons, wrong)[0]
    assert (first.fault, first.severity) == (Fault.OPPOSITE_QUESTION, Severity.WARNING)
    assert first.question == "注销创业板权限"


def test_a_question_nearer_to_another_entry_is_named_with_its_rival(lexicons: Lexicons) -> None:
    """A wording that was filed under the wrong entry."""
    wrong = replace(CLOSE, similar=(*CLOSE.similar, "如何开通创业板呢"), question="创业板权限")
    near = [f for f in found(lexicons, OPEN, wrong) if f.question == "如何开通创业板呢"]
    assert ("close", "open") in [(f.entry_id, f.other_id) for f in near]
    assert max(f.lead for f in near) > 0


def test_an_entry_that_no_question_reaches_is_named(lexicons: Lexicons) -> None:
    """Every wording of it, taken out, leads elsewhere."""
    lost = FaqEntry("lost", "开通创业板呢", ("创业板流程啊",), "其他。", "指南", START, "权限")
    assert (Fault.UNREACHED, "lost") in faults(lexicons, OPEN, lost)


def test_dates_are_looked_at(lexicons: Lexicons) -> None:
    """Expired, about to expire, not yet valid."""
    days = {
        Fault.EXPIRED: replace(OPEN, valid_until=date(2025, 6, 2)),
        Fault.EXPIRING: replace(OPEN, valid_until=date(2025, 6, 30)),
        Fault.UPCOMING: replace(OPEN, valid_from=date(2025, 7, 1)),
    }
    for fault, entry in days.items():
        assert faults(lexicons, entry, CLOSE) == [(fault, "open")]
    assert faults(lexicons, replace(OPEN, valid_until=date(2026, 6, 30)), CLOSE) == []


def test_twin_answers_and_lone_questions_are_warnings(lexicons: Lexicons) -> None:
    """The same answer under two entries, and an entry without other wordings."""
    twin = replace(CLOSE, answer="登录 App 办理")
    lone = FaqEntry("lone", "逆回购几点到账", (), "次日。", "指南", START, "交易")
    result = faults(lexicons, OPEN, twin, lone)
    assert [fault for fault, _ in result].count(Fault.SAME_ANSWER) == 1
    assert (Fault.NO_SIMILAR, "lone") in result


def test_the_serious_comes_first(lexicons: Lexicons) -> None:
    """Errors, then warnings, then notices."""
    entries = (
        replace(OPEN, valid_until=date(2025, 6, 30)),
        replace(CLOSE, similar=("怎么开通创业板",), answer=OPEN.answer),
    )
    severities = [list(Severity).index(f.severity) for f in found(lexicons, *entries)]
    assert severities == sorted(severities)
    assert severities[0] == 0


def test_the_sample_base_has_no_error(lexicons: Lexicons, data: Path) -> None:
    """Nobody is told the contrary, and no question has two owners; progress is heard."""
    items = read_file(data / "faq" / "board-permission.yaml")
    entries = [item.entry for item in items if isinstance(item, PlacedEntry)]
    heard: list[tuple[int, int]] = []
    result = check_base(
        KnowledgeBase(tuple(entries)),
        lexicons,
        TODAY,
        progress=lambda done, total: heard.append((done, total)),
    )
    assert [f for f in result if f.severity is Severity.ERROR] == []
    assert heard[-1][0] == heard[-1][1] == sum(len(e.questions) for e in entries)
