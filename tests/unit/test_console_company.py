"""Choosing a company and telling what the graph knows of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from news.fact import Entity, Fact, FactStatus, Predicate
from news.graph import CompanyProfile
from news.securities import SecuritiesMaster
from ui.console.company_choice import company_choices, initials, resolve
from ui.console.company_view import company_head, ends_of, fact_lines

AT = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def master(data: Path) -> SecuritiesMaster:
    """The real securities master."""
    return SecuritiesMaster.load(data / "securities.tsv")


def fact(subject: str, predicate: Predicate, object_: str, **more: object) -> Fact:
    """A fact from a file."""
    return Fact(subject, predicate, object_, "data/x.tsv#1", "file", AT, **more)  # type: ignore[arg-type]


def test_a_company_is_found_by_code_name_initials_and_former_name(
    master: SecuritiesMaster,
) -> None:
    """All that people type stands in the label, code first."""
    label = company_choices(master).label("company:300104")
    assert label is not None
    assert label.startswith("300104 ")
    assert "乐视网" in label
    assert "lst" in label


def test_a_label_leads_back_to_its_company(master: SecuritiesMaster) -> None:
    """Every company has one label and every label one company."""
    choices = company_choices(master)
    assert all(choices.label(c) == label for label, c in choices.company_of.items())
    assert choices.company(None) is None
    assert choices.company("no such label") is None


def test_initials_keep_latin_letters() -> None:
    """ST and TCL are typed as they are written."""
    assert initials("TCL科技") == "tclkj"


@pytest.mark.parametrize("text", ["300750", "300750.SZ", "SZ300750", "宁德时代"])
def test_an_address_names_a_company(master: SecuritiesMaster, text: str) -> None:
    """Codes, symbols and names in the address mean the same company."""
    assert resolve(master, text) == "company:300750"


def test_an_unknown_company_is_none(master: SecuritiesMaster) -> None:
    """Rubbish in the address is no company, and no error."""
    assert resolve(master, "<script>") is None


def test_the_head_leads_from_the_widest_industry_down(master: SecuritiesMaster) -> None:
    """The chain of the profile is turned round; former names come from the aliases."""
    company = Entity("company:300750", "宁德时代")
    kind = {"qualifiers": (("kind", "former_name"),)}
    head = company_head(
        CompanyProfile(
            company=company,
            securities=master.listings(company.id),
            listings=(),
            industry_chain=(
                (
                    Entity("industry:2", "电池"),
                    fact(company.id, Predicate.IN_INDUSTRY, "industry:2"),
                ),
                (Entity("industry:1", "设备"), fact("industry:2", Predicate.PART_OF, "industry:1")),
            ),
            upstream=(),
            downstream=(),
            concepts=(),
            aliases=(
                fact(company.id, Predicate.ALIAS, "text:旧名", **kind),
                fact(company.id, Predicate.ALIAS, "text:全名"),
            ),
        )
    )
    assert head.industries == ("设备", "电池")
    assert head.former_names == ("旧名",)
    assert head.symbols == "300750.SZ"
    assert head.listed == "2018-06-11"


def test_a_fact_is_told_in_words_with_its_source() -> None:
    """Names stand for ids, a literal for itself; mentions of articles are left out."""
    facts = (
        fact("article:1", Predicate.MENTIONS, "company:1"),
        fact("company:1", Predicate.ALIAS, "text:旧名"),
        fact(
            "company:1",
            Predicate.ISSUES,
            "security:1.SZ",
            valid_from=date(2018, 6, 11),
            status=FactStatus.RUMOUR,
        ),
    )
    issues, alias = fact_lines(facts, {"company:1": "甲", "security:1.SZ": "甲"})
    assert (issues.subject, issues.predicate, issues.object) == ("甲", "发行", "甲 1.SZ")
    assert (issues.status, issues.since, issues.source) == (
        "传闻",
        date(2018, 6, 11),
        "data/x.tsv#1",
    )
    assert alias.object == "旧名"


def test_literals_are_no_entities_to_look_up() -> None:
    """Only ids are asked for, each once."""
    facts = (fact("company:1", Predicate.ALIAS, "text:旧名"),) * 2
    assert ends_of(facts) == ("company:1",)
