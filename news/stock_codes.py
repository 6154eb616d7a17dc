"""Stock codes in running text, in every form that Chinese news writes them.

Works on `comparable` text (half-width, upper-case), so that offsets fit the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from news.securities import SecuritiesMaster

_CODE = re.compile(
    r"(?<![0-9A-Z.=/_-])(?:(SHSE|SZSE|SH|SZ|BJ)[.:]?\s?)?([02-689]\d{5})"
    r"(?:[.:](SHSE|SZSE|XSHG|XSHE|SH|SZ|BJ|SS)(?![A-Z]))?(?![0-9A-Z&=/_-])(?!\.[0-9A-Z])"
)
_UNIT = re.compile(
    r"\s?(?:[元万亿人户吨台辆家件套张手次名例个千桶米度年月日点分倍项%‰]|,\d|股(?![票吧价])"
    r"|美元|港元|欧元|日元|英镑|平方|公里)"
)
_CUE = re.compile(r"(?:代码|股票|简称|标的|个股|\$)[:是为\s(“\"'|]*$")
# Funds and indices share numbers with stocks: 000001 is a bank, a fund and an index.
_NO_STOCK = re.compile(
    r"(?:基金|ETF|LOF|QDII|FOF|混合|债|债券|联接|指数?|货币|股票|增强|优选|[0-9]|[A-E]类?)$"
)
_BRACKET = re.compile(
    r"(?:\([-+0-9.,%\s]*\)?\s*)?[(\[](?:股票代码|证券代码|代码|股票|A股|行情|股份代号)?[:\s]*$"
)
_HAN = re.compile(r"[\u3400-\u9fff]{2}[A-Z]?\s?$")
_EXCHANGE = {"SS": "SH", "SHSE": "SH", "XSHG": "SH", "SZSE": "SZ", "XSHE": "SZ"}


@dataclass(frozen=True, slots=True)
class CodeHit:
    """A number that is the code of a listed company.

    `proof` says what makes it a code: `exchange` (written with it), `cue` (a word before it),
    `bracket` (in brackets after a word) or `none` (a bare number, to be believed only where the
    company is known otherwise). `opens` is the offset of the bracket before it, or `start`.
    """

    start: int
    end: int
    company: str
    proof: str
    opens: int


class CodeFinder:
    """Finds codes of the master's securities."""

    def __init__(self, master: SecuritiesMaster) -> None:
        self._known = {s.code: (s.exchange, master.company_id(s)) for s in master.securities}

    def find(self, form: str) -> tuple[CodeHit, ...]:
        """All possible codes in a `comparable` text, in reading order."""
        return tuple(self._hits(form))

    def _hits(self, form: str) -> Iterator[CodeHit]:
        for match in _CODE.finditer(form):
            exchange, company = self._known.get(match[2], ("", ""))
            written = match[1] or match[3]
            if not company or (written and _EXCHANGE.get(written, written) != exchange):
                continue
            proof = "exchange" if written else _proof(form, match.start(), match.end())
            if proof:
                opens = _opening(form, match.start())
                yield CodeHit(match.start(), match.end(), company, proof, opens)


def _opening(form: str, start: int) -> int:
    """Offset of the bracket before a code, with a quotation between (更名(9.46,-0.17)(600519))."""
    bracket = _BRACKET.search(form, max(0, start - 40), start)
    return bracket.start() if bracket else start


def _proof(form: str, start: int, end: int) -> str:
    if _UNIT.match(form, end):
        return ""
    before = form[max(0, start - 14) : start]
    if _CUE.search(before):
        return "cue"
    opens = _opening(form, start)
    if opens == start:
        return "none"
    word = form[max(0, opens - 10) : opens].rstrip()
    if _NO_STOCK.search(word):
        return ""
    return "bracket" if _HAN.search(word) else "none"
