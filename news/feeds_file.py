"""`feeds.yaml`: the sources that are polled, read and checked."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from cssselect import SelectorError
from lxml.cssselect import CSSSelector  # type: ignore[import-untyped]
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from news.article import SourceTier
from news.errors import DataFileError
from news.feed_spec import WITHDRAWN, Feed, FeedKind, Hours, ListPattern, TableColumns

_WEB = re.compile(r"https?://[^\s/?#@]+(?:[/?][^\s#]*)?", re.I)
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def _selector(text: str) -> str:
    try:
        CSSSelector(text)
    except (SelectorError, AssertionError, TypeError) as error:
        raise ValueError(
            f"{text!r} is no CSS selector ({error}); write one, as ul.news a"
        ) from error
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression ({error})") from error
    return text


def _hours(text: str) -> str:
    if not _HOURS.fullmatch(text):
        raise ValueError(f"{text!r} are no hours; write them as 07:00-23:30")
    return text


_Css = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_selector)]
_Column = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class ListForm(_Form):
    """Where the links of a list page are."""

    link: _Css = "a"
    """CSS selector of the links."""
    item: _Css | None = None
    """CSS selector of the element around each link; the others are looked for within it."""
    title: _Css | None = None
    """CSS selector of the title; left out, the words of the link."""
    date: _Css | None = None
    """CSS selector of the date."""
    match: Annotated[str, StringConstraints(max_length=300), AfterValidator(_pattern)] = ""
    """Regular expression that the address of an article contains."""

    def pattern(self) -> ListPattern:
        """As the package's own type."""
        return ListPattern(self.link, self.item, self.title, self.date, self.match)


class TableForm(_Form):
    """Which column holds what."""

    title: _Column
    url: _Column | None = None
    date: _Column | None = None
    code: _Column | None = None
    """Code of the security; with `name` it is put before titles that do not name the company."""
    name: _Column | None = None
    text: _Column | None = None
    source: _Column | None = None
    withdrawn: _Column | None = None
    withdrawn_values: list[_Column] = list(WITHDRAWN)
    """Values of the column `withdrawn` that take an announcement back."""
    rows: Annotated[str, StringConstraints(max_length=200)] = ""
    """Path to the rows of a JSON document, as result.data; empty: the document is the list."""
    base: Annotated[str, StringConstraints(pattern=r"^https?://", max_length=300)] | None = None
    """What stands before relative addresses; left out, the table's own address."""
    separator: Literal[",", ";", "\t", "|"] = ","
    """Between the cells of CSV."""

    def columns(self) -> TableColumns:
        """As the package's own type."""
        values = self.model_dump()
        return TableColumns(**values | {"withdrawn_values": tuple(self.withdrawn_values)})


class FeedForm(_Form):
    """A source."""

    id: Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]
    """Never changes: what was polled is remembered under it."""
    title: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    """Name of the medium, shown where an article names no source."""
    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    """Address; of a folder its path."""
    kind: FeedKind
    tier: SourceTier
    terms: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    """Under which licence or consent its articles may be read and kept."""
    language: Annotated[str, StringConstraints(pattern="^[a-z]{2}$")] = "zh"
    every: int = Field(15, ge=1, le=10_080)
    """Minutes between two polls."""
    hours: Annotated[str, AfterValidator(_hours)] | None = Field(
        None, json_schema_extra={"pattern": f"^{_HOURS.pattern}$"}
    )
    """Hours in China between which it is polled, as 07:00-23:30; left out, always."""
    enabled: bool = False
    """Whether it is polled; set it once the operator has the consent that `terms` tells of."""
    verified: bool = False
    """Whether somebody has seen this entry work at its address."""
    links: ListForm | None = None
    columns: TableForm | None = None
    pages: bool = False
    """Whether the pages that the entries link to are read instead of the entries."""
    most: int = Field(30, ge=1, le=500)
    """New pages read in one poll; the others wait for the next."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind is not FeedKind.FOLDER and not _WEB.fullmatch(self.url):
            raise ValueError(f"url {self.url[:100]!r}: write http:// or https://, without password")
        for name, kind in (("links", FeedKind.LIST), ("columns", FeedKind.TABLE)):
            if (getattr(self, name) is not None) != (self.kind is kind):
                problem = "needs" if self.kind is kind else "takes no"
                raise ValueError(f"kind {self.kind} {problem} `{name}`")
        if self.pages and self.kind not in (FeedKind.FEED, FeedKind.JSON_FEED):
            raise ValueError(f"kind {self.kind} takes no `pages`; feeds and JSON feeds do")
        return self

    def feed(self) -> Feed:
        """As the package's own type."""
        return Feed(
            id=self.id,
            title=self.title,
            url=self.url,
            kind=self.kind,
            tier=self.tier,
            terms=self.terms,
            language=self.language,
            every=timedelta(minutes=self.every),
            hours=_span(self.hours) if self.hours else None,
            enabled=self.enabled,
            verified=self.verified,
            links=self.links.pattern() if self.links else None,
            columns=self.columns.columns() if self.columns else None,
            pages=self.pages,
            most=self.most,
        )


class FeedsForm(_Form):
    """The file of sources."""

    feeds: list[FeedForm]


def read_feeds(path: Path) -> tuple[Feed, ...]:
    """The sources of a file, in its order; raises DataFileError naming each fault."""
    try:
        form = FeedsForm.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataFileError(f"{path}: cannot be read as YAML ({error})") from error
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise DataFileError(f"{path}: {'; '.join(faults)}") from error
    twice = [name for name, n in Counter(feed.id for feed in form.feeds).items() if n > 1]
    if twice:
        raise DataFileError(f"{path}: id {twice[0]!r} stands there twice; give each its own")
    return tuple(feed.feed() for feed in form.feeds)


def feeds_schema() -> str:
    """The JSON schema (2020-12) of the file, as text."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= FeedsForm.model_json_schema()
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _span(text: str) -> Hours:
    start, _, end = text.partition("-")
    return Hours(time.fromisoformat(start), time.fromisoformat(end))
