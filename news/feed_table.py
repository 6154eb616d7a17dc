"""Announcements from a table, CSV or JSON, whose columns `feeds.yaml` declares."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urljoin

from news.article import DeadLetter, RawArticle
from news.errors import SourceError
from news.feed_spec import TableColumns
from news.page_body import plain_text
from news.published import parse_published
from news.raw import dead_letter, raw_article

STAGE = "table"
_CALLBACK = re.compile(r"^\s*[\w$.]+\s*\((.*)\)\s*;?\s*$", re.S)

Cells = Mapping[str, str]
"""A row by the names of its columns."""


def read_table(
    text: str, columns: TableColumns, *, origin: str, url: str, now: datetime
) -> Iterator[RawArticle | DeadLetter]:
    """An article a row, named `origin#N`; a row that is none gives a dead letter.

    `url` is the table's address. A row that is withdrawn takes back the article of its address.
    Raises SourceError where the table cannot be read, or lacks a declared column.
    """
    is_json = text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") or _CALLBACK.match(text)
    rows = _json_rows(text, columns, origin) if is_json else _csv_rows(text, columns, origin)
    for number, row in enumerate(rows, start=1):
        place = f"{origin}#{number}"
        try:
            yield _article(row, columns, place, url, now)
        except SourceError as error:
            yield dead_letter(place, STAGE, error, json.dumps(dict(row), ensure_ascii=False))


def _csv_rows(text: str, columns: TableColumns, origin: str) -> Iterator[Cells]:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=columns.separator)
    try:
        _check_columns(tuple(reader.fieldnames or ()), columns, origin)
        for row in reader:
            cells = {name: value for name, value in row.items() if isinstance(value, str) and name}
            if any(cells.values()):
                yield cells
    except csv.Error as error:
        raise SourceError(f"{origin}: no CSV in line {reader.line_num} ({error})") from error


def _json_rows(text: str, columns: TableColumns, origin: str) -> Iterator[Cells]:
    wrapped = _CALLBACK.match(text)
    try:
        value = json.loads((wrapped[1] if wrapped else text).lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{origin}: no JSON ({error}); check the table's address") from error
    for step in filter(None, columns.rows.split(".")):
        if not isinstance(value, dict) or step not in value:
            known = ", ".join(value)[:200] if isinstance(value, dict) else type(value).__name__
            raise SourceError(
                f"{origin}: rows {columns.rows!r}: no {step!r} there (there is: {known});"
                " correct `rows` of this source"
            )
        value = value[step]
    if not isinstance(value, list):
        raise SourceError(f"{origin}: {columns.rows or 'the document'!r} is no list of rows")
    found = [row for row in value if isinstance(row, dict)]
    if found:
        _check_columns(tuple({name: None for row in found[:50] for name in row}), columns, origin)
    for row in found:
        yield {str(name): _cell(cell) for name, cell in row.items()}


def _check_columns(known: tuple[str, ...], columns: TableColumns, origin: str) -> None:
    first = (columns.title, columns.url, columns.date, columns.code)
    second = (columns.name, columns.text, columns.source, columns.withdrawn)
    missing = [name for name in (*first, *second) if name is not None and name not in known]
    if missing:
        raise SourceError(
            f"{origin}: the table has no column {missing[0]!r} (there are:"
            f" {', '.join(known)[:300]}); correct `columns` of this source"
        )


def _cell(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _article(row: Cells, columns: TableColumns, place: str, url: str, now: datetime) -> RawArticle:
    def cell(name: str | None) -> str:
        return row.get(name, "").strip() if name else ""

    address = urljoin(columns.base or url, cell(columns.url)) if cell(columns.url) else None
    withdrawn = cell(columns.withdrawn).lower() in {v.lower() for v in columns.withdrawn_values}
    title = plain_text(cell(columns.title)) if "<" in cell(columns.title) else cell(columns.title)
    if not title and not withdrawn:
        raise SourceError(f"{place}: no title in column {columns.title!r}")
    article = raw_article(
        _with_company(title, cell(columns.name), cell(columns.code)) or "（已撤回）",
        cell(columns.text),
        origin=place,
        url=address,
        published_at=parse_published(cell(columns.date), now),
        source=cell(columns.source),
    )
    if withdrawn and article.url is None:
        raise SourceError(f"{place}: withdrawn, but the row has no address to find it by")
    return replace(article, withdrawn=withdrawn)


def _with_company(title: str, name: str, code: str) -> str:
    """Titles of announcements often leave out whose they are, as the table's columns say it."""
    known = (name and name in title) or (code and code in title)
    company = f"{name}（{code}）" if name and code else name or code
    return title if known or not company or not title else f"{company}：{title}"
