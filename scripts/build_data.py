"""Rebuild the fact files under data/ from a folder of source tables.

    python scripts/build_data.py FOLDER
    python scripts/build_data.py --calendar

FOLDER holds securities.tsv, industries.tsv, industry_parents.tsv, industry_upstream.tsv,
security_concepts_2018.tsv, trading_calendar.tsv and futures_products.tsv. Rows are checked, sorted
and written so that a rebuild from the same tables gives the same bytes.

The trading calendar goes on to the end of the last year that `exchange_calendars` (Apache-2.0;
XSHG, from the announcements of the Shanghai exchange) knows; `--calendar` does only that, to the
file under data/. It stops where the two disagree on a day, or where a holiday of the State Council
(`chinesecalendar`, MIT) would be a trading day. Both are in the extra `data`.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from datetime import date, timedelta
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


def calendar(rows: list[Row]) -> list[Row]:
    """Days that trade or not: those given, then the exchange's own to the end of its last year."""
    from chinese_calendar import is_holiday
    from exchange_calendars import get_calendar
    from exchange_calendars.exchange_calendar_xshg import XSHGExchangeCalendar

    known = {date.fromisoformat(row["date"]): row["open"] == "1" for row in rows}
    first, last = min(known), XSHGExchangeCalendar.bound_max().date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    sessions = {
        moment.date() for moment in get_calendar("XSHG", start=str(first), end=str(last)).sessions
    }
    wrong = [day for day in days if known.get(day, day in sessions) != (day in sessions)]
    wrong += [day for day in days if day > max(known) and day in sessions and is_holiday(day)]
    if wrong:
        raise SystemExit(f"trading calendar: the sources disagree on {', '.join(map(str, wrong))}")
    return [{"date": str(day), "open": str(int(day in sessions))} for day in days]


def write_calendar(folder: Path) -> None:
    """Write the trading calendar from a folder's table and the packages."""
    columns = ("date", "open")
    rows = read(folder / "trading_calendar.tsv", *columns)
    write("trading_calendar.tsv", columns, calendar(rows))


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
    write_calendar(folder)
    futures = ("exchange", "product_code", "name", "contract_size", "tick")
    write("futures_products.tsv", futures, read(folder / "futures_products.tsv", *futures))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    if sys.argv[1] == "--calendar":
        write_calendar(DATA)
    else:
        main(Path(sys.argv[1]))
