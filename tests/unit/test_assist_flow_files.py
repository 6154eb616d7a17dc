"""Flow files: reading, what is wrong with them and where, their schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from assist.action_file import action_schema, read_actions
from assist.compliance import Guard
from assist.errors import FlowError, KnowledgeError
from assist.flow_check import check_flows
from assist.flow_file import load_flows, sound_flows
from assist.flow_form import flow_schema
from assist.knowledge_found import Problem, Severity
from assist.repair import Remarks
from ui.cli.main import app

GOOD = """\
id: good
title: 好流程
version: 1
slots:
  amount: {type: amount, ask: 多少钱？}
steps:
  - id: ask
    collect: amount
  - id: done
    end: completed
    say: 好的。
"""


@pytest.fixture(scope="module")
def guard(data: Path) -> Guard:
    """The project's compliance guard."""
    return Guard.load(data / "lexicons" / "compliance.yaml")


@pytest.fixture(scope="module")
def remarks(data: Path) -> Remarks:
    """The project's remarks."""
    return Remarks.load(data / "lexicons" / "dialogue.yaml")


def _checked(folder: Path, text: str, guard: Guard) -> list[str]:
    (folder / "flow.yaml").write_text(text, encoding="utf-8")
    return [str(problem) for problem in check_flows(load_flows(folder), guard)]


def test_the_sample_flows_are_sound(data: Path, guard: Guard, remarks: Remarks) -> None:
    """No flow that comes with the project has an error, and each names its result codes."""
    loaded = load_flows(data / "flows")
    problems = check_flows(loaded, guard, interjections=remarks.interjections)
    errors = [p for p in problems if p.severity is Severity.ERROR]
    assert errors == []
    assert all(flow.results for flow in loaded.flows)


def test_the_published_schema_is_that_of_the_form(data: Path) -> None:
    """data/flows/flow.schema.json is up to date; `foreland flows schema --out` writes it."""
    assert (data / "flows" / "flow.schema.json").read_text("utf-8") == flow_schema()


def test_yes_and_no_are_words(tmp_path: Path, guard: Guard) -> None:
    """`is: yes` compares with the text yes; YAML would make it a boolean."""
    text = GOOD.replace(
        "  - id: done",
        "  - id: which\n    branch:\n      - if: {slot: verified, is: yes}\n        go: done\n"
        "  - id: done",
    )
    assert _checked(tmp_path, text, guard) == []


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("version: 1", "version: one", "flow.yaml:3", "version"),
        ("    collect: amount", "    colect: amount", "flow.yaml:7", "is no step"),
        ("ask: 多少钱？", "asks: 多少钱？", "flow.yaml:5", "is missing"),
        ("type: amount", "type: money", "flow.yaml:5", "money"),
        ("    say: 好的。", "    sai: 好的。", "flow.yaml:11", "known are"),
        ("title: 好流程", "title: 好流程\ntitle: 又一个", "flow.yaml:3", "line 2 already"),
        ("title: 好流程", "title: [", "flow.yaml:4", "no valid YAML"),
        ("    collect: amount", "    collect: money", "flow.yaml:7", "is no slot"),
        ("    collect: amount", "    collect: amount\n    next: gone", "flow.yaml:7", "'gone'"),
        ("好的。", "已收{sum}。", "flow.yaml:9", "{sum}"),
        ("好的。", "保证年化收益百分之八。", "flow.yaml:9", "forbids"),
        (
            "    end: completed\n    say: 好的。",
            "    say: 好的。",
            "flow.yaml:9",
            "nothing follows",
        ),
        ("    end: completed", "    end: completed\n    requires: [x]", "flow.yaml:9", "disclose"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, guard: Guard, old: str, new: str, place: str, message: str
) -> None:
    """Every fault leads to one problem with file, line and the way out."""
    problems = _checked(tmp_path, GOOD.replace(old, new), guard)
    assert any(p.startswith(place + ":") and message in p for p in problems), problems


def test_a_circle_that_asks_nothing_is_an_error(tmp_path: Path, guard: Guard) -> None:
    """A flow that would talk for ever is found before it runs."""
    text = GOOD + "  - id: a\n    say: 一\n  - id: b\n    say: 二\n    next: a\n"
    problems = _checked(tmp_path, text.replace("steps:", "start: a\nsteps:"), guard)
    assert any("in a circle" in p for p in problems)


def test_a_private_fact_before_verification_is_a_warning(tmp_path: Path, guard: Guard) -> None:
    """Authors are told where the dialogue would have to hand over."""
    text = GOOD.replace("steps:", 'given:\n  sum: {private: true, sample: "1"}\nsteps:')
    problems = _checked(tmp_path, text.replace("好的。", "您有{sum}元。"), guard)
    assert any("sum is private" in p for p in problems)


def test_flows_that_start_by_the_same_words_are_an_error(tmp_path: Path, guard: Guard) -> None:
    """A trigger belongs to one flow."""
    other = GOOD.replace("id: good", "id: other") + "triggers: [我要转账]\n"
    (tmp_path / "other.yaml").write_text(other, encoding="utf-8")
    problems = _checked(tmp_path, GOOD + "triggers: [我要转账吧]\n", guard)
    assert any("starts" in p for p in problems)


def test_flows_with_problems_are_not_run(tmp_path: Path) -> None:
    """Loading for use raises with every problem listed."""
    (tmp_path / "flow.yaml").write_text(GOOD.replace("version: 1", ""), encoding="utf-8")
    with pytest.raises(FlowError, match=r"flow.yaml:1: version: is missing"):
        sound_flows(tmp_path)


def test_the_command_checks_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`foreland flows check` exits with 1 where something is wrong, and gives JSON."""
    monkeypatch.setenv("FORELAND_HOME", str(tmp_path / "home"))
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "good.yaml").write_text(GOOD, encoding="utf-8")
    runner = CliRunner()
    done = runner.invoke(app, ["flows", "check", str(folder), "--json"])
    assert done.exit_code == 0
    (folder / "bad.yaml").write_text("id: bad", encoding="utf-8")
    done = runner.invoke(app, ["flows", "check", str(folder)])
    assert done.exit_code == 1
    assert "bad.yaml:1" in done.stdout


def test_the_command_plays_a_flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`foreland flows run` talks in the terminal and names the result."""
    monkeypatch.setenv("FORELAND_HOME", str(tmp_path / "home"))
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    arguments = ["flows", "run", "good", "--folder", str(tmp_path)]
    done = CliRunner().invoke(app, arguments, input="三千\n")
    assert "多少钱？" in done.stdout
    assert "结果：completed" in done.output


def test_the_schema_accepts_the_sample_flows(data: Path) -> None:
    """The schema that editors use names every field that the samples use."""
    known = set(json.loads(flow_schema())["properties"])
    for path in (data / "flows").glob("*.yaml"):
        assert set(yaml.safe_load(path.read_text("utf-8"))) <= known


def test_a_problem_reads_as_place_and_message() -> None:
    """Problems print as one line."""
    assert str(Problem(Severity.ERROR, "a.yaml:3", "is wrong")) == "a.yaml:3: is wrong"


def test_the_documented_flow_is_sound(data: Path, tmp_path: Path, guard: Guard) -> None:
    """The example in docs/flows.md is a flow without a problem."""
    page = (data.parent / "docs" / "flows.md").read_text("utf-8")
    example = page.split("```yaml\n", 1)[1].split("```", 1)[0]
    assert _checked(tmp_path, example, guard) == []


def test_the_published_schema_of_actions_is_the_code_s(data: Path) -> None:
    """data/actions.schema.json is up to date; `foreland flows schema --actions --out` writes it."""
    assert (data / "actions.schema.json").read_text("utf-8") == action_schema()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("call: send_letter", "is not published"),
        ("call: contact_record\n    with: {colour: x}\n    private: true", "does not take"),
        ("call: verify_customer\n    verifies: true", "does not give verify_customer its"),
        ("call: contact_record\n    returns: [shoe_size]\n    private: true", "returns phone_tail"),
        ("call: contact_record", "add `private: true`"),
        ("call: match_identity\n    with: {said: x, known: x}", "add `verifies: true`"),
        ("call: contact_record\n    private: true\n    verifies: true", "leave out `verifies`"),
    ],
)
def test_calls_must_fit_the_published_actions(
    data: Path, tmp_path: Path, call: str, message: str
) -> None:
    """A wrong name, argument, result or mark of a call is told with its step."""
    (tmp_path / "f.yaml").write_text(
        f"id: f\ntitle: t\nversion: 1\ngiven: {{x: {{}}}}\nsteps:\n  - id: act\n    {call}\n"
        "  - id: done\n    end: completed\n",
        encoding="utf-8",
    )
    specs = {spec.name: spec for spec in read_actions(data / "actions.yaml").specs}
    guard = Guard.load(data / "lexicons" / "compliance.yaml")
    problems = check_flows(load_flows(tmp_path), guard, actions=specs)
    assert any(message in str(problem) and "f.yaml:6" in str(problem) for problem in problems)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("adapter: http\nactions: {a: {title: t}}", "add `http:"),
        ("actions: {a: {title: t, colour: red}}", "colour"),
        ("http: {url: 'http://firm.example'}\nactions: {a: {title: t}}", "url"),
        ("http: {url: 'https://name:word@firm.example'}\nactions: {a: {title: t}}", "url"),
        ("actions: [", "cannot be read"),
    ],
)
def test_broken_action_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    """The error names the file and the place; addresses must be safe."""
    path = tmp_path / "actions.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=message):
        read_actions(path)
