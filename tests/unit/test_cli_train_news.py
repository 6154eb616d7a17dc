"""`foreland train tags|sentiment|entity-sentiment` and `foreland eval` of the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from news.article import Tag, TagGroup
from news.errors import DataFileError
from news.learned_tags import LearnedTagger
from ui.cli.main import app

CITIES = {
    "上海": "国内",
    "北京": "国内",
    "广州": "国内",
    "纽约": "海外",
    "伦敦": "海外",
    "东京": "海外",
}
LINES = ("股指午后走高，成交放量", "大盘震荡收跌，板块分化", "今夜有中雨，气温下降")


def _run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, arguments)
    if isinstance(result.exception, DataFileError):
        raise result.exception
    return result


def _write(path: Path, rows: Sequence[object]) -> str:
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    return str(path)


def _tagged() -> list[dict[str, object]]:
    return [
        {"text": f"{city}{verb}：{line}", "tags": [place]}
        for city, place in CITIES.items()
        for line in LINES
        for verb in ("快讯", "消息")
    ]


def _toned() -> list[dict[str, object]]:
    moves = (("净利润大增", "positive"), ("净利润大降", "negative"))
    return [
        {"text": f"{name}{city}分部{move}。", "entity": name, "sentiment": sentiment}
        for name in ("青山股份", "白云科技", "长河集团")
        for city in CITIES
        for move, sentiment in moves
    ]


def _judged() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for name in ("青山股份", "白云科技", "长河集团"):
        for city in CITIES:
            pair, bad = [name, f"{city}银行"], f"{name}被立案调查，{city}银行为其托管。"
            rows.append({"text": bad, "entities": pair, "negative": True, "subjects": [name]})
            good = f"{name}净利润大增，{city}银行为其托管。"
            rows.append({"text": good, "entities": pair, "negative": False, "subjects": []})
    return rows


def test_trained_tags_are_loaded_by_the_pipeline(tmp_path: Path) -> None:
    """The command prints what to expect, and the folder tags articles."""
    out = tmp_path / "model"
    source = _write(tmp_path / "tags.jsonl", _tagged())
    told = json.loads(_run("train", "tags", source, "--out", str(out)).stdout)
    assert list(told) == ["folder", "rows", "cross_validated", "bytes", "seconds"]
    assert told["rows"] == len(_tagged())
    assert told["cross_validated"]["micro_f1"] > 0.8
    tagger = LearnedTagger.load(out, {"海外": TagGroup.MARKET})
    (tag,) = tagger.tag("", "伦敦消息：股指午后走高")
    assert tag == Tag("海外", TagGroup.MARKET, tag.confidence)
    assert 0 < tag.confidence <= 1


@pytest.mark.parametrize(
    ("command", "rows", "key"),
    [("sentiment", _judged(), "subject_f1"), ("entity-sentiment", _toned(), "accuracy")],
)
def test_tones_are_trained_and_measured(
    tmp_path: Path, command: str, rows: list[dict[str, object]], key: str
) -> None:
    """Training and evaluation print one JSON object each; rules need no training data."""
    source = _write(tmp_path / "rows.jsonl", rows)
    told = json.loads(_run("train", command, source, "--out", str(tmp_path / "model")).stdout)
    assert told["cross_validated"][key] > 0.8
    learned = json.loads(_run("eval", command, "--train", source, "--test", source).stdout)
    assert learned[key] > 0.9
    ruled = json.loads(_run("eval", command, "--rules", "--test", source, "--limit", "10").stdout)
    assert (ruled["n"], list(ruled)) == (10, list(learned))
    with pytest.raises(DataFileError, match="--rules"):
        _run("eval", command, "--test", source)


def test_repeated_and_contradicting_rows_are_told(tmp_path: Path) -> None:
    """A row that stands twice counts once; one with two labels is left out; both are reported."""
    rows = _toned()
    contested = {**rows[0], "sentiment": "negative"}
    source = _write(tmp_path / "rows.jsonl", [*rows, rows[1], contested, {"text": "甲"}])
    result = _run("train", "entity-sentiment", source, "--out", str(tmp_path / "model"))
    assert json.loads(result.stdout)["rows"] == len(rows) - 1
    assert "2 rows repeat" in result.stderr
    assert "1 texts have contradicting labels" in result.stderr
    assert "1 bad rows skipped" in result.stderr


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "no row with the fields"),
        ("text,tags\n甲,乙\n", "no row with the fields"),
        ('{"text": "甲", "label": "乙"}', "no row with the fields text, tags"),
        ('{"text": "甲", "tags": ["乙"]}', "more examples"),
    ],
)
def test_what_cannot_teach_is_refused(tmp_path: Path, content: str, expected: str) -> None:
    """Empty files, other formats, unknown keys and too few rows end with what is wanted."""
    source = tmp_path / "rows.jsonl"
    source.write_text(content, encoding="utf-8")
    with pytest.raises(DataFileError, match=expected):
        _run("train", "tags", str(source), "--out", str(tmp_path / "model"))


def test_a_folder_of_other_things_is_not_overwritten(tmp_path: Path) -> None:
    """A folder that holds anything else is refused before any training."""
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"notes\.txt"):
        _run("train", "sentiment", str(tmp_path / "absent.jsonl"), "--out", str(tmp_path))
