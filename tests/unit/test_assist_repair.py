"""Recognising remarks that steer a conversation."""

from __future__ import annotations

from pathlib import Path

import pytest

from assist.errors import KnowledgeError
from assist.knowledge_file import load_folder
from assist.repair import Remarks, Repair, core, correction, is_question


@pytest.fixture(scope="module")
def remarks(data: Path) -> Remarks:
    """The project's remarks."""
    return Remarks.load(data / "lexicons" / "dialogue.yaml")


@pytest.mark.parametrize(
    ("said", "repair"),
    [
        ("不好意思，刚刚没听见，再讲一次", Repair.REPEAT),
        ("麻烦您重复一下好吗", Repair.REPEAT),
        ("啊？什么？", Repair.REPEAT),
        ("信号不好，没听清楚", Repair.REPEAT),
        ("你念得太快了", Repair.SLOWER),
        ("能不能讲慢点儿", Repair.SLOWER),
        ("稍等一下哈，我去找身份证", Repair.HOLD),
        ("等我一分钟", Repair.HOLD),
        ("帮我取消这个办理吧", Repair.CANCEL),
        ("那我不办了", Repair.CANCEL),
        ("算了吧，谢谢", Repair.NEVER_MIND),
        ("哦，我说错了", Repair.WRONG),
        ("接着刚才的说", Repair.BACK),
        ("我没听懂", Repair.WHAT_CAN_I_SAY),
        ("嗯嗯", Repair.BACKCHANNEL),
        ("三千块", None),
        ("股票账户怎么取消创业板权限", None),
        ("退市股票要等多久", None),
        ("慢牛行情是什么意思呀这个", None),
    ],
)
def test_a_repair_is_recognised(remarks: Remarks, said: str, repair: Repair | None) -> None:
    """Wordings that the lexicon does not hold as they stand are recognised, questions are not."""
    assert remarks.repair(said) is repair


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("师傅我正开车呢", "driving"),
        ("我这会儿手头有事", "busy"),
        ("半小时后再打给我吧", "call_later"),
        ("我不姓王，你打错电话了", "not_me"),
        ("这个号码早就换人了", "not_me"),
        ("我是他爱人", "not_me"),
        ("他上个月过世了", "deceased"),
        ("请问您是哪个单位的", "who_are_you"),
        ("你给我打电话干嘛", "why_call"),
        ("你怎么证明你是真的", "is_scam"),
        ("对这个没兴趣，谢谢", "refuse"),
        ("以后请不要再给我打电话", "do_not_call"),
        ("好的我知道了", None),
        ("家父过世，他的股票怎么过户", None),
    ],
)
def test_an_interjection_is_recognised(remarks: Remarks, said: str, name: str | None) -> None:
    """What customers throw in during a call is named."""
    assert remarks.interjection(said, remarks.interjections) == name


def test_only_the_wanted_interjections_are_looked_for(remarks: Remarks) -> None:
    """A flow that has no step for drivers does not hear them."""
    assert remarks.interjection("我在开车", ["busy"]) is None


@pytest.mark.parametrize(
    ("said", "words", "explicit"),
    [
        ("不对，是三千", "三千", False),
        ("哦不对，应该是三千", "三千", True),
        ("不是两千，是三千", "三千", False),
        ("我刚才说错了，是转出", "转出", True),
        ("金额改成 五千", "五千", True),
        ("说错了", "", True),
    ],
)
def test_a_correction_gives_the_new_words(said: str, words: str, explicit: bool) -> None:
    """The words behind the marker, where they begin, and whether an error was named."""
    found = correction(said)
    assert found is not None
    assert (found.words, found.explicit) == (words, explicit)
    assert said[found.start :].strip() == words


@pytest.mark.parametrize("said", ["三千", "是的", "我不是王先生", "转账报错怎么办"])
def test_what_corrects_nothing_is_no_correction(said: str) -> None:
    """Answers and questions have no correction in them."""
    assert correction(said) is None


def test_questions_are_rarely_taken_for_repairs(remarks: Remarks, data: Path) -> None:
    """Of all known questions hardly any would be swallowed as a repair inside a flow."""
    questions = [q for e in load_folder(data / "faq").entries for q in e.questions]
    taken = [q for q in questions if remarks.repair(q) not in (None, Repair.WRONG)]
    assert len(taken) <= len(questions) / 2000, taken


@pytest.mark.parametrize("said", ["佣金多少", "可以吗", "转入还是转出？", "你是真人还是机器人"])
def test_a_question_is_told_from_an_answer(said: str) -> None:
    """Question words and marks make a question."""
    assert is_question(said)
    assert not is_question("三千块")
    assert not is_question("没什么问题")


def test_courtesies_do_not_count() -> None:
    """Particles around the core of a message are left out, unless nothing else is there."""
    assert core("嗯，那个，麻烦取消一下吧，谢谢") == "取消"
    assert core("嗯嗯") == "嗯嗯"


@pytest.mark.parametrize(
    "text",
    [
        "repairs: {}",
        "repairs: {sing: {}}\ninterjections: {}",
        "[",
        "repairs: {hold: {patterns: ['(']}}",
    ],
)
def test_a_broken_lexicon_is_refused(tmp_path: Path, text: str) -> None:
    """The error names the file."""
    path = tmp_path / "remarks.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"remarks\.yaml"):
        Remarks.load(path)
