"""The watch of sources, as a real process: killed it loses nothing, asked to stop it ends."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

ARTICLES = 1_200
FEEDS = """
feeds:
  - {id: in, title: 来稿, url: %s, kind: folder, tier: official, terms: 自有, enabled: true}
"""


def _watch(home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "ui.cli.main", "news", "watch"],
        env=os.environ | {"FORELAND_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _count(home: Path, sql: str) -> int:
    path = home / "demo" / "workspace.db"
    if not path.exists():
        return 0
    try:
        with sqlite3.connect(path) as connection:
            return int(connection.execute(sql).fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def _until(process: subprocess.Popen[bytes], home: Path, sql: str, least: int) -> None:
    while process.poll() is None and _count(home, sql) < least:
        time.sleep(0.02)


def test_a_killed_watch_goes_on_where_it_was_and_a_stopped_one_ends(tmp_path: Path) -> None:
    """kill -9 in the middle of a file, then a new start: each article is there exactly once."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    rows = (
        {
            "headline": f"第{n}号公告",
            "text": f"第{n}号公告的正文。",
            "url": f"https://n.example/{n}",
        }
        for n in range(ARTICLES)
    )
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "a.jsonl").write_text(lines, encoding="utf-8")
    os.utime(folder / "a.jsonl", (1_700_000_000, 1_700_000_000))
    (tmp_path / "feeds.yaml").write_text(FEEDS % folder, encoding="utf-8")
    stored, polled = "SELECT count(*) FROM articles", "SELECT count(*) FROM feed_states"
    killed = _watch(tmp_path)
    _until(killed, tmp_path, stored, 1)
    killed.kill()
    killed.wait()
    assert 0 < _count(tmp_path, stored) < ARTICLES
    assert _count(tmp_path, polled) == 0
    with sqlite3.connect(tmp_path / "demo" / "workspace.db") as connection:
        # The lease of a killed process ends by itself; the test does not wait for it.
        connection.execute("UPDATE leases SET until = 0")
    again = _watch(tmp_path)
    _until(again, tmp_path, polled, 1)
    again.send_signal(signal.SIGTERM)
    _, errors = again.communicate()
    assert again.returncode == 0, errors.decode()
    assert _count(tmp_path, stored) == ARTICLES
    assert _count(tmp_path, "SELECT count(DISTINCT url) FROM articles") == ARTICLES
    assert _count(tmp_path, "SELECT count(*) FROM articles WHERE tier = 'official'") == ARTICLES
    assert _count(tmp_path, "SELECT count(*) FROM leases") == 0
    assert _count(tmp_path, "SELECT count(*) FROM dead_letters") == 0
