"""`foreland news feeds|watch|dead|replay|withdraw`, and the process that `foreland up` adds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from news.errors import DataFileError, SourceError
from ui.cli.main import app
from ui.settings import Settings
from ui.up import services

FEEDS = """
feeds:
  - {id: in, title: 来稿, url: %s, kind: folder, tier: official, terms: 自有, enabled: true}
  - {id: other, title: 别处, url: 'https://n.example/rss', kind: feed, tier: media, terms: 未授权}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a file of sources, whose folder holds an article and a wreck."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    row = {"headline": "甲公司公告", "text": "甲公司公告的正文。", "url": "https://n.example/1"}
    (folder / "a.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (folder / "b.html").write_text("<html><title>空</title></html>", encoding="utf-8")
    for path in folder.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    (tmp_path / "feeds.yaml").write_text(FEEDS % folder, encoding="utf-8")
    monkeypatch.setenv("FORELAND_HOME", str(tmp_path))
    return tmp_path


def run(*words: str) -> Any:
    """One command."""
    return CliRunner().invoke(app, ["news", *words])


def test_a_round_by_hand_its_letters_and_their_replay(home: Path) -> None:
    """What was polled is listed; a mended file is replayed; an article is taken back, once."""
    done = run("watch", "--once")
    assert "轮询 1 个来源（失败 0）：新增 1" in done.stdout
    assert "未入库 1" in done.stdout
    (listed, other) = json.loads(run("feeds", "list", "--json").stdout)["feeds"]
    assert (listed["id"], listed["stored"], listed["failures"]) == ("in", 1, 0)
    assert (other["enabled"], other["succeeded_at"]) == (False, None)
    (letter,) = json.loads(run("dead", "--json").stdout)["letters"]
    assert (letter["stage"], letter["payload"]) == ("read", "feed in")
    assert run("replay", letter["id"][:8]).exit_code == 1
    body = "<p>乙公司今日发布公告，拟回购公司股份，金额不超过两亿元。</p>" * 9
    page = f"<html><title>乙公司公告全文</title><body>{body}</body></html>"
    (home / "incoming" / "b.html").write_text(page, encoding="utf-8")
    again = run("replay", "--all")
    assert (again.exit_code, "已入库" in again.stdout) == (0, True)
    assert run("dead").stdout == ""
    assert "（已重放）" in run("dead", "--settled").stdout
    assert "已标记为撤回" in run("withdraw", "https://n.example/1").stdout
    assert "此前已标记为撤回" in run("withdraw", "https://n.example/1").stdout


def test_wrong_words_are_errors_that_say_what_to_do(home: Path) -> None:
    """Unknown letters, articles and sources are named, with the command that lists them."""
    for words, kind, told in (
        (("replay",), SourceError, "give one of: an id, --stage STAGE, --all"),
        (("replay", "zz"), SourceError, "`foreland news dead` lists them"),
        (("withdraw", "https://n.example/9"), SourceError, "nothing to mark"),
        (("withdraw", "nonsense"), SourceError, "neither an id nor the address"),
        (("feeds", "due", "nobody"), DataFileError, "`foreland news feeds list`"),
    ):
        result = run(*words)
        assert isinstance(result.exception, kind), words
        assert told in str(result.exception)


def test_without_an_enabled_source_nothing_is_watched(home: Path) -> None:
    """The message says what to read and where to switch one on."""
    path = home / "feeds.yaml"
    path.write_text(path.read_text("utf-8").replace("enabled: true", "enabled: false"), "utf-8")
    result = run("watch")
    assert isinstance(result.exception, DataFileError)
    assert "enabled: true" in str(result.exception)


def test_the_file_of_sources_is_checked_and_its_schema_written(home: Path, data: Path) -> None:
    """An enabled source that nobody has seen work is pointed out."""
    checked = run("feeds", "check")
    assert checked.exit_code == 0
    assert "2 个来源，启用 1 个" in checked.stdout
    assert "in: 已启用但未验证" in checked.stderr
    assert run("feeds", "schema").stdout == (data / "feeds.schema.json").read_text("utf-8")


def test_the_platform_polls_only_where_a_source_is_enabled(home: Path, data: Path) -> None:
    """The third process has no address to answer at; API and console are as before."""
    settings = Settings(home=home, data=data)
    without, polling = services(settings), services(settings, polls=True)
    assert polling[:2] == without
    assert len(without) == 2
    assert polling[2].command[-2:] == ("news", "watch")
    assert polling[2].health is None
