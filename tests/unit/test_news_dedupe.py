"""Exact and near duplicates."""

from __future__ import annotations

from pathlib import Path

import pytest

from news.dedupe import Fingerprint, content_hash, fingerprint, near_duplicate, similarity
from news.dedupe_keys import body_of, figures_in
from news.duplicate_groups import duplicate_groups, evaluate_duplicates
from news.link import EntityLinker
from news.securities import SecuritiesMaster

STORY = (
    "海湾精工公告，公司与北方重装签订设备供货合同，合同金额3.62亿元，占公司上年度营业收入的18.4%。"
    "合同自双方签字之日起生效，预计在未来三年内分批交付。公司表示，合同的履行将对经营业绩产生积极影响，"
    "但不影响公司业务的独立性。公司同时提示，合同存在因不可抗力而延期的风险，敬请投资者关注后续进展。"
)
OTHER = (
    "国家统计局今日发布数据，上半年社会消费品零售总额同比有所回升，其中餐饮收入增长较快，乡村市场快于城镇。"
    "分析人士认为，促消费政策持续显效，暑期出行需求旺盛，服务消费仍有潜力，下阶段应继续改善居民收入预期。"
)
FLASH = "海湾精工公告，上半年实现净利润1.25亿元，同比增长12.5%，拟每10股派发现金红利2元。"


def same(a: str, b: str) -> bool:
    """Whether two texts are near-duplicates."""
    return near_duplicate(fingerprint(a), fingerprint(b))


@pytest.mark.parametrize(
    "edited",
    [
        STORY[:70],
        STORY[:120],
        "【财联社讯】" + STORY,
        "证券时报网讯（记者 张三）" + STORY + "（责任编辑：李四）",
        "新华社北京3月5日电 " + STORY,
        STORY + "\n免责声明：本文仅供参考，不构成投资建议。",
        STORY.replace("公司表示", "该公司称").replace("预计", "预期"),
        "".join(reversed([s + "。" for s in STORY.split("。") if s])),
        STORY.replace("，", ",").replace("3.62", "３.６２"),
        STORY.replace("积极", "一定的积极"),
    ],
)
def test_reprints_cuts_and_small_edits_are_duplicates(edited: str) -> None:
    """A header, a tail, a cut, other marks, other order and a few words do not hide a story."""
    assert same(STORY, edited)


def test_traditional_characters_do_not_hide_a_story() -> None:
    """The same flash in traditional characters is a duplicate."""
    simple = "贵州茅台发布公告，董事会审议通过回购方案，拟使用自有资金回购部分股份并注销。"
    assert same(
        simple,
        "貴州茅臺發布公告，董事會審議通過回購方案，擬使用自有資金回購部分股份並註銷。",
    )


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (STORY, OTHER),
        (FLASH, FLASH.replace("1.25", "2.31").replace("12.5", "31.8")),
        ("3月5日" + FLASH[4:], "3月6日" + FLASH[4:]),
        ("北向资金今日净流入超过30亿元", "南向资金今日净流入超过30亿元"),
        ("沪指午后涨幅扩大至1%，两市成交活跃", "沪指午后跌幅扩大至1%，两市成交活跃"),
        (
            "河南新增一处重点水利工程开工建设，总投资十亿元",
            "河北新增一处重点水利工程开工建设，总投资十亿元",
        ),
        (
            STORY.replace("3.62亿元", "3.62亿元，首付3.62亿元"),
            STORY.replace("3.62亿元", "3.62亿元，首付1.81亿元"),
        ),
    ],
)
def test_template_flashes_and_other_stories_are_not(a: str, b: str) -> None:
    """Other numbers, dates, directions, places or topics make another message."""
    assert not same(a, b)


def test_flashes_of_two_companies_are_told_apart_by_their_subjects() -> None:
    """The same words about another company are no duplicate where the subjects are known."""
    other = STORY.replace("海湾精工", "蓝山股份")
    about_one = fingerprint(STORY, {"company:1", "company:9"})
    assert not near_duplicate(about_one, fingerprint(other, {"company:2", "company:9"}))
    assert near_duplicate(about_one, fingerprint(STORY[:120], {"company:1"}))


def test_near_duplicates_share_a_band_and_others_do_not() -> None:
    """The bands lead a database from a reprint to the story and not to unlike texts."""
    bands = set(fingerprint(STORY).bands())
    assert bands & set(fingerprint("【财联社讯】" + STORY[:100]).bands())
    assert not bands & set(fingerprint(OTHER).bands())
    assert all(-(2**63) <= band < 2**63 for band in bands)


def test_fingerprint_is_compact_and_survives_the_database() -> None:
    """Bytes are below 1 KB even for a text full of numbers, and give back the same fingerprint."""
    text = STORY + "，".join(f"{n}.5%与{n}月{n % 28 + 1}日" for n in range(1, 400))
    mark = fingerprint(text, {f"company:{n}" for n in range(100)})
    raw = mark.to_bytes()
    assert len(raw) < 1024
    again = Fingerprint.from_bytes(raw)
    assert again.to_bytes() == raw
    assert again.bands() == mark.bands()
    assert similarity(mark, again) == 1.0


@pytest.mark.parametrize("raw", [b"", b"\x01abc", b"\x00" * 300])
def test_foreign_bytes_are_refused(raw: bytes) -> None:
    """Bytes of another version are an error that says what to do."""
    with pytest.raises(ValueError, match="ingest the article again"):
        Fingerprint.from_bytes(raw)


def test_content_hash_is_blind_to_marks_width_and_script_only() -> None:
    """128 bits as hex, equal for the same words however they are written."""
    plain = content_hash("公司公告", "净利润增长10%。")
    assert len(plain) == 32
    assert plain == content_hash("公司公告！", " 净利润　增长１０%")
    assert plain == content_hash("公司公告", "淨利潤增長10%。")
    assert plain != content_hash("公司公告", "净利润增长11%。")
    assert plain != content_hash("", "公司公告净利润增长10%")


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("【财联社讯】公司公告", "公司公告"),
        ("证券时报网讯,公司公告", "公司公告"),
        ("(原标题:旧闻)公司公告(记者 王五)", "公司公告"),
        ("公司公告\n免责声明:仅供参考", "公司公告"),
        ("【公司公告:中标】公司今日公告", "【公司公告:中标】公司今日公告"),
        ("【财联社讯】", "【财联社讯】"),
    ],
)
def test_marks_of_reprinting_are_no_part_of_the_body(text: str, body: str) -> None:
    """Source lines, by-lines and disclaimers go; a headline in brackets and the last word stay."""
    assert body_of(text) == body


def test_figures_have_one_form() -> None:
    """Separators, idle zeros and the form of a date do not matter; a cut number is left out."""
    figures = figures_in("2024年1月5日,营收1,901.80亿元,另有10%和10%,去年2023-12-31为12.")
    assert figures.numbers == {"1901.8", "10", "10#2"}
    assert {"2024年", "1月5日", "5日", "2023年", "12月31日", "31日"} <= figures.dates


def test_groups_point_to_the_first_text() -> None:
    """Each text is in the group of the first one that it repeats."""
    texts = (STORY, OTHER, "【快讯】" + STORY, FLASH, OTHER[:80])
    assert duplicate_groups(texts) == (0, 1, 0, 3, 1)
    assert duplicate_groups(()) == ()


def test_scores_count_pairs() -> None:
    """Precision, recall and F1 are shares of pairs; a group without pairs asks for none."""
    texts = (STORY, "【快讯】" + STORY, OTHER, FLASH)
    scores = evaluate_duplicates(texts, ("a", "a", "b", "c"), timer=iter((0.0, 2.0)).__next__)
    assert (scores.pair_precision, scores.pair_recall, scores.pair_f1) == (1.0, 1.0, 1.0)
    assert (scores.n, scores.docs_per_s) == (4, 2.0)
    wrong = evaluate_duplicates(texts, ("a", "b", "c", "c"))
    assert (wrong.pair_precision, wrong.pair_recall, wrong.pair_f1) == (0.0, 0.0, 0.0)


def test_linked_companies_keep_flashes_apart(data: Path) -> None:
    """With the linker as the source of subjects, one template about two companies is two groups."""
    linker = EntityLinker(
        SecuritiesMaster.load(data / "securities.tsv"), data / "lexicons" / "ambiguous_names.yaml"
    )
    texts = tuple(STORY.replace("海湾精工", name) for name in ("贵州茅台", "宁德时代", "贵州茅台"))
    groups = duplicate_groups(texts, lambda t: {m.entity_id for m in linker.link(t)})
    assert groups == (0, 1, 0)


@pytest.mark.parametrize(("one", "other"), [("3.5%", "35%"), ("-5%", "5%"), ("1.2.3", "12.3")])
def test_content_hash_tells_numbers_apart_by_their_marks(one: str, other: str) -> None:
    """A point or a sign makes another number, so another article."""
    assert content_hash("", f"净利润变动{one}") != content_hash("", f"净利润变动{other}")
