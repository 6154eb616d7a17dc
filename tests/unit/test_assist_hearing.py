"""What a recogniser writes is understood: homophones, spoken numbers, fillers, courtesy."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from assist.errors import KnowledgeError
from assist.hearing import ChangeKind, Hearing
from assist.hearing_sounds import distance
from assist.hearing_terms import SpeechTerms
from assist.knowledge import FaqEntry, KnowledgeBase
from assist.knowledge_file import load_folder
from assist.lexical import plain
from news.securities import SecuritiesMaster

HELD_ASIDE = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def terms(data: Path) -> SpeechTerms:
    """The project's lexicons and the names of the securities master."""
    return SpeechTerms.load(data / "lexicons", SecuritiesMaster.load(data / "securities.tsv"))


@pytest.fixture(scope="module")
def base(data: Path) -> KnowledgeBase:
    """The sample knowledge base."""
    return load_folder(data / "faq").base


@pytest.fixture(scope="module")
def hearing(base: KnowledgeBase, terms: SpeechTerms) -> Hearing:
    """Hearing for the sample base."""
    return Hearing(base, terms)


@pytest.fixture(scope="module")
def unfed(terms: SpeechTerms) -> Hearing:
    """Hearing for a base without entries."""
    return Hearing(KnowledgeBase(()), terms)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("创业版权限在哪里开通啊", "创业板权限在哪里开通啊"),
        ("宁的时代最近有什么消息", "宁德时代最近有什么消息"),
        ("我终签了没交钱", "我中签了没交钱"),
        ("融资容券门槛高不高", "融资融券门槛高不高"),
        ("刚股通几点能交易", "港股通几点能交易"),
        ("科创版要求多少资产呢", "科创板要求多少资产呢"),
        ("贵州毛台的上游", "贵州茅台的上游"),
        ("三方村管换卡", "三方存管换卡"),
    ],
)
def test_homophones_of_terms_are_repaired(hearing: Hearing, written: str, meant: str) -> None:
    """A term that is written by its sound is put right, and the change is named."""
    heard = hearing.hear(written)
    assert heard.understood == meant
    assert {change.kind for change in heard.changes} == {ChangeKind.SOUND}
    assert heard.text == written


@pytest.mark.parametrize(
    "text",
    [
        "中签了怎么知道呢", "权利仓是啥呀", "股指期货能做吗", "这票的估值怎么看", "谁有权力冻结",
        "一字板能不能买进去", "两融和双创", "三方存管", "五险一金", "一下子",
        "万一亏了呢", "天天都能买", "人人都能开吗", "看看我的账户", "等等再说",
        "三六零", "三一重工", "二三四五", "七七八八的费用", "长江电力",
        "板块轮动", "模板在哪下载", "旧版软件",
    ],
)  # fmt: skip
def test_right_words_stay(hearing: Hearing, text: str) -> None:
    """Words that sound like terms, idioms with numerals and names stay as they are."""
    assert hearing.hear(text).understood == text


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("六零零五一九最近怎么样", "600519最近怎么样"),
        ("幺三九开头的手机", "139开头的手机"),
        ("600 519是什么公司", "600519是什么公司"),
        ("借八百三十块", "借830块"),
        ("涨了百分之七点三", "涨了7.3%"),
        ("亏了三千七", "亏了3700"),
        ("E T F是什么", "ETF是什么"),
    ],
)
def test_spoken_numbers_and_letters_are_written(hearing: Hearing, said: str, read: str) -> None:
    """Codes, amounts and shares become digits, spelled letters a word."""
    assert plain(hearing.hear(said).understood) == plain(read)


@pytest.mark.parametrize(
    ("known", "asked", "understood"),
    [
        ("三千块能买吗", "我有3000块能不能买呀", "我有三千块能不能买呀"),
        ("3000块能买吗", "我有三千块能不能买呀", "我有3000块能不能买呀"),
        ("跌5%会怎样", "要是跌百分之五会怎样呢", "要是跌5%会怎样呢"),
        ("跌百分之五会怎样", "要是跌百分之五会怎样呢", "要是跌百分之五会怎样呢"),
    ],
)
def test_a_number_takes_the_form_of_the_base(known: str, asked: str, understood: str) -> None:
    """Digits or characters: what the knowledge base uses."""
    base = KnowledgeBase((FaqEntry("a", known, ()),))
    assert Hearing(base, SpeechTerms()).hear(asked).understood == understood


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("呃那个我我想问一下创业板在哪儿开", "创业板在哪儿开"),
        ("就是说那个那个账户被锁了", "账户被锁了"),
        ("喂你好我想咨询一下，账户被锁了怎么弄，麻烦你了谢谢啊", "账户被锁了怎么弄"),
        ("怎么销怎么销户呢", "怎么销户呢"),
        ("账户账户被锁了", "账户被锁了"),
        ("谢谢", "谢谢"),
        ("嗯", "嗯"),
        ("你好", "你好"),
    ],
)
def test_fillers_and_courtesy_go(hearing: Hearing, said: str, meant: str) -> None:
    """Hesitation, stutter and courtesy are dropped, unless nothing else was said."""
    assert hearing.hear(said).understood == meant


def test_known_questions_are_never_touched(hearing: Hearing, base: KnowledgeBase) -> None:
    """What the base knows word for word is right by definition."""
    for entry in base.entries:
        for question in entry.questions:
            heard = hearing.hear(question)
            assert (heard.understood, heard.changes, heard.possible) == (question, (), None)


def test_right_text_is_hardly_repaired(hearing: Hearing, data: Path) -> None:
    """At most one in a thousand right lines is repaired by sound."""
    lines = [
        json.loads(line)["headline"]
        for path in sorted((data / "news").glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    for path in sorted(HELD_ASIDE.glob("*.t*")):
        if path.name != "misheard.tsv":
            rows = path.read_text("utf-8").splitlines()
            lines += [row.split("\t")[0] for row in rows]
    changed = [
        line
        for line in lines
        if any(change.kind is ChangeKind.SOUND for change in hearing.hear(line).changes)
    ]
    assert len(changed) <= max(1, len(lines) // 1000), changed


def test_errors_as_recognisers_make_them(hearing: Hearing) -> None:
    """Of misheard questions collected by hand seven in ten are surely repaired, nearly all offered.

    None is turned into something else that is taken for sure.
    """
    with (HELD_ASIDE / "misheard.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    heard = [(hearing.hear(row["heard"]), plain(row["meant"])) for row in rows]
    sure = sum(plain(one.understood) == meant for one, meant in heard)
    offered = sum(
        meant in (plain(one.understood), plain(one.possible.understood if one.possible else ""))
        for one, meant in heard
    )
    assert sure >= 0.70 * len(rows)
    assert offered >= 0.85 * len(rows)


def test_repair_settles(hearing: Hearing) -> None:
    """What was understood is understood as it is."""
    with (HELD_ASIDE / "misheard.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            understood = hearing.hear(row["heard"]).understood
            assert hearing.hear(understood).understood == understood


def test_a_possible_reading_is_kept_apart(hearing: Hearing) -> None:
    """中心国际 is a name only if the question leads nowhere as it is written."""
    heard = hearing.hear("中心国际属于哪个行业")
    assert heard.understood == heard.text
    assert heard.possible is not None
    assert heard.possible.understood == "中芯国际属于哪个行业"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("三千", "3000"), ("六百块", "600块"), ("百分之五", "5%"), ("五十万", "50万"),
        ("二十四个月", "24个月"), ("两百股", "200股"), ("一百二", "120"), ("一百零二", "102"),
        ("二三四五", "二三四五"), ("一字板", "一字板"), ("第十五", "第十五"), ("十万", "十万"),
    ],
)  # fmt: skip
def test_numbers_that_no_base_knows(unfed: Hearing, said: str, read: str) -> None:
    """Without a base to follow a number becomes digits; names and words stay."""
    assert unfed.hear(said).understood == read


def test_an_empty_base_and_no_terms_change_nothing() -> None:
    """A workspace that has just been made hears what is written."""
    heard = Hearing(KnowledgeBase(()), SpeechTerms()).hear("创业版怎么开通")
    assert heard.understood == "创业版怎么开通"


def test_missing_lexicon_is_named(tmp_path: Path) -> None:
    """A folder without the lexicons is an error that names the file."""
    with pytest.raises(KnowledgeError, match=r"terms\.txt"):
        SpeechTerms.load(tmp_path)


@pytest.mark.parametrize(
    ("written", "meant", "far"),
    [("版", "板", 0.0), ("终", "中", 0.0), ("蓝", "南", 1.5), ("深", "生", 1.0), ("买", "卖", 0.0)],
)
def test_distance_of_sounds(written: str, meant: str, far: float) -> None:
    """Tones are ignored, confused initials and finals count."""
    assert distance(written, meant) == far
    assert distance(meant, written) == far


def test_far_sounds_are_far() -> None:
    """Characters that nobody confuses are no candidates, nor are digits and letters."""
    assert distance("股", "债") > 5
    assert distance("a", "啊") > 5
