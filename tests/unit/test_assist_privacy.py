"""Privacy: what is masked, what stays readable, and that no log line holds a customer's data."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.privacy import MaskFilter, Private, luhn, mask, mask_logs, private_spans
from assist.slot_id import check_character
from speech.numerals import digits


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的身份证是11010519491231002X", "我的身份证是**************002X"),
        ("11010519491231002x", "**************002x"),
        ("110105 19491231 002X", "****** ******** 002X"),
        ("最后一位打错110105194912310021", "最后一位打错**************0021"),
        ("老证110105491231002", "老证***********1002"),
        ("手机13800138000没换", "手机138****8000没换"),
        ("138 0013 8000", "138 **** 8000"),
        ("+86-138-0013-8000", "+86-138-****-8000"),
        ("１３８００１３８０００", "１３８****８０００"),
        ("电话：010-88886666", "电话：010-****6666"),
        ("幺三八零零幺三八零零零", "*******八零零零"),
        ("4111111111111111", "************1111"),
        ("6222 0212 3456 7890 128", "**** **** **** **** 128"),
        ("卡号6222021234567890123", "卡号***************0123"),
        ("资金账号 880012345678", "资金账号 ********5678"),
        ("股东账号A123456789", "股东账号*******789"),
        ("密码是123456", "密码是******"),
        ("验证码：8848", "验证码：****"),
        ("zhang.san@example.com", "z********@example.com"),
        ("我叫张三，我要开户", "我叫张*，我要开户"),
        ("我叫李建国想查账户", "我叫李**想查账户"),
        ("我叫欧阳娜娜", "我叫欧阳**"),
        ("我叫阿卜杜拉·买买提", "我叫********"),
        ("姓名：王小明", "姓名：王**"),
        ("户名 张伟", "户名 张*"),
        ("请问是王芳女士吗？", "请问是王*女士吗？"),
        ("您是陈静吗", "您是陈*吗"),
    ],
)
def test_masks_personal_data(text: str, masked: str) -> None:
    """Personal data is masked but for its end; the words around it stay."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "贵州茅台（600519）今天涨了3.5%",
        "转三千五百块，六零零五一九",
        "2026-11-20 17:00:00,123 INFO ui.api.boundary: POST /v1/chat/messages 200 1.2 ms",
        "6c1f0c6be1d94f6e8d3a52b7f4a9e012",
        "订单 1234567890123",
        "成交额13800138000.50元",
        "账户30000元",
        "账户余额",
        "我叫你查一下",
        "我叫了车",
        "我是白领",
        "您是否愿意",
        "客服热线95588",
        "20261120",
        "身份证过期了怎么办",
        "",
    ],
)
def test_leaves_the_rest(text: str) -> None:
    """Codes, amounts, dates, ids of the system and ordinary words are no personal data."""
    assert mask(text) == text


def test_says_what_it_found() -> None:
    """Each find has its kind and its place in the text."""
    text = "我叫张三，手机13800138000"
    kinds = {span.kind: text[span.start : span.end] for span in private_spans(text)}
    assert kinds == {Private.NAME: "张三", Private.PHONE: "13800138000"}


def test_checks_cards_by_luhn() -> None:
    """A known valid number is right, one digit changed is wrong."""
    assert luhn("79927398713")
    assert not luhn("79927398710")


@given(st.text(max_size=60) | st.text("0123456789X -一三八零幺我叫张账号:@.A", max_size=60))
def test_masking_keeps_length_and_settles(text: str) -> None:
    """Any text keeps its length, and masking again changes nothing that was masked."""
    once = mask(text)
    assert len(once) == len(text)
    assert all(a in (b, "*") for a, b in zip(once, text, strict=True))


@given(
    st.sampled_from(["", "我的号码", "id=", "手机：", "电话是", "（"]),
    st.sampled_from(["", "，谢谢", "。", "）", "是我的", " ok"]),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.dates(),
    st.integers(0, 999),
)
def test_no_phone_and_no_id_number_stays(
    before: str, after: str, phone: str, born: object, order: int
) -> None:
    """Whatever stands around it, typed or said: no number stays whole."""
    body = f"440524{str(born).replace('-', '')}{order:03d}"
    number = body + check_character(body)
    for secret in (phone, number, digits(phone, one="幺")):
        assert secret not in mask(f"{before}{secret}{after}")


@pytest.fixture
def masked_logs() -> Iterator[None]:
    """Logs masked during one test."""
    made = logging.getLogRecordFactory()
    mask_logs()
    yield
    logging.setLogRecordFactory(made)


def logged(write: object) -> str:
    """What a library's own handler writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("somebody.elses")
    logger.addHandler(handler)
    try:
        write(logger)  # type: ignore[operator]
    finally:
        logger.removeHandler(handler)
    return stream.getvalue()


@pytest.mark.usefixtures("masked_logs")
def test_masks_what_is_logged() -> None:
    """Messages, arguments and tracebacks are masked, whatever handler writes them."""

    def write(logger: logging.Logger) -> None:
        logger.warning("customer %s called", "13800138000")
        logger.warning("refused %r", {"id": "11010519491231002X"})
        try:
            raise ValueError("no account for 13900139000")
        except ValueError:
            logger.exception("failed for 我叫张三")

    text = logged(write)
    assert "138****8000" in text
    assert "139****9000" in text
    assert "ValueError" in text
    for secret in ("13800138000", "11010519491231002X", "13900139000", "张三"):
        assert secret not in text


@pytest.mark.usefixtures("masked_logs")
def test_installs_once_and_survives_a_broken_record() -> None:
    """Installing twice masks once; a record whose arguments do not fit still reaches handlers."""
    factory = logging.getLogRecordFactory()
    mask_logs()
    assert logging.getLogRecordFactory() is factory
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "%d of %d", ("one",), None)
    assert MaskFilter().filter(record)
