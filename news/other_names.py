"""Names of indices, regulators, exchanges, institutions and futures products, from tables.

One Aho-Corasick pass finds them and the words (titles, fund houses) at which the other finders
start. Works on `comparable` text.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

from news.comparable import comparable, is_cut_latin
from news.errors import DataFileError
from news.fact import Entity

METHOD = "table"
_FOREIGN = re.compile(
    r"(?:CBOT|COMEX|LME|ICE|NYMEX|WTI|BMD|TOCOM|布伦特|布油|美国|美|纽约|伦敦|国际|伦|芝加哥|马来西亚|新加坡|欧洲|日本)"
    r"[^,。;、!?\n]{0,8}$"
)
_BEFORE_LOCAL = re.compile(
    r"(?:主要|多国|各国|全球|海外|国外|国际|西方|欧美|发达国家|其他|一些|多家|大)$|"
    r"(?:[省市区县州盟]|(?<![我中全各])国|日本|俄|俄罗斯|土耳其|印度|巴西|墨西哥|印尼|越南|伊朗|加拿大|澳大利亚|新西兰"
    r"|[\u3400-\u9fff]{2}(?:斯坦|尼亚|西亚|利亚|兰|大|典|麦|威|腊|其)"
    r"|北京|上海|天津|重庆|广东|江苏|浙江|山东|河南|河北|四川|湖北|湖南|安徽|福建|江西|辽宁|吉林|黑龙江|陕西"
    r"|山西|云南|贵州|广西|海南|甘肃|青海|宁夏|新疆|西藏|内蒙古|深圳|广州|杭州|南京|武汉|成都|西安|苏州|宁波|青岛)$"
)
_NOT_INDEX = re.compile(r"通讯社|报道|消息|新闻|全球|评级|公司|信评|下调|上调|将.{0,12}评级|确认")
_FUTURES_TEXT = re.compile(
    r"商品期货|期货收盘|期货主力|期货夜盘|夜盘|主力合约|国内期货|期市|主力合约"
)
_PRICED = re.compile(
    r"(?:\(?[A-Z]{0,4}\)?(?:[、,和及][\u3400-\u9fffA-Z0-9]{1,6}(?:\([A-Z]{1,4}\))?){0,14})"
    r"(?:期货|主力|合约)?(?:开盘|收盘|日内|尾盘|早盘|午后|盘中)?(?:等|均|分别|小幅|大幅|一度|则|也|继续|微|大|收|领|飘|走|上|下)*"
    r"(?:[涨跌红绿高低强弱平]|封板)"
)
_CONTRACT = re.compile(r"(?:期货|主力|期价|合约|期权|\d{3,4}(?!\d))")
_CONTRACT_CODE = re.compile(r"(?<![A-Z0-9])([A-Z]{1,2})(\d{3,4})(?![A-Z0-9.])")


class Found(StrEnum):
    """What the automaton found."""

    INDEX = "index"
    BODY = "body"
    """A regulator, exchange or institution."""
    FUTURES = "futures"
    PRODUCT = "product"
    """A product's everyday name (苹果), a futures only where the words around say so."""
    TITLE = "title"
    FUND_HOUSE = "fund_house"


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the tables at `[start, end)`; `entity_id` empty for titles and fund houses."""

    start: int
    end: int
    found: Found
    entity_id: str


class OtherNames:
    """All words of the tables in one automaton; immutable."""

    def __init__(self, words: dict[str, tuple[Found, str]]) -> None:
        self._entries = tuple(words.values())
        self._automaton = AhoCorasick(words, MatchKind.LeftmostLongest)
        self._contracts = {
            entity.rpartition(".")[2].upper(): entity
            for found, entity in self._entries
            if found in (Found.FUTURES, Found.PRODUCT)
        }

    def find(self, form: str) -> Iterator[Hit]:
        """Words in reading order, each taken for what it is where the words around allow it."""
        priced: bool | None = None
        for which, start, end in self._automaton.find_matches_as_indexes(form):
            found, entity = self._entries[which]
            if is_cut_latin(form, start, end):
                continue
            if found is Found.PRODUCT:
                if priced is None:
                    priced = _FUTURES_TEXT.search(form) is not None
                if not _is_traded(form, start, end, priced=priced):
                    continue
            if _is_allowed(form, start, end, found):
                yield Hit(start, end, found, entity)

    def contracts(self, form: str) -> Iterator[Hit]:
        """Codes of contracts (RB2405, IF2403) in texts that speak of futures."""
        if "期货" not in form and "合约" not in form and "期指" not in form:
            return
        for match in _CONTRACT_CODE.finditer(form):
            entity = self._contracts.get(match[1])
            if entity and "01" <= match[2][-2:] <= "12":
                yield Hit(match.start(), match.end(), Found.FUTURES, entity)


def _is_traded(form: str, start: int, end: int, *, priced: bool) -> bool:
    if _CONTRACT.match(form, end):
        return True
    return priced and _PRICED.match(form, end, end + 70) is not None


def _is_allowed(form: str, start: int, end: int, found: Found) -> bool:
    before = form[max(0, start - 14) : start]
    if found in (Found.FUTURES, Found.PRODUCT):
        return _FOREIGN.search(before) is None
    if found is Found.BODY:
        # A province's or another country's body of the same name is another body.
        return _BEFORE_LOCAL.search(before) is None
    return found is not Found.INDEX or end - start > 3 or not _NOT_INDEX.match(form, end)


def load_other_names(data: Path, more: dict[str, tuple[Found, str]]) -> OtherNames:
    """Names from `indices.tsv`, `institutions.tsv`, `futures_products.tsv` and the lexicon.

    `more` are words of other finders. Raises DataFileError that names file and column.
    """
    words: dict[str, tuple[Found, str]] = dict(more)
    for row in _rows(data / "indices.tsv", "code", "market", "name", "aliases"):
        entity = f"index:{row['code']}.{row['market']}"
        for name in (row["name"], *row["aliases"].split(";")):
            words[comparable(name)] = (Found.INDEX, entity)
    for row in _rows(data / "institutions.tsv", "id", "name", "aliases"):
        for name in (row["name"], *row["aliases"].split(";")):
            words[comparable(name)] = (Found.BODY, row["id"])
    products = {}
    for row in _rows(data / "futures_products.tsv", "exchange", "product_code", "name"):
        entity = products[row["product_code"]] = f"futures:{row['exchange']}.{row['product_code']}"
        if row["exchange"] != "CFFEX":
            words.setdefault(comparable(row["name"]), (Found.PRODUCT, entity))
    for row in _rows(data / "lexicons" / "futures_names.tsv", "product_code", "names"):
        for name in row["names"].split(";"):
            words[comparable(name)] = (Found.FUTURES, products[row["product_code"]])
    words.pop("", None)
    return OtherNames(words)


def named_entities(data: Path) -> tuple[Entity, ...]:
    """Indices, institutions and futures of the tables, each by its full name."""
    indices = _rows(data / "indices.tsv", "code", "market", "name")
    bodies = _rows(data / "institutions.tsv", "id", "name")
    products = _rows(data / "futures_products.tsv", "exchange", "product_code", "name")
    return (
        *(Entity(f"index:{row['code']}.{row['market']}", row["name"]) for row in indices),
        *(Entity(row["id"], row["name"]) for row in bodies),
        *(Entity(f"futures:{r['exchange']}.{r['product_code']}", r["name"]) for r in products),
    )


def _rows(path: Path, *columns: str) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = set(columns) - set(table.fieldnames or ())
            if missing:
                raise DataFileError(f"{path}:1: no column {', '.join(sorted(missing))}")
            for row in table:
                yield {column: row[column] or "" for column in columns}
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: cannot be read as UTF-8 text ({error})") from error
