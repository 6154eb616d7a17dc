"""Ingestion killed at a random moment loses nothing and doubles nothing."""

from __future__ import annotations

import json
import multiprocessing
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

from news.read import read_sources
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


KILLS = 50


def _told(home: Path) -> dict[str, object]:
    """Everything that articles, stories, events and the graph say, whatever the moment."""
    parts = Wiring(read_settings({"FORELAND_HOME": str(home)}))
    store = parts.news_store
    found = parts.news_search.search(SearchQuery(text="公司", limit=1, duplicates=True))
    articles = store.connection.execute(
        "SELECT id, content_hash, version, duplicate_of, story_id, novelty FROM articles"
        " ORDER BY id"
    )
    return {
        "articles": articles.fetchall(),
        "graph": store.facts.digest(),
        "events": [(h.id, h.count, h.first_id, str(h.status)) for h in store.happenings.all()],
        "stories": store.connection.execute(
            "SELECT id, count, headline FROM stories ORDER BY id"
        ).fetchall(),
        "dead": store.dead_letters.count(),
        "found": found.total,
    }


def _ingest_here(home: Path, items: Path) -> None:
    """Ingest in this process, which another one may kill."""
    parts = Wiring(read_settings({"FORELAND_HOME": str(home)}))
    parts.ingester.ingest(read_sources([str(items)]))


def test_fifty_kills_leave_the_graph_of_an_undisturbed_run(items: Path, tmp_path: Path) -> None:
    """Killed at 50 drawn moments, the workspace ends word for word as if nothing had happened."""
    _ingest_here(tmp_path / "whole", items)
    home, random_ = tmp_path / "killed", random.Random(11)
    # A fork has all modules loaded already, so that the moments fall into the ingestion itself.
    context = multiprocessing.get_context("fork")
    killed = 0
    while killed < KILLS:
        child = context.Process(target=_ingest_here, args=(home, items))
        child.start()
        # Now and then long enough for batches to be stored, mostly in the middle of one.
        child.join(random_.uniform(0.02, random_.choice((0.2, 0.6, 1.5))))
        if child.is_alive() and child.pid is not None:
            os.kill(child.pid, signal.SIGKILL)
            killed += 1
        child.join()
        if child.exitcode == 0 and killed < KILLS:
            # It got through: what remains of the kills falls on the next workspace.
            assert _told(home) == _told(tmp_path / "whole")
            shutil.rmtree(home)
    _ingest_here(home, items)
    assert _told(home) == _told(tmp_path / "whole")
