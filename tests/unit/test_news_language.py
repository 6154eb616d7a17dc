"""The language of articles."""

import pytest

from news.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("宁德时代发布2021年年报，净利润增长", "zh"),
        ("寧德時代發布年報，淨利潤增長", "zh"),
        ("iPhone 15 Pro Max 供应商 Apple supply chain 概念股集体上涨，立讯精密涨停", "zh"),
        ("The company said on Monday that its profit rose by a fifth", "en"),
        ("トヨタは新しい電池を発表しました", "ja"),
        ("삼성전자가 새로운 반도체 공장을 발표했다고 밝혔다", "ko"),
        ("Компания сообщила о росте прибыли", "ru"),
        ("公告", "zh"),
        ("3.5%", "und"),
        ("", "und"),
    ],
)
def test_tells_the_language(text: str, language: str) -> None:
    """News in Chinese with Latin names stays Chinese; other scripts are told apart."""
    assert language_of(text) == language
