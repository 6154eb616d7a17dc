"""Whisper's known inventions are told apart from what customers say."""

from __future__ import annotations

import pytest

from speech.hallucination import is_hallucination
from speech.whisper_transcriber import PROMPTS


def judged(text: str, no_speech: float = 0.1, mean_log_probability: float = -0.3) -> bool:
    """The verdict with the prompt that the recogniser uses."""
    return is_hallucination(
        text,
        no_speech=no_speech,
        mean_log_probability=mean_log_probability,
        prompt=PROMPTS["zh"],
    )


@pytest.mark.parametrize(
    "text",
    [
        "字幕由 Amara.org 社群提供",
        "由Amara.org社区提供的字幕",
        "字幕志愿者 杨茜茜",
        "字幕by索兰娅",
        "中文字幕志愿者",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "優優獨播劇場——YoYo Television Series Exclusive",
        "谢谢观看",
        "感谢大家的收看！",
        "下期再见",
        "Thank you for watching.",
        "以下是普通话的句子。",
        "以下是普通话的句子，贵州茅台。",
        "嗯嗯嗯嗯嗯嗯嗯嗯",
        "我们的产品我们的产品我们的产品我们的产品我们的产品我们的产品我们的产品",
        "好的，好的，好的，好的，好的，好的，好的",
    ],
)
def test_credits_thanks_prompt_and_loops_are_dropped(text: str) -> None:
    """They come from subtitles in the training data, not from the caller."""
    assert judged(text)


@pytest.mark.parametrize(
    "text",
    [
        "我要查一下贵州茅台的股价",
        "谢谢你，我没有其他问题了",
        "谢谢观看持仓的时候为什么显示不出来",
        "股票代码是六零零零零零",
        "我的账号是00000012",
        "好的好的好的",
        "不不不，我不买",
        "怎么订阅研报",
        "视频见证开户怎么做",
        "",
    ],
)
def test_what_customers_say_is_kept(text: str) -> None:
    """Thanks inside a sentence, zeros of a code and a hasty 好的好的 are speech."""
    assert not judged(text)


def test_unsure_words_in_silence_are_dropped() -> None:
    """Both conditions must hold: a likely silence, and words hardly believed."""
    assert judged("你好", no_speech=0.9, mean_log_probability=-1.5)
    assert not judged("你好", no_speech=0.9, mean_log_probability=-0.5)
    assert not judged("你好", no_speech=0.1, mean_log_probability=-1.5)
