"""Words that Whisper is known to make up where nobody speaks.

It learnt from subtitled videos: silence and music bring back credits, thanks to viewers and its
own prompt, or one phrase over and over.
"""

from __future__ import annotations

import re

NO_SPEECH = 0.6
"""Probability of silence from which an unsure segment is dropped (Radford et al. 2022, 4.5)."""
UNSURE = -1.0
"""Mean log-probability of the words below which a segment is unsure (same source)."""

_NOT_WORD = re.compile(r"[\W_]+")
_CREDITS = re.compile(
    r"amara|字幕(?:由|by|志愿|制作|组|提供|校对|翻译|听译)|(?:中文|社群|社区)提?供?的?字幕|明镜与点点|不吝点赞"
    r"|(?:打赏|点赞|订阅)(?:支持|转发|打赏)|优优独播剧场|yoyotelevision|独播剧场|mingpaocanada|词曲李宗盛"
    r"|李宗盛词曲|索兰娅|请订阅我?的?频道",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:谢谢|感谢|多谢)(?:大家|您|你们|各位)?的?(?:观看|收看|收听)|(?:我们)?下(?:期|次|集)(?:视频|节目)?(?:再见|再会)"
    r"|(?:thankyou|thanks)forwatching|本(?:期|集)(?:视频|节目)(?:就)?到这里"
)
# A unit of one to twelve characters, six times or more in a row; digits may repeat in codes.
_REPEATED = re.compile(r"((?:(?![0-9零一二三四五六七八九幺]).){1,12}?)\1{5,}")


def is_hallucination(
    text: str, *, no_speech: float, mean_log_probability: float, prompt: str
) -> bool:
    """Whether `text` is one of Whisper's known inventions.

    no_speech: 0 to 1, the model's own probability that the window holds no speech.
    prompt: the fixed sentence it was prompted with, which it may repeat.
    """
    words = _NOT_WORD.sub("", text).lower()
    if no_speech > NO_SPEECH and mean_log_probability < UNSURE:
        return True
    if _CREDITS.search(words) or _THANKS.fullmatch(words):
        return True
    return _is_prompt(words, prompt) or _is_repetition(words)


def _is_prompt(words: str, prompt: str) -> bool:
    sentence = _NOT_WORD.sub("", prompt).lower()
    return bool(sentence) and sentence in words


def _is_repetition(words: str) -> bool:
    repeated = _REPEATED.search(words)
    return repeated is not None and len(repeated.group()) >= 0.6 * len(words)
