"""Counting of right, wrong and missed mentions, and the command that prints it."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from news.article import Mention
from news.link_scores import GoldMention, LinkTally
from ui.cli.main import app

TEXT = "贵州茅台(600519)上涨，机器人产业升温，五粮液回落"


def found(entity: str, surface: str) -> Mention:
    """A mention of the first place of a surface."""
    start = TEXT.index(surface)
    return Mention(f"company:{entity}", surface, start, start + len(surface), "test", 1.0)


def label(code: str | None, surface: str) -> GoldMention:
    """A label of the first place of a surface."""
    start = TEXT.index(surface)
    return GoldMention(f"company:{code}" if code else None, start, start + len(surface))


def test_name_with_its_code_is_one_mention() -> None:
    """Labels of a name and of the code beside it are found by one mention of either."""
    tally = LinkTally()
    gold = [label("600519", "贵州茅台"), label("600519", "600519")]
    errors = tally.add(TEXT, gold, [found("600519", "贵州茅台")])
    assert (errors.wrong, errors.missed) == ((), ())
    assert tally.scores().f1 == 1.0


def test_wrong_missed_and_nil_are_told_apart() -> None:
    """A linked NIL is wrong, another company's mention is wrong and leaves its label missed."""
    tally = LinkTally()
    gold = [label("600519", "贵州茅台"), label(None, "机器人"), label("000858", "五粮液")]
    errors = tally.add(
        TEXT,
        gold,
        [found("600519", "贵州茅台"), found("300024", "机器人"), found("000568", "五粮液")],
    )
    assert [m.surface for m in errors.wrong] == ["机器人", "五粮液"]
    assert [g.entity_id for g in errors.missed] == ["company:000858"]
    scores = tally.scores()
    assert (scores.right, scores.found, scores.mentions) == (1, 3, 2)
    assert (scores.nil, scores.nil_linked, scores.nil_accuracy) == (1, 1, 0.0)


def test_spots_judge_nothing_else_and_ignored_spans_count_for_nothing() -> None:
    """Only what overlaps a labelled spot is judged; an ignored span is neither found nor missed."""
    tally = LinkTally()
    everything = [found("600519", "贵州茅台"), found("300024", "机器人")]
    tally.add_spots(TEXT, [label(None, "机器人")], everything[:1])
    ignored = GoldMention(None, TEXT.index("机器人"), TEXT.index("机器人") + 3, ignored=True)
    tally.add(TEXT, [label("600519", "贵州茅台"), ignored], everything)
    assert (tally.scores().precision, tally.scores().recall) == (1.0, 1.0)


def test_command_prints_one_object_and_tells_of_bad_rows(tmp_path: Path) -> None:
    """Codes in any form and ids of any kind fit; rows with spans outside the text are skipped."""
    rows = [
        {
            "text": "贵州茅台发布年报。工业机器人产量增长",
            "entities": [
                {"code": "SH600519", "start": 0, "end": 4},
                {"code": "NIL", "start": 11, "end": 14},
            ],
        },
        {"text": "短", "entities": [{"code": "600519", "start": 0, "end": 9}]},
        {"text": "腾讯控股回购", "entities": [{"code": "00700.HK", "start": 0, "end": 4}]},
        {"text": "沪指走高", "entities": [{"code": "index:000001.SH", "start": 0, "end": 2}]},
    ]
    gold = tmp_path / "gold.jsonl"
    gold.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    result = CliRunner().invoke(app, ["eval", "link", str(gold), "--show-errors"])
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)
    assert (scores["precision"], scores["recall"], scores["mentions"]) == (1.0, 0.6667, 3)
    assert (scores["nil"], scores["nil_linked"]) == (1, 0)
    assert "outside" in result.stderr
    assert "腾讯控股" in result.stderr
