"""How codes are said: telephone numbers, security codes, account numbers, digit by digit."""

from __future__ import annotations

from speech.numerals import digits
from speech.rule import COUNTED, Groups, Rule, rule

_ALONE = r"(?<![0-9.¥$€£+])"
_NO_AMOUNT = rf"(?![0-9]|[.,][0-9]|\s?(?:{COUNTED}))"
_CODE_END = rf"(?![0-9]|\.[0-9]|\s?(?:{COUNTED}))"
# Shares, exchange-traded funds and indices of Shanghai, Shenzhen and Beijing; other kinds of
# six digits (bonds, repos, other funds) are said as codes only where the context says so.
_LISTED = (
    r"(?:60[0135]|68[89]|00[0-3]|30[012]|43[0-9]|8[37][0-9]|92[0-9]|51[0-9]|56[0-9]|58[0-9]"
    r"|159|399)[0-9]{3}"
)

_LINKS = r"[为是至到我们的官方免费全国统一客户服务电话热线专线号码:：\s(（]{0,14}"


def _telephone(groups: Groups) -> str:
    return "".join(groups[:-1]) + digits(groups[-1].translate(_NO_MARKS), one="幺")


def _code(groups: Groups) -> str:
    return "".join(groups[:-1]) + digits(groups[-1])


_NO_MARKS = str.maketrans("", "", "-() ")

RULES: tuple[Rule, ...] = (
    # Telephones: mobile, 400 and 800, landline with area code, service numbers.
    rule(
        _ALONE + r"(?:\+?86[- ]?)?(1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4})" + _NO_AMOUNT, _telephone
    ),
    rule(_ALONE + r"([48]00[- ][0-9]{3,4}[- ]?[0-9]{3,4})" + _NO_AMOUNT, _telephone),
    rule(_ALONE + r"([48]00[0-9]{7})" + _NO_AMOUNT, _telephone),
    rule(_ALONE + r"(\(?0[0-9]{2,3}\)?[- ]?[0-9]{3,4}[- ][0-9]{4})" + _NO_AMOUNT, _telephone),
    rule(
        _ALONE + r"(\(0[0-9]{2,3}\)[- ]?[0-9]{7,8}|0[0-9]{2,3}[- ][0-9]{7,8})" + _NO_AMOUNT,
        _telephone,
    ),
    rule(_ALONE + r"(95[0-9]{3}|123(?:86|78|63))" + _NO_AMOUNT, _telephone),
    rule(r"((?:电话|热线|拨打|致电|客服|专线)" + _LINKS + ")([0-9]{3,8})" + _NO_AMOUNT, _telephone),
    # Security codes with their exchange.
    rule(r"(?<![A-Za-z])(?:SH|SZ|BJ|sh|sz|bj)[.:]?([0-9]{6})(?![0-9])", _code),
    rule(_ALONE + r"([0-9]{6})\.(?:SH|SZ|BJ|SS|OF|sh|sz|bj|ss|of|XSHG|XSHE)(?![A-Za-z0-9])", _code),
    rule(_ALONE + r"([0-9]{4,5})\.(?:HK|hk)(?![A-Za-z0-9])", lambda g: "港股" + digits(g[0])),
    rule(r"(?<![A-Za-z])(?:HK|hk)[.:]?([0-9]{5})(?![0-9])", lambda g: "港股" + digits(g[0])),
    rule(r"(?<![A-Za-z])([A-Z]{1,5})\.(?:US|OQ|O|N)(?![A-Za-z0-9])", lambda g: g[0]),
    # Codes and account numbers named by the word before them, or alone in parentheses.
    rule(
        r"((?:代码|编号|尾号|后四位|工号|单号|账号|账户|帐号|卡号|密码|验证码|客户号|邮编|证号|流水号|席位号)"
        + _LINKS
        + ")([0-9]{3,})"
        + _NO_AMOUNT,
        _code,
    ),
    rule(r"([(（]\s?)([0-9]{6}|0[0-9]{4})(?=\s?[)）])", _code),
    # Security codes by a listed prefix; a round number alone is a number.
    rule(_ALONE + r"(?![0-9]{2}0000|[1-9][0-9]{2}000)(" + _LISTED + ")" + _CODE_END, _code),
    # Names that people say digit by digit.
    rule(
        r"(?<![0-9.])(58(?=同城|到家)|360(?=安全|数科|金融|集团)|12306|315(?=晚会)|618(?=大促|购物))",
        _code,
    ),
    # 007, and long runs without a unit: order numbers, card numbers.
    rule(r"(?<![0-9.,])(0[0-9]++)(?!\.[0-9])", _code),
    rule(_ALONE + r"([0-9]{8,}+)" + _NO_AMOUNT, _code),
    # Contracts and models: IF2309, C919; A50 and the index A500 are numbers.
    rule(r"([A-Za-z])-?(?![0-9]+00(?![0-9]))([0-9]{3,}+)(?!\.[0-9])", _code),
    rule(r"([A-Za-z])-(?=[0-9])", lambda g: g[0]),
)
