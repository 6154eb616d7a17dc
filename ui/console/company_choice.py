"""Choosing a company by code, name, former name or the initials of its Pinyin, with suggestions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import streamlit as st
from pypinyin import Style, lazy_pinyin

from news.securities import SecuritiesMaster, Security


@dataclass(frozen=True)
class CompanyChoices:
    """Labels to choose from, one a company, codes in order: `300750 宁德时代 ndsd`."""

    company_of: dict[str, str]

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label."""
        return tuple(self.company_of)

    @cached_property
    def _label_of(self) -> dict[str, str]:
        return {company: label for label, company in self.company_of.items()}

    def company(self, label: str | None) -> str | None:
        """Company id behind a label; None where nothing is chosen."""
        return self.company_of.get(label) if label else None

    def label(self, company_id: str) -> str | None:
        """Label of a company; None where it is unknown."""
        return self._label_of.get(company_id)


def company_choices(master: SecuritiesMaster) -> CompanyChoices:
    """All companies of the master; former names follow the present one so that they are found."""
    companies = dict.fromkeys(master.company_id(s) for s in master.securities)
    return CompanyChoices({_label(master.listings(c)): c for c in companies})


@st.cache_resource(show_spinner=False)
def cached_choices(_master: SecuritiesMaster) -> CompanyChoices:
    """The choices, made once per server process."""
    return company_choices(_master)


def resolve(master: SecuritiesMaster, text: str) -> str | None:
    """Company id meant by a code, symbol or exact name in an address; None where unknown."""
    security = master.by_code(text)
    found = (security,) if security else master.by_name(text)
    return master.company_id(found[0]) if found else None


def _label(listings: tuple[Security, ...]) -> str:
    name = listings[0].short_name
    codes = " ".join(s.code for s in listings)
    former = "、".join(_other_names(listings, name))
    return " ".join([codes, name, initials(name), *([f"（曾用 {former}）"] if former else [])])


def _other_names(listings: Iterable[Security], name: str) -> Iterator[str]:
    seen = {name}
    for listing in listings:
        for other in listing.former_names:
            if other not in seen:
                seen.add(other)
                yield other


def initials(name: str) -> str:
    """`ndsd` for 宁德时代, as traders type it."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower().replace(" ", "")
