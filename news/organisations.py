"""Where a company's name ends: is it a part of a longer word, or of another organisation's name?

Works on `comparable` text.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

import rjieba

from news.comparable import comparable
from news.name_evidence import acts_as_company
from news.securities import SecuritiesMaster

_HAN = r"\u3400-\u9fff"
_LEGAL = re.compile(r"(?:\(集团\)|集团)?(?:(股份有限公司|股份公司)|有限责任公司|有限公司)")
_STOP = (
    r"[与和及对向为的在将拟由是至把被从以等或、,。;:!?\"“”《》]|旗下|子公司|孙公司|全资|收购|公告|发布|参股|入股"
    r"|成立|设立|出资|转让|出售|增资|认购|签|称|聘|任|表示|联合|携手|通过|持有|持股|控制人|关联|下属|股东|间接|直接"
    r"|委托|拥有|隶属|获|诉|申请|要求|披露|拟|位于|分别|合计|曾|并购|吸收|合并|标的|公司(?!合)"
    r"|控股(?!有限|股份|集团|公司|\()|投资(?!管理|控股|有限|咨询|发展|集团|公司|基金|\()"
)
_LONGER = re.compile(
    rf"(?:(?!{_STOP})[{_HAN}A-Z0-9()·]){{1,20}}?"
    r"(?:(股份有限公司|股份公司)|有限责任公司|有限公司|合伙企业)"
)
_OTHER_BUSINESS = re.compile(
    r"(?:证券(?!部|事务|投资部|虚假|欺诈|交易|简称|代码|账户|市场|监管)|基金|期货|信托|人寿|财险|产险|寿险|资管|租赁|小贷|财务公司|金服|金控|理财子)(?!业|投资者)"
)
_HOUSE_BUSINESS = re.compile(
    r"(?:资产管理|资管)(?!部|业务|总部|计划|产品|规模|女|老总|总监|条线)|期货|租赁|基金管理|\(香港\)|(?:国际)?金控|金租"
)
_NAMED_AFTER = re.compile(
    r"(?:国际)?(?:大厦|广场|大楼|论坛|学院|大学|花园|小区|体育馆|体育中心|博物馆|杯(?![\u3400-\u9fff]?股))"
)
"""Buildings, schools and cups that bear a company's name."""
_SPOKEN_LONGER = re.compile(
    rf"(?!(?:股份|集团|总|分|子|孙|母)公司)(?:(?!{_STOP})[{_HAN}]){{2,6}}公司"
)
_ROOT_LONGER = re.compile(rf"(?:(?!{_STOP})[{_HAN}]){{1,4}}集团(?!股份)")
_SUBSIDIARY = re.compile(r"(?:子公司|孙公司|参股公司)(?:为|:|—|-|\")?$")
# Sites write quotations into names (贵州茅台(1174.00,-10.00,-0.84%)集团).
_QUOTE = re.compile(r"\([-+]?\d+\.\d+,[-+]?\d+\.\d+,[-+]?[\d.]+%\)")
_PARENT = re.compile(
    r"(?:企业|实业)?集团(?!公告|股份)|控股(?=计划|拟|共计|合计|累计|及其|通过|系|持有|减持|增持|质押|集团|[(:、,。])"
)
_ORPHAN = re.compile(rf"(?:^|[、,。;:!?\s\"“(\n\]】])[{_HAN}]$")
_FUNCTION = set(
    "与和及对向为的在将由是从以或而但就令让给使称该据因若如当每各购售买卖获看做多空至到自含系予促助占仅除把任申请投按跟随被原比有升即追前日遭用超则其等还靠卖"
)
_DAY = re.compile(r"周[一二三四五六日末]|[上下本今昨明][周日年月]")
_PLACE_MIN = 3


class OrganisationSense:
    """Tells a listed company's name from a piece of something longer; immutable."""

    def __init__(self, master: SecuritiesMaster) -> None:
        full_names = [comparable(s.full_name) for s in master.securities if s.full_name]
        counts = Counter(name[:k] for name in full_names for k in (2, 3))
        places = sorted((p for p, n in counts.items() if n >= _PLACE_MIN), key=len, reverse=True)
        self._place = re.compile(rf"(?:{'|'.join(map(re.escape, places))})市?$") if places else None
        self._unnamed = {master.company_id(s) for s in master.securities if not s.full_name}
        self._groups = {
            master.company_id(s) for s in master.securities if "集团" in s.full_name + s.short_name
        }

    def extent(
        self, form: str, start: int, end: int, company: str, *, certain: bool
    ) -> tuple[int, int] | None:
        """Span of the company's name around a form found in a text; None where it is no name.

        A legal form belongs to the name (芯源微[股份有限公司]), as does the place before it.
        `certain` names (full ones, those with a board mark) are not cut from longer words.
        """
        legal = _LEGAL.match(form, end) or self._unknown_full_name(form, end, company)
        if legal:
            listed = legal[1] is not None
            return (self._place_start(form, start), legal.end()) if listed else None
        if self._is_longer(form, start, end, company) or self._is_subsidiary(form, start):
            return None
        if certain and _ROOT_LONGER.match(form, end):
            return None
        if not certain and (_is_orphaned(form, start, end) or is_cut_from_word(form, start, end)):
            return None
        return start, end

    def _is_subsidiary(self, form: str, start: int) -> bool:
        """Whether 子公司 and a place stand before the name (子公司湖南[赛隆药业])."""
        place = self._place_start(form, start)
        before = form[max(0, place - 6) : place]
        return place < start and _SUBSIDIARY.search(before) is not None

    def lacks_name(self, company: str) -> bool:
        """Whether the master does not hold the company's full name."""
        return company in self._unnamed

    def _unknown_full_name(self, form: str, end: int, company: str) -> re.Match[str] | None:
        """Rest of a full name that the master does not hold (珠海科瑞思[科技股份有限公司])."""
        if company not in self._unnamed or form.find("股份", end, end + 16) < 0:
            return None
        return _LONGER.match(form, end, end + 18)

    def _place_start(self, form: str, start: int) -> int:
        place = self._place.search(form, max(0, start - 4), start) if self._place else None
        return place.start() if place else start

    def _is_longer(self, form: str, start: int, end: int, company: str) -> bool:
        if quote := _QUOTE.match(form, end):
            return self._is_longer(form, start, quote.end(), company)
        finance_house = form.endswith(("证券", "银行", "保险"), start, end)
        if not finance_house and _OTHER_BUSINESS.match(form, end):
            return True
        if finance_house and _HOUSE_BUSINESS.match(form, end):
            return True
        if _NAMED_AFTER.match(form, end):
            return True
        if end - start < 4 and _SPOKEN_LONGER.match(form, end):
            return True
        if company not in self._groups and _PARENT.match(form, end):
            return True
        near = form.find("公司", end, end + 28) >= 0 or form.find("合伙企业", end, end + 28) >= 0
        return near and _LONGER.match(form, end) is not None


def _is_orphaned(form: str, start: int, end: int) -> bool:
    """Whether one lone character before the name belongs to it (、[森]思泰克)."""
    before = form[start - 1 : start]
    return (
        end - start < 4
        and bool(before)
        and before not in _FUNCTION
        and _ORPHAN.search(form, max(0, start - 2), start) is not None
    )


@lru_cache(maxsize=1)
def _segmenter() -> rjieba.Jieba:
    return rjieba.Jieba()


def is_cut_from_word(form: str, start: int, end: int) -> bool:
    """Whether a dictionary word lies across an end of the name (广[东海洋]大学, [中富通]过).

    A word of two characters across an end of a long name is nearly always chance ([中远海特]等),
    but for 我国, 成立 and the like before it (我[国新能源]汽车).
    """
    low = max(0, start - 4)
    first, last = start - low, end - low
    shortest = 3 if last - first > 3 else 2
    free = acts_as_company(form, end) or _DAY.match(form, end) is not None
    for word, left, right in _segmenter().tokenize(form[low : end + 4], hmm=False):
        if left < first < right and (len(word) > 2 or _is_left_word(form, word, start, shortest)):
            return True
        across = left < last < right and not free and len(word) >= shortest
        if across and not word.endswith(("集团", "公司")):
            return True
    return False


def _is_left_word(form: str, word: str, start: int, shortest: int) -> bool:
    """Whether a word of two characters across the start of a name is more than chance."""
    if word[0] in _FUNCTION or form.endswith("其中", 0, start):
        return False
    return shortest == 2 or word[-1] in "国立"
