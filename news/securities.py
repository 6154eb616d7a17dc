"""The securities master: every listed code with its company, names and industry.

A company is the legal entity; a security is one of its listings (A and B shares of one company
are two securities of one company). Ids: `security:300750.SZ`, `company:300750` (the lowest code
under which the company is listed), `industry:630701`, `concept:…`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from news.errors import DataFileError
from news.text import fold

COLUMNS = (
    "code",
    "exchange",
    "short_name",
    "full_name",
    "list_date",
    "industry_code",
    "industry_name",
    "former_names",
)
EXCHANGES = {"SH": "上海证券交易所", "SZ": "深圳证券交易所", "BJ": "北京证券交易所"}


@dataclass(frozen=True, slots=True)
class Security:
    """One listed security: `code` of six digits, `exchange` SH, SZ or BJ."""

    code: str
    exchange: str
    short_name: str
    full_name: str
    list_date: date | None
    industry_code: str | None
    industry_name: str | None
    former_names: tuple[str, ...]

    @property
    def id(self) -> str:
        """`security:CODE.EXCHANGE`."""
        return f"security:{self.code}.{self.exchange}"

    @property
    def symbol(self) -> str:
        """Code with exchange, as 300750.SZ."""
        return f"{self.code}.{self.exchange}"


class SecuritiesMaster:
    """Look-up of securities and companies by code and name; immutable."""

    def __init__(self, securities: Iterable[Security]) -> None:
        self.securities = tuple(sorted(securities, key=lambda s: (s.code, s.exchange)))
        self._company_of: dict[str, str] = {}
        owner: dict[str, str] = {}
        for security in self.securities:
            key = security.full_name or security.symbol
            self._company_of[security.id] = owner.setdefault(key, f"company:{security.code}")

    @classmethod
    def load(cls, path: Path) -> SecuritiesMaster:
        """Read a TSV file with the columns of `COLUMNS`; former names are separated by `;`."""
        try:
            with path.open(encoding="utf-8", newline="") as lines:
                rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
                missing = set(COLUMNS) - set(rows.fieldnames or ())
                if missing:
                    raise DataFileError(f"{path}:1: no column {', '.join(sorted(missing))}")
                return cls([_security(row, f"{path}:{n}") for n, row in enumerate(rows, start=2)])
        except (OSError, UnicodeDecodeError) as error:
            raise DataFileError(f"{path}: cannot be read as UTF-8 text ({error})") from error

    def company_id(self, security: Security) -> str:
        """Id of the company that issued the security."""
        return self._company_of[security.id]

    def company_name(self, company_id: str) -> str:
        """Short name of a company: that of its first listing; the id itself where unknown."""
        listings = self.listings(company_id)
        return listings[0].short_name if listings else company_id

    def listings(self, company_id: str) -> tuple[Security, ...]:
        """Securities of a company, lowest code first; empty where the id is unknown."""
        return self._listings.get(company_id, ())

    def by_code(self, code: str) -> Security | None:
        """Security by `600519`, `600519.SH`, `SH600519` or `sh.600519`; None where unknown."""
        text = fold(code)
        digits = "".join(c for c in text if c.isdigit())
        found = self._by_code.get(digits)
        letters = text.replace(digits, "").upper()
        if found is None or letters not in (
            "",
            found.exchange,
            "SS" if found.exchange == "SH" else "",
        ):
            return None
        return found

    def by_name(self, name: str) -> tuple[Security, ...]:
        """Securities whose short, full or former name is exactly this one (folded)."""
        return self._by_name.get(fold(name), ())

    @cached_property
    def _by_code(self) -> dict[str, Security]:
        return {s.code: s for s in self.securities}

    @cached_property
    def _listings(self) -> dict[str, tuple[Security, ...]]:
        found: dict[str, list[Security]] = {}
        for security in self.securities:
            found.setdefault(self.company_id(security), []).append(security)
        return {company: tuple(items) for company, items in found.items()}

    @cached_property
    def _by_name(self) -> dict[str, tuple[Security, ...]]:
        # Present names before former ones, so that a reused name means its present bearer.
        found: dict[str, list[Security]] = {}
        for security in self.securities:
            for name in (security.short_name, security.full_name):
                if name:
                    found.setdefault(fold(name), []).append(security)
        for security in self.securities:
            for name in security.former_names:
                bearers = found.setdefault(fold(name), [])
                if security not in bearers:
                    bearers.append(security)
        return {name: tuple(dict.fromkeys(items)) for name, items in found.items()}


def _security(row: dict[str, str], place: str) -> Security:
    code, exchange = row["code"], row["exchange"]
    if not (code.isdigit() and len(code) == 6) or exchange not in EXCHANGES:
        raise DataFileError(
            f"{place}: {code!r}.{exchange!r} is no code of six digits in SH, SZ, BJ"
        )
    try:
        listed = date.fromisoformat(row["list_date"]) if row["list_date"] else None
    except ValueError as error:
        raise DataFileError(f"{place}: list_date {row['list_date']!r} is no date") from error
    return Security(
        code=code,
        exchange=exchange,
        short_name=row["short_name"],
        full_name=row["full_name"],
        list_date=listed,
        industry_code=row["industry_code"] or None,
        industry_name=row["industry_name"] or None,
        former_names=tuple(n for n in (row["former_names"] or "").split(";") if n),
    )
