"""`foreland campaign` and `foreland scenario`: from a list to the table of results."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assist.errors import AssistError
from ui.cli.main import app

FLOWS = ("ipo-allotment", "id-expired", "suitability-revisit", "business-revisit")
SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command over an empty workspace."""
    monkeypatch.setenv("FORELAND_HOME", str(tmp_path / "home"))
    return CliRunner()


def sample(data: Path, flow: str) -> list[str]:
    """The sample list of a flow with its rules, as arguments."""
    folder = data / "campaigns"
    return [str(folder / f"{flow}.csv"), "--rules", str(folder / f"{flow}.yaml")]


@pytest.mark.parametrize("flow", FLOWS)
def test_sample_campaigns_are_sound(cli: CliRunner, data: Path, flow: str) -> None:
    """Each outbound flow comes with a list and rules that fit it."""
    result = cli.invoke(app, ["campaign", "check", *sample(data, flow)])
    assert result.exit_code == 0, result.output


def test_a_campaign_from_list_to_results(cli: CliRunner, data: Path, tmp_path: Path) -> None:
    """Create, rehearse, count, audit, export; the campaign itself stays untouched."""
    steps = (
        ["create", "t1", *sample(data, "ipo-allotment")],
        ["run", "t1", "--simulate", "--seed", "1"],
        ["list"],
        ["results", "t1-rehearsal"],
        ["audit", "t1-rehearsal"],
        ["export", "t1-rehearsal", str(tmp_path / "out.csv")],
    )
    for step in steps:
        result = cli.invoke(app, ["campaign", *step])
        assert result.exit_code == 0, result.output
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["编号"] for row in rows] == ["a001", "a002", "a003", "a004", "a005"]
    assert all(row["结果码"] and "****" in row["手机号"] for row in rows)
    counted = json.loads(cli.invoke(app, ["campaign", "results", "t1", "--json"]).stdout)
    assert (counted["customers"], counted["finished"], counted["status"]) == (5, 0, "draft")


def test_bad_rows_stop_the_creation_unless_they_are_skipped(
    cli: CliRunner, data: Path, tmp_path: Path
) -> None:
    """The rows are listed; nothing is created until they are mended or skipped."""
    source, *rules = sample(data, "id-expired")
    broken = tmp_path / "broken.csv"
    text = Path(source).read_text(encoding="utf-8").replace("13800000012", "12345")
    broken.write_text(text, encoding="utf-8")
    refused = cli.invoke(app, ["campaign", "create", "t2", str(broken), *rules])
    assert isinstance(refused.exception, AssistError)
    assert "row 3" in refused.output
    assert cli.invoke(app, ["campaign", "check", str(broken), *rules]).exit_code == 1
    skipped = cli.invoke(app, ["campaign", "create", "t2", str(broken), *rules, "--skip-bad"])
    assert skipped.exit_code == 0
    assert "2 位客户" in skipped.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "nothing", "--simulate"], "there is no campaign"),
        (["dnc", "add", "123"], "is no telephone number"),
        (["dnc", "remove", "13800000000"], "not on the do-not-call list"),
    ],
)
def test_what_cannot_be_done_says_why(cli: CliRunner, words: list[str], message: str) -> None:
    """Errors name the value and the next step."""
    result = cli.invoke(app, ["campaign", *words])
    assert result.exception is not None
    assert message in str(result.exception)


def test_without_a_telephone_line_a_campaign_is_only_rehearsed(cli: CliRunner, data: Path) -> None:
    """Nobody is called by mistake."""
    cli.invoke(app, ["campaign", "create", "t3", *sample(data, "business-revisit")])
    result = cli.invoke(app, ["campaign", "run", "t3"])
    assert "--simulate" in str(result.exception)


def test_do_not_call_numbers_are_never_rehearsed(cli: CliRunner, data: Path) -> None:
    """Their result says so, without a call."""
    cli.invoke(app, ["campaign", "create", "t4", *sample(data, "business-revisit")])
    added = cli.invoke(app, ["campaign", "dnc", "add", "138 0000 0031", "--reason", "来信要求"])
    assert "1" in added.output
    assert "来信要求" in cli.invoke(app, ["campaign", "dnc", "list"]).output
    cli.invoke(app, ["campaign", "run", "t4", "--simulate"])
    counted = json.loads(cli.invoke(app, ["campaign", "results", "t4-rehearsal", "--json"]).stdout)
    assert counted["codes"]["do_not_call"] >= 1
    assert counted["finished"] == 3


def test_scenarios_are_played_and_failures_shown(cli: CliRunner, tmp_path: Path) -> None:
    """All is well: 0. A conversation that goes otherwise: 1, with what was said."""
    file = SCENARIOS / "ipo-allotment.yaml"
    good = cli.invoke(app, ["scenario", "run", str(file), "--only", "按时缴款", "--show"])
    assert good.exit_code == 0, good.output
    assert "customer: 清楚了" in good.output
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        "flow: ipo-allotment\nscenarios:\n  - name: 错\n    turns: [{user: 是的, bot: 没有这句}]\n",
        encoding="utf-8",
    )
    bad = cli.invoke(app, ["scenario", "run", str(wrong)])
    assert bad.exit_code == 1
    assert "没有这句" in bad.output


def test_campaigns_past_the_calendar_are_warned_of(
    cli: CliRunner, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`check` names the last known day and the command; once the year is added it is silent."""
    own = tmp_path / "data"
    shutil.copytree(data, own)
    monkeypatch.setenv("FORELAND_DATA", str(own))
    table, *_ = sample(own, "id-expired")
    late = tmp_path / "late.yaml"
    late.write_text("title: 测试\nflow: id-expired\ndeadline: 2027-03-01\n", encoding="utf-8")
    asked = ["campaign", "check", table, "--rules"]
    assert "calendar add 2027" in cli.invoke(app, [*asked, str(late)]).output
    closed = ["2027-01-01", "2027-02-05..2027-02-16", "2027-04-05", "2027-10-01..2027-10-07"]
    added = cli.invoke(app, ["campaign", "calendar", "add", "2027", *closed])
    assert added.exit_code == 0, added.output
    assert "calendar add" not in cli.invoke(app, [*asked, str(late)]).output
    shown = cli.invoke(app, ["campaign", "calendar", "show"])
    assert "2027" in shown.output
    bad = cli.invoke(app, ["campaign", "calendar", "add", "2027", "yesterday"])
    assert isinstance(bad.exception, AssistError)
