"""The command line: what each command prints, and how errors look, over a real workspace."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ui.sample import load_sample
from ui.settings import read_settings
from ui.wiring import Wiring


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample workspace loaded."""
    folder = tmp_path_factory.mktemp("home")
    load_sample(Wiring(read_settings({"FORELAND_HOME": str(folder)})), say=lambda line: None)
    return folder


def _run(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.cli.main", *arguments],
        env={"FORELAND_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"},
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_help_lists_every_command(home: Path) -> None:
    """A newcomer sees what there is."""
    shown = _run(home, "--help").stdout
    assert all(
        name in shown for name in ("ask", "talk", "say", "news", "graph", "kb", "eval", "up")
    )


def test_ask_gives_the_approved_answer_word_for_word(home: Path) -> None:
    """The reply is the entry's text; the citation names entry and version."""
    body = json.loads(_run(home, "ask", "创业板怎么开通", "--json").stdout)
    store = Wiring(read_settings({"FORELAND_HOME": str(home)})).knowledge_store
    entry = store.entry("board-permission-chinext-open")
    assert entry is not None
    assert body["kind"] == "answer"
    assert body["reply"] == entry.answer
    assert body["citations"] == [
        {"kind": "faq", "id": entry.id, "title": entry.question, "version": "1"}
    ]


@pytest.mark.parametrize(
    ("question", "kind"),
    [("今天天气怎么样", "reject"), ("转人工", "handoff"), ("手续费", "clarify")],
)
def test_ask_refuses_hands_over_and_asks_back(home: Path, question: str, kind: str) -> None:
    """What is not covered, who wants a person, and what fits several entries."""
    body = json.loads(_run(home, "ask", question, "--json").stdout)
    assert body["kind"] == kind
    assert set(body) >= {"kind", "reply", "score", "citations", "options"}
    assert (1 <= len(body["options"]) <= 3) == (kind == "clarify")


def test_a_chat_keeps_its_context(home: Path) -> None:
    """A follow-up without a name goes on about the company named before."""
    out = _run(home, "ask", stdin="宁德时代属于哪个行业\n它的上游呢\n\n").stdout
    assert "属于锂电池行业" in out
    assert "上游有：输变电设备" in out


def test_both_halves_answer_with_citations(home: Path) -> None:
    """News are cited as articles, facts as facts."""
    news = json.loads(_run(home, "ask", "宁德时代最近有什么消息", "--json").stdout)
    assert {c["kind"] for c in news["citations"]} == {"article"}
    facts = json.loads(_run(home, "ask", "贵州茅台什么时候上市的", "--json").stdout)
    assert {c["kind"] for c in facts["citations"]} == {"fact"}
    assert "2001年8月27日" in facts["reply"]


def test_ingest_prints_its_summary_and_goes_on_after_bad_files(home: Path, tmp_path: Path) -> None:
    """Each bad file gets a line; the good article is stored; a second run stores nothing."""
    (tmp_path / "empty.xml").write_bytes(b"")
    (tmp_path / "cut.xml").write_text("<rss><channel><item><title>x", encoding="utf-8")
    rows = [{"headline": "宁德时代新闻一则", "text": "宁德时代公告了一件事。"}, {"headline": 5}]
    good = tmp_path / "good.jsonl"
    good.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    missing = str(tmp_path / "missing.xml")
    first = _run(home, "news", "ingest", str(tmp_path), missing, "--json")
    summary = json.loads(first.stdout)
    assert summary["stored"] >= 1
    assert summary["dead"] >= 3
    lines = first.stderr.splitlines()
    for name in ("empty.xml", "good.jsonl:2", "missing.xml"):
        assert sum(name in line for line in lines) == 1, name
    again = json.loads(_run(home, "news", "ingest", str(tmp_path), "--json").stdout)
    assert (again["stored"], again["updated"]) == (0, 0)


def test_nothing_readable_is_an_error(home: Path, tmp_path: Path) -> None:
    """A command that could do nothing says so with its exit status."""
    result = _run(home, "news", "ingest", str(tmp_path / "nothing"))
    assert result.returncode == 1
    assert "no such file" in result.stderr


def test_graph_show_prints_facts_with_their_source_and_draws(home: Path, tmp_path: Path) -> None:
    """The table names files; `--json` has both times; `--png` writes a picture."""
    assert "data/securities.tsv#300750" in _run(home, "graph", "show", "宁德时代").stdout
    body = json.loads(_run(home, "graph", "show", "300750", "--json").stdout)
    assert body["center"]["name"] == "宁德时代"
    assert all(f["evidence"] and f["recorded_at"] for f in body["facts"])
    picture = tmp_path / "p.png"
    _run(home, "graph", "show", "宁德时代", "--png", str(picture))
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_say_writes_sound(home: Path, tmp_path: Path) -> None:
    """espeak-ng speaks without any model."""
    out = tmp_path / "x.wav"
    assert _run(home, "say", "您好，欢迎致电示例证券", "--out", str(out)).returncode == 0
    assert out.read_bytes().startswith(b"RIFF")


def test_talk_without_weights_names_the_two_ways(home: Path, tmp_path: Path) -> None:
    """Without Whisper weights the message says how to get them, in one line."""
    clip = tmp_path / "q.wav"
    _run(home, "say", "创业板怎么开通", "--out", str(clip))
    missing = str(tmp_path / "no.pt")
    result = _run(home, "talk", str(clip), "--out", str(tmp_path / "a.wav"), "--asr-model", missing)
    assert result.returncode == 1
    assert "no.pt" in result.stderr
    assert "Traceback" not in result.stderr


def test_keys_are_shown_once_and_listed_without_their_secret(home: Path) -> None:
    """The list never shows what `create` printed."""
    key = _run(home, "key", "create", "测试", "--scope", "news:read").stdout.strip()
    listed = _run(home, "key", "list").stdout
    assert key.startswith("fl_")
    assert key not in listed
    assert key.split("_")[1] in listed


def test_kb_check_names_file_and_place(home: Path, tmp_path: Path) -> None:
    """A duplicate id and a missing field are one line each; the rest is usable."""
    entry = (
        "  - id: {id}\n    question: {id}怎么办\n    similar: [甲{id}, 乙{id}, 丙{id}, 丁{id}]\n"
        "    answer: 答{id}\n    source: 来源\n    valid_from: 2023-01-01\n"
    )
    text = "category: 测试\nentries:\n" + entry.format(id="a-1") + entry.format(id="a-1")
    text += "  - id: a-2\n    question: 缺答案\n"
    (tmp_path / "kb.yaml").write_text(text, encoding="utf-8")
    result = _run(home, "kb", "check", str(tmp_path))
    assert result.returncode == 1
    assert "kb.yaml:9: entry 2 (a-1)" in result.stderr
    assert "entry 3 (a-2)" in result.stderr
    assert "1 个条目可用" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--workspace", "坏 名", "kb", "list"), "lower-case letters"),
        (("graph", "show", "不存在的公司"), "not in the graph"),
        (("news", "search", "。。"), "no letter or digit"),
        (("kb", "show", "nope"), "not in use"),
        (("eval", "search", "--docs", "/nonexistent.jsonl"), "cannot be read"),
    ],
)
def test_errors_are_one_line_without_a_traceback(
    home: Path, arguments: tuple[str, ...], message: str
) -> None:
    """Every expected error ends with status 1 and one line that says what to do."""
    result = _run(home, *arguments)
    assert result.returncode == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_eval_commands_print_one_json_object(home: Path, tmp_path: Path) -> None:
    """Bad rows are reported and skipped; the keys are those of the documentation."""
    tags = tmp_path / "tags.jsonl"
    rows = [{"text": f"央行{n}宣布降息与货币政策", "tags": ["货币"]} for n in range(12)]
    rows += [{"text": f"球队{n}赢得比赛与冠军", "tags": ["体育"]} for n in range(12)]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows] + ["not json"]
    tags.write_text("\n".join(lines), encoding="utf-8")
    result = _run(home, "eval", "tags", "--train", str(tags), "--test", str(tags))
    assert json.loads(result.stdout)["micro_f1"] == 1.0
    assert "1 bad rows skipped" in result.stderr
    docs = tmp_path / "docs.jsonl"
    docs.write_text('{"headline": "降息", "text": "央行宣布降息"}\n', encoding="utf-8")
    scores = json.loads(_run(home, "eval", "search", "--docs", str(docs)).stdout)
    assert scores["mrr10"] == 1.0
    assert {"recall10", "p50_ms", "p95_ms"} <= set(scores)
