"""Hong Kong codes in every written form, with the name before them (腾讯控股(00700.HK)).

Works on `comparable` text. Id: `security:00700.HK`, five digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from news.named_by_code import start_of_name

METHOD = "code"
_CODE = re.compile(
    r"(?<![0-9A-Z.])(?:HK[:.\s]?(\d{4,5})(?!\d)|(\d{1,5})\s?[.:-]\s?HK(?![A-Z])|HK(\d{5})(?!\d))"
)
_VERB = re.compile(
    r"(?:[\u3400-\u9fff]{0,2}(?:下调|上调|维持|重申|首予|首次|给予|增持|减持|收购|买入|引述|公司与|升|降|对|将)|予)"
)
_OPEN = re.compile(r"(?:\([-+0-9.,%\s]*\)\s*)?\(\s*$")


def hk_codes(form: str) -> Iterator[tuple[int, int, str, int | None, int]]:
    """(start, end, id, start of the name before it or None, end of that name) of each code."""
    if "HK" not in form:
        return
    for match in _CODE.finditer(form):
        digits = match[1] or match[2] or match[3]
        if not int(digits):
            continue
        entity = f"security:{int(digits):05d}.HK"
        opens = _OPEN.search(form, max(0, match.start() - 30), match.start())
        end = opens.start() if opens else match.start()
        start = start_of_name(form, end, longest=8) if opens else None
        verb = _VERB.match(form, start, end) if start is not None else None
        if verb and end - verb.end() > 1:
            start = verb.end()
        yield match.start(), match.end(), entity, start, end
