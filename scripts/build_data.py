"""Rebuild the fact files under data/ from a folder of source tables.

    python scripts/build_data.py FOLDER

FOLDER holds securities.tsv, industries.tsv, industry_parents.tsv, industry_upstream.tsv,
security_concepts_2018.tsv, trading_calendar.tsv and futures_products.tsv. Rows are checked, sorted
and written so that a rebuild from the same tables gives the same bytes.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
Row = dict[str, str]
# The source gives these codes another company's full name: none is better than a wrong one.
WRONG_FULL_NAMES = frozenset({"300818", "688078", "688080", "688086", "688096"})


def read(path: Path, *columns: str) -> list[Row]:
    """Rows of a TSV file; stops with one line where a column is missing."""
    with path.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = set(columns) - set(table.fieldnames or ())
        if missing:
            raise SystemExit(f"{path}: no column {', '.join(sorted(missing))}")
        return [{name: (row[name] or "").strip() for name in columns} for row in table]


def write(name: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
    """Write a TSV file under data/, rows sorted and without repetition."""
    lines = sorted({"\t".join(row[column] for column in columns) for row in rows})
    (DATA / name).parent.mkdir(parents=True, exist_ok=True)
    (DATA / name).write_text("\n".join(["\t".join(columns), *lines]) + "\n", encoding="utf-8")
    print(f"{name}: {len(lines)} rows")


def securities(folder: Path, columns: tuple[str, ...]) -> list[Row]:
    """Listed securities, without full names known to be another company's."""
    rows = read(folder / "securities.tsv", *columns)
    return [
        {**row, "full_name": "" if row["code"] in WRONG_FULL_NAMES else row["full_name"]}
        for row in rows
    ]


def industries(folder: Path) -> list[Row]:
    """Industries with their parent, one row each."""
    parents = {
        r["code"]: r["parent_code"]
        for r in read(folder / "industry_parents.tsv", "code", "parent_code")
    }
    rows = read(folder / "industries.tsv", "code", "name")
    return [{**row, "parent_code": parents.get(row["code"], "")} for row in rows]


def main(folder: Path) -> None:
    """Write every file."""
    columns = (
        "code",
        "exchange",
        "short_name",
        "full_name",
        "list_date",
        "industry_code",
        "industry_name",
        "former_names",
    )
    write("securities.tsv", columns, securities(folder, columns))
    write("industries.tsv", ("code", "name", "parent_code"), industries(folder))
    upstream = ("industry_name", "upstream_industry_name", "report_count")
    write("industry_upstream.tsv", upstream, read(folder / "industry_upstream.tsv", *upstream))
    concepts = ("code", "concept")
    write(
        "security_concepts_2018.tsv",
        concepts,
        read(folder / "security_concepts_2018.tsv", *concepts),
    )
    write(
        "trading_calendar.tsv",
        ("date", "open"),
        read(folder / "trading_calendar.tsv", "date", "open"),
    )
    futures = ("exchange", "product_code", "name", "contract_size", "tick")
    write("futures_products.tsv", futures, read(folder / "futures_products.tsv", *futures))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
