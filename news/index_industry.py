"""Which industries an article is about: those of the companies that it names, and all above."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from news.errors import DataFileError
from news.securities import SecuritiesMaster
from news.text import fold

_PREFIX = "industry:"


class IndustryTree:
    """Industries (`industry:630701`) with what is above them, and which company is in which."""

    def __init__(
        self, names: Mapping[str, str], above: Mapping[str, str], companies: Mapping[str, str]
    ) -> None:
        """`names` and `above` (its parent) by industry code, `companies`: company id to code."""
        self._names = names
        self._above = above
        self._companies = companies
        self._by_name: dict[str, str] = {}
        for code, name in names.items():
            self._by_name.setdefault(fold(name), code)

    @classmethod
    def load(cls, path: Path, master: SecuritiesMaster) -> IndustryTree:
        """From industries.tsv (code, name, parent_code) and the master; raises DataFileError."""
        try:
            with path.open(encoding="utf-8", newline="") as lines:
                rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
            names = {row["code"]: row["name"] for row in rows}
            above = {row["code"]: row["parent_code"] for row in rows if row["parent_code"]}
        except (OSError, UnicodeDecodeError, KeyError) as error:
            raise DataFileError(
                f"{path}: cannot be read ({error!r}); give a TSV file with code, name, parent_code"
            ) from error
        by_name = {name: code for code, name in names.items()}
        companies = {
            master.company_id(security): by_name.get(
                security.industry_name or "", security.industry_code or ""
            )
            for security in reversed(master.securities)  # of several listings the first one counts
            if security.industry_code or security.industry_name
        }
        return cls(names, above, companies)

    def of(self, entity_ids: Iterable[str]) -> tuple[str, ...]:
        """Ids of the industries of these companies (or industries), and of all above them."""
        found: dict[str, None] = {}
        for entity in entity_ids:
            own = entity.startswith(_PREFIX)
            code = entity.removeprefix(_PREFIX) if own else self._companies.get(entity)
            while code and f"{_PREFIX}{code}" not in found:
                found[f"{_PREFIX}{code}"] = None
                code = self._above.get(code)
        return tuple(found)

    def find(self, text: str) -> str | None:
        """Id of the industry with this id, code or name; None where unknown."""
        code = text.removeprefix(_PREFIX)
        if code in self._names:
            return f"{_PREFIX}{code}"
        named = self._by_name.get(fold(text))
        return f"{_PREFIX}{named}" if named else None

    def name(self, industry_id: str) -> str:
        """Name of an industry; its id where unknown."""
        return self._names.get(industry_id.removeprefix(_PREFIX), industry_id)


NO_INDUSTRIES = IndustryTree({}, {}, {})
"""For articles without a master of companies."""
