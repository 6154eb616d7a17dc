"""Chances, thresholds and the report on them."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assist.calibrate import Judged, Targets, choose_thresholds, curve, outcome, reliability
from assist.calibration_report import Source, report_on_fit, report_on_messages
from assist.errors import KnowledgeError
from assist.knowledge import FaqEntry, KnowledgeBase, Message
from assist.knowledge_file import load_folder
from assist.matcher import Lexicons, Matcher
from ui.cli.main import app


def judged(count: int, seed: int = 3) -> tuple[list[Judged], list[Judged]]:
    """Messages whose chances are true to what happens, and lines out of scope."""
    chance = random.Random(seed)
    rights = [chance.random() ** 0.2 for _ in range(count)]
    covered = [
        Judged(0.5 + chance.random() / 2, right, True, chance.random() < right) for right in rights
    ]
    outside = [Judged(chance.random() ** 3, chance.random(), False, False) for _ in range(count)]
    return covered, outside


def test_true_chances_are_found_reliable_and_false_ones_are_not() -> None:
    """The calibration error is small where chances come true, and large where they boast."""
    covered, _ = judged(4000)
    true = reliability([j.right for j in covered], [j.correct for j in covered])
    boast = reliability([0.99] * len(covered), [j.correct for j in covered])
    assert true.error < 0.03
    assert boast.error > 0.1
    assert sum(part.count for part in true.bins) == 4000


@pytest.mark.parametrize("wrong", [0.0, 0.01, 0.05])
def test_thresholds_keep_the_targets(wrong: float) -> None:
    """No more is answered wrongly, answered from outside or asked back than was allowed."""
    covered, outside = judged(1000)
    targets = Targets(wrong, 0.02, 0.1)
    found = outcome(covered, outside, choose_thresholds(covered, outside, targets))
    assert found.wrong <= wrong
    assert found.outside_answered <= 0.02
    assert found.outside_clarified <= 0.1
    assert found.right + found.wrong + found.clarified + found.rejected == pytest.approx(
        1, abs=1e-3
    )


def test_more_wrong_answers_buy_more_right_ones() -> None:
    """Along the curve both grow."""
    covered, outside = judged(2000)
    rows = curve(covered, outside, Targets(outside_answered=0.05))
    assert [row.wrong for row in rows] == sorted(row.wrong for row in rows)
    assert rows[-1].right > rows[0].right


def test_no_messages_at_all_give_no_report() -> None:
    """A base that is too small says what to add."""
    matcher = Matcher(KnowledgeBase((FaqEntry("a", "怎么开户"),)), Lexicons.empty())
    with pytest.raises(KnowledgeError, match="too few to calibrate on"):
        report_on_fit(matcher, Targets())
    with pytest.raises(KnowledgeError, match="none of 1 messages"):
        report_on_messages(matcher, [Message("开户", "unknown")], Targets())


@pytest.fixture(scope="module")
def half(data: Path) -> tuple[Matcher, tuple[Message, ...]]:
    """A matcher over every second sample entry and half of its messages, and the other half."""
    loaded = load_folder(data / "faq")
    entries = loaded.entries[::2]
    kept = {entry.id for entry in entries}
    messages = [m for m in loaded.messages if m.entry_id in kept]
    base = KnowledgeBase(entries, loaded.out_of_scope, tuple(messages[::2]))
    return Matcher(base, Lexicons.load(data / "lexicons")), tuple(messages[1::2])


def test_chances_mean_the_same_after_the_base_changed(
    half: tuple[Matcher, tuple[Message, ...]],
) -> None:
    """With half of the entries gone, chances are still true on messages the fit has not seen."""
    matcher, unseen = half
    report = report_on_messages(matcher, unseen, Targets())
    assert report.source is Source.NEW_MESSAGES
    assert report.right.error < 0.04
    assert report.now.wrong <= 0.04
    assert report.now.right >= 0.85


def test_report_on_what_was_fitted(half: tuple[Matcher, tuple[Message, ...]]) -> None:
    """Cross-validated on the messages where there are enough, on own questions otherwise."""
    matcher, _ = half
    report = report_on_fit(matcher, Targets())
    assert report.source is Source.MESSAGES
    assert report.right.error < 0.04
    assert matcher.samples is not None
    matcher.samples = replace(matcher.samples, messages=())
    report = report_on_fit(matcher, Targets())
    assert report.source is Source.OWN_QUESTIONS
    assert report.covered == len(matcher.samples.own)


def test_command_prints_json_and_draws(tmp_path: Path, data: Path) -> None:
    """`kb calibrate` reports on a folder and draws the curve."""
    faq = tmp_path / "faq"
    faq.mkdir()
    for name in ("fees.yaml", "fees.similar.yaml", "ipo.yaml", "ipo.similar.yaml"):
        (faq / name).write_text((data / "faq" / name).read_text("utf-8"), encoding="utf-8")
    lines = (data / "faq" / "out_of_scope.txt").read_text("utf-8")
    (faq / "out_of_scope.txt").write_text(lines, encoding="utf-8")
    picture = tmp_path / "curve.png"
    arguments = ["kb", "calibrate", "--folder", str(faq), "--png", str(picture), "--json"]
    result = CliRunner().invoke(app, arguments, env={"FORELAND_HOME": str(tmp_path / "home")})
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["source"] == "own_questions"
    assert found["now"]["wrong"] <= 0.06
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_vague_messages_are_asked_back(half: tuple[Matcher, tuple[Message, ...]]) -> None:
    """What names neither product nor matter is rarely answered outright."""
    matcher, unseen = half
    vague = [Message(text, "ask") for text in ("要什么条件", "多久能好", "怎么取消", "为什么失败")]
    report = report_on_messages(matcher, [*unseen, *vague], Targets())
    assert report.vague == 4
    assert report.now.vague_clarified >= 0.25
    with pytest.raises(KnowledgeError, match="none of 4 messages"):
        report_on_messages(matcher, vague, Targets())
