"""`foreland intents …`: train, predict, eval from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from assist.errors import KnowledgeError
from ui.cli.main import app

HELD_OUT = Path(__file__).resolve().parents[1] / "data" / "intents_heldout.tsv"


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample intents, trained."""
    folder = tmp_path_factory.mktemp("intents") / "saved"
    source = data / "intents" / "brokerage.yaml"
    result = _run("train", str(source), "--out", str(folder))
    told = json.loads(result.stdout)
    assert (told["intents"], told["folder"]) == (36, str(folder))
    assert told["bytes"] < 1_000_000
    return folder


def _run(*arguments: str, stdin: str | bytes = "") -> Result:
    result = CliRunner().invoke(app, ["intents", *arguments], input=stdin)
    if isinstance(result.exception, KnowledgeError):
        raise result.exception
    return result


def test_each_text_gives_one_json_line(trained: Path) -> None:
    """Intent, probability, whether it is out of scope, and the three likeliest."""
    result = _run("predict", str(trained), "我忘记密码了", "今天会下雨吗")
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert list(first) == ["text", "intent", "probability", "out_of_scope", "top"]
    assert (first["intent"], first["out_of_scope"]) == ("reset_password", False)
    assert len(first["top"]) == 3
    assert second["out_of_scope"] is True


def test_a_file_is_read_line_by_line(trained: Path, tmp_path: Path) -> None:
    """Empty lines are left out, broken bytes do no harm, - is standard input."""
    lines = "\ufeff转人工\n\n我要销户\r\n".encode() + b"\xff\xfe\n"
    path = tmp_path / "asked.txt"
    path.write_bytes(lines)
    for result in (
        _run("predict", str(trained), "--file", str(path)),
        _run("predict", str(trained), "--file", "-", stdin=lines),
    ):
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        assert [row["text"] for row in rows[:2]] == ["转人工", "我要销户"]
        assert [row["intent"] for row in rows[:2]] == ["human", "close_account"]
        assert rows[2]["out_of_scope"]


def test_eval_prints_the_promised_keys(trained: Path, tmp_path: Path) -> None:
    """One JSON object; details go to standard error, or with --report into a file."""
    result = _run("eval", str(trained), str(HELD_OUT))
    keys = ["accuracy", "oos_recall", "in_scope_rejected", "n"]
    assert list(json.loads(result.stdout)) == keys
    assert "taken for" in result.stderr
    path = tmp_path / "report.json"
    _run("eval", str(trained), str(HELD_OUT), "--report", str(path))
    report = json.loads(path.read_text("utf-8"))
    assert list(report) == ["scores", "intents", "confusions"]
    assert {"intent", "precision", "recall", "n"} == set(report["intents"][0])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("predict", "nowhere", "你好"), "is no folder of saved intents"),
        (("train", "nowhere.tsv", "--out", "x"), "cannot be read"),
        (("train", "nowhere.yaml", "--out", "x"), "cannot be read"),
    ],
)
def test_what_is_missing_is_named(arguments: tuple[str, ...], reason: str) -> None:
    """The error says what to do next."""
    with pytest.raises(KnowledgeError, match=reason):
        _run(*arguments)


def test_texts_and_a_file_exclude_each_other(trained: Path, tmp_path: Path) -> None:
    """Neither and both are refused, a file that is not there is named."""
    with pytest.raises(KnowledgeError, match="not both"):
        _run("predict", str(trained))
    with pytest.raises(KnowledgeError, match="not both"):
        _run("predict", str(trained), "你好", "--file", "-")
    with pytest.raises(KnowledgeError, match="cannot be read"):
        _run("predict", str(trained), "--file", str(tmp_path / "none.txt"))
