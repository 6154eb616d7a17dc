"""`foreland kb …`: an editor's and a reviewer's day at the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ui.cli.main import app, run

ROOT = Path(__file__).resolve().parents[2]
KB = """category: 开户
entries:
  - id: open
    question: 怎么开户
    similar: [开户流程, 如何开户]
    answer: 请登录App办理。
    source: 办理指南
    valid_from: 2023-01-01
  - id: close
    question: 怎么销户
    similar: [注销账户]
    answer: 请到营业部办理。
    source: 办理指南
    valid_from: 2023-01-01
"""


class Desk:
    """The command line over one workspace."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: str, ok: bool = True) -> str:
        """What a command prints, standard error included; errors are messages."""
        result: Result = CliRunner().invoke(app, ["kb", *arguments])
        said = result.output + (str(result.exception) if result.exception else "")
        assert (result.exit_code == 0) == ok, said
        return said


@pytest.fixture
def kb(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two published entries."""
    monkeypatch.setenv("FORELAND_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("FORELAND_DATA", str(data))
    (tmp_path / "kb.yaml").write_text(KB, encoding="utf-8")
    desk = Desk(tmp_path)
    assert "发布 2 条新内容" in desk("load", str(tmp_path / "kb.yaml"), "--author", "样例")
    return desk


def test_from_a_wording_to_an_answer(kb: Desk) -> None:
    """Draft, submit, review with a difference, approve by a second person, publish."""
    kb("draft", "--id", "open", "--answer", "新答案。", "--add-similar", "办个户", "--by", "张三")
    kb("submit", "open", "--by", "张三")
    shown = kb("review")
    for line in ("- 请登录App办理。", "+ 新答案。", "+ 办个户", "1 份草稿待审核"):
        assert line in shown
    assert "four_eyes" in kb("approve", "D1", "--by", "张三", ok=False)
    kb("approve", "D1", "--by", "李四")
    assert "请登录App办理。" in kb("show", "open")
    assert "发布 1 份" in kb("publish", "--by", "李四")
    assert "新答案。" in kb("show", "open")
    assert "张三 发布 第2版（D1，李四 审核通过）" in kb("history", "open")
    assert "- 请登录App办理。" in kb("diff", "open", "1")


def test_a_rejected_draft_is_changed_and_submitted_again(kb: Desk) -> None:
    """The reason stands in the list; a change goes on from the draft."""
    kb("draft", "--id", "open", "--answer", "新答案。", "--by", "张三")
    kb("submit", "D1", "--by", "张三")
    kb("reject", "D1", "--reason", "缺少依据", "--by", "李四")
    assert "已退回" in kb("drafts")
    assert "缺少依据" in kb("drafts")
    kb("draft", "--id", "open", "--source", "新依据", "--by", "张三")
    kb("submit", "D1", "--by", "张三")
    assert "+ 新答案。" in kb("review")
    assert "+ 新依据" in kb("review")


def test_two_editors_at_once(kb: Desk) -> None:
    """The second is told what the first did; a rebase leads on, the rest is published."""
    for author, answer in (("张三", "甲"), ("王五", "乙")):
        kb("draft", "--id", "open", "--answer", answer, "--by", author)
    assert "several drafts: D1 (张三), D2 (王五)" in kb("submit", "open", ok=False)
    for name in ("D1", "D2"):
        kb("submit", name)
        kb("approve", name, "--by", "李四")
    said = kb("publish", "--by", "李四", ok=False)
    assert "发布 1 份，1 份未能发布" in said
    assert "version 2 was published by 张三" in said
    assert "- 甲" in kb("rebase", "D2", "--by", "王五")
    kb("discard", "D2", "--by", "王五")
    assert kb("drafts").strip() == ""
    assert "已作废" in kb("drafts", "--all")


def test_one_person_may_switch_the_rule_off(kb: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With four_eyes off the author approves."""
    monkeypatch.setenv("FORELAND_FOUR_EYES", "false")
    kb("draft", "--id", "open", "--answer", "新答案。")
    kb("submit", "open")
    kb("approve", "open")
    kb("publish")
    assert "新答案。" in kb("show", "open")


def test_back_to_an_old_version(kb: Desk) -> None:
    """A rollback is a new version; a withdrawn entry comes back by it."""
    (kb.home / "kb.yaml").write_text(KB.replace("请登录App办理。", "坏"), encoding="utf-8")
    kb("load", str(kb.home / "kb.yaml"))
    assert "现为第 3 版" in kb("rollback", "open", "--to", "1")
    kb("withdraw", "open")
    kb("rollback", "open", "--to", "2")
    assert "坏" in kb("show", "open")
    assert "has no version 9" in kb("rollback", "open", "--to", "9", ok=False)


def test_what_ends_is_listed(kb: Desk) -> None:
    """`list` marks what is not answered; `expiring` lists what soon will not be."""
    text = KB.replace("valid_from: 2023-01-01\n  - id: close", "valid_from: 2023-01-01\n"
                      "    valid_until: 2023-12-31\n  - id: close")  # fmt: skip
    text = text[: text.rindex("2023-01-01")] + "2099-01-01\n"
    (kb.home / "kb.yaml").write_text(text, encoding="utf-8")
    kb("load", str(kb.home / "kb.yaml"))
    listed = kb("list")
    assert re.search(r"open .*（已过期）", listed)
    assert re.search(r"close .*（未生效）", listed)
    assert "2023-12-31  已过期  open" in kb("expiring", "--days", "30")


@pytest.mark.parametrize("name", ["out.xlsx", "out.csv", "out.yaml"])
def test_what_is_exported_can_be_loaded(kb: Desk, name: str) -> None:
    """Nothing changes by it."""
    out = str(kb.home / name)
    kb("export", out)
    assert "其中 0 条有改动" in kb("load", out, "--dry-run")
    assert "发布 0 条新内容" in kb("load", out)


def test_a_table_does_not_overwrite_what_came_after_it(kb: Desk) -> None:
    """Rows made from an older version are refused one by one; --force is the way around."""
    out = kb.home / "out.csv"
    kb("export", str(out), "--encoding", "gb18030")
    text = out.read_bytes().decode("gb18030").replace("请登录App办理", "表格")
    out.write_bytes(text.replace("请到营业部", "请去营业部").encode("gb18030"))
    (kb.home / "kb.yaml").write_text(KB.replace("请登录App办理。", "后来"), encoding="utf-8")
    kb("load", str(kb.home / "kb.yaml"))
    said = kb("load", str(out))
    assert "open: the file was made from version 1, version 2 is published now" in said
    assert "后来" in kb("show", "open")
    assert "请去营业部" in kb("show", "close")
    kb("load", str(out), "--force")
    assert "表格" in kb("show", "open")


def test_a_table_can_go_to_review(kb: Desk) -> None:
    """`load --draft` publishes nothing; what did not change makes no draft."""
    (kb.home / "t.csv").write_text(
        "编号,答案\nopen,表格里的答案\nclose,请到营业部办理。\n", "utf-8"
    )
    assert "1 份草稿" in kb("load", str(kb.home / "t.csv"), "--draft", "--author", "张三")
    assert "请登录App办理。" in kb("show", "open")
    assert "+ 表格里的答案" in kb("review")


def test_the_check_tells_what_is_wrong(kb: Desk) -> None:
    """A table for people, JSON for programs, exit code 1 on errors."""
    assert "2 个条目可用" in kb("check")
    text = KB.replace("[注销账户]", "[注销账户, 怎么开户]")
    (kb.home / "bad.yaml").write_text(text, encoding="utf-8")
    assert "问法重复" in kb("check", str(kb.home / "bad.yaml"), ok=False)
    result = CliRunner().invoke(app, ["kb", "check", str(kb.home / "bad.yaml"), "--json"])
    findings = json.loads(result.stdout)["findings"]
    assert findings[0]["fault"] == "shared question"
    assert {findings[0]["entry_id"], findings[0]["other_id"]} == {"open", "close"}


def test_the_commands_of_the_editors_page_exist(kb: Desk) -> None:
    """Every `foreland kb …` of docs/knowledge.md is a command with these options."""
    text = (ROOT / "docs" / "knowledge.md").read_text(encoding="utf-8")
    lines = re.findall(r"^foreland kb (\S+)(.*)$", text, re.MULTILINE)
    assert len(lines) > 15
    for command, rest in lines:
        help_text = kb(command, "--help")
        for option in re.findall(r" (--[a-z-]+)", rest.split("#")[0]):
            assert option in help_text, f"kb {command} {option}"


def test_errors_are_one_line(kb: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused step ends with status 1 and says what to do."""
    monkeypatch.setattr("sys.argv", ["foreland", "kb", "submit", "D9"])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 1
