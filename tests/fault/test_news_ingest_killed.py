"""Ingestion killed at a random moment loses nothing and doubles nothing."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from news.search import SearchQuery
from ui.settings import read_settings
from ui.wiring import Wiring

SENTENCES = 4


@pytest.fixture(scope="module")
def items(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,500 articles recombined from the sentences of the sample news."""
    texts = [
        orjson.loads(line)
        for path in sorted((data / "news").glob("*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]
    parts = [s + "。" for t in texts for s in t["text"].split("。") if len(s) > 8]
    random_ = random.Random(7)
    path = tmp_path_factory.mktemp("items") / "items.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for number in range(1_500):
            row = {
                "headline": f"{random_.choice(texts)['headline']}（{number}）",
                "text": "".join(random_.sample(parts, SENTENCES)),
                "url": f"https://news.example.com/killed/{number}",
                "published_at": "2024-01-02T09:30:00+08:00",
                "source": "测试",
            }
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def _ingest(home: Path, items: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "ui.cli.main", "news", "ingest", str(items), "--json"],
        env=os.environ | {"FORELAND_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _content(home: Path) -> tuple[list[object], list[object]]:
    with sqlite3.connect(home / "demo" / "workspace.db") as connection:
        articles = connection.execute(
            "SELECT id, content_hash, version, duplicate_of FROM articles ORDER BY id"
        ).fetchall()
        facts = connection.execute(
            "SELECT id FROM facts WHERE predicate = 'mentions' ORDER BY id"
        ).fetchall()
    return articles, facts


def _stored(home: Path) -> int:
    path = home / "demo" / "workspace.db"
    if not path.exists():
        return 0
    try:
        with sqlite3.connect(path) as connection:
            return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_sigkill_half_way_and_a_second_run_equal_an_undisturbed_run(
    items: Path, tmp_path: Path
) -> None:
    """Killed twice and run again, the workspace holds exactly what one quiet run holds."""
    quiet = _ingest(tmp_path / "quiet", items)
    expected, _ = quiet.communicate()
    assert json.loads(expected)["read"] == 1_500
    home = tmp_path / "killed"
    for threshold in (200, 800):
        process = _ingest(home, items)
        while process.poll() is None and _stored(home) < threshold:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert 0 < _stored(home) < 1_500
    output, _ = _ingest(home, items).communicate()
    summary = json.loads(output)
    assert summary["read"] == 1_500
    assert summary["stored"] > 0
    assert _content(home) == _content(tmp_path / "quiet")
    again, _ = _ingest(home, items).communicate()
    summary = json.loads(again)
    assert (summary["stored"], summary["updated"], summary["dead"]) == (0, 0, 0)
    search = subprocess.run(
        [sys.executable, "-m", "ui.cli.main", "news", "search", "", "--json"],
        env=os.environ | {"FORELAND_HOME": str(home)},
        capture_output=True,
        check=True,
    )
    originals = sum(1 for article in _content(home)[0] if article[3] is None)  # type: ignore[index]
    assert json.loads(search.stdout)["total"] == originals


def test_an_index_left_behind_catches_up_at_the_next_start(items: Path, tmp_path: Path) -> None:
    """A process killed after the database was written and before the index was loses no search."""
    few = tmp_path / "few.jsonl"
    few.write_bytes(b"".join(items.read_bytes().splitlines(keepends=True)[:20]))
    _ingest(tmp_path, few).communicate()
    shutil.rmtree(tmp_path / "demo" / "index")
    wiring = Wiring(read_settings({"FORELAND_HOME": str(tmp_path)}))
    assert wiring.news_search.search(SearchQuery()).total == 20
