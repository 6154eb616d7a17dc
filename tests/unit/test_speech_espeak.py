"""eSpeak's Mandarin, with its known mistakes put right."""

from __future__ import annotations

import ctypes
import re

import numpy as np
import pytest

from speech import espeak
from speech.audio import AudioClip
from speech.errors import SynthesizerError
from speech.espeak import EspeakSynthesizer, variants
from speech.espeak_mandarin import corrected
from speech.spoken import spoken
from speech.synthesize import Voice


def phonemes(text: str) -> str:
    """What the library itself makes of a Mandarin text."""
    with espeak._LOCK:
        library, _ = espeak._library()
        espeak._choose(library, Voice())
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        rest = ctypes.c_char_p(text.encode())
        found = []
        while rest.value:
            found.append(library.espeak_TextToPhonemes(ctypes.byref(rest), 1, 0) or b"")
    return b" ".join(found).decode()


def test_every_common_character_is_said_in_mandarin() -> None:
    """None of the 3,755 characters of GB 2312's first level is spelled in English letters."""
    cells = (bytes((row, column)) for row in range(0xB0, 0xD8) for column in range(0xA1, 0xFF))
    characters = [cell.decode("gb2312", errors="ignore") for cell in cells]
    said = [re.sub(r"\[\[[^]]+\]\]", "", corrected(character)) for character in characters]
    assert len([character for character in characters if character]) == 3_755
    assert [text for text in said if text and "(en)" in phonemes(text)] == []


@pytest.mark.parametrize(
    ("written", "sound"),
    [
        ("还款", "Xua35n"), ("卖券还款", "Xua35n"), ("返还", "Xua35n"), ("还有", "Xai35"),
        ("招行", "XA35N"), ("建行下调", "XA35N"), ("银行", "XA35N"), ("同行为", "S;i35N"),
        ("调仓", "thjAu35"), ("角色", "tS;yE35"), ("东莞", "kwa214n"), ("重组", "ts.hong35"),
        ("长期", "ts.hA35N"), ("涨停", "ts.A214N"),
    ],
)  # fmt: skip
def test_words_of_the_trade_have_their_own_reading(written: str, sound: str) -> None:
    """Characters with two readings get the one that the word asks for."""
    assert sound in phonemes(corrected(written)).replace("'", "")


def test_the_missing_final_is_given_in_phonemes() -> None:
    """熊市 and 英雄 reach the library as sounds."""
    assert corrected("熊市英雄") == "[[S;jong35]]市英[[S;jong35]]"


def test_the_rate_is_the_library_s() -> None:
    """22,050 samples a second."""
    assert EspeakSynthesizer().synthesize("您好").rate == 22_050


def test_speech_is_as_fast_as_an_announcer() -> None:
    """At speed 1 a sentence runs at three to five syllables a second, pauses included."""
    text = spoken("您好，贵州茅台（600519）今日收盘价为1,688.00元，成交额45.6亿元。")
    syllables = len(re.findall(r"[\u4e00-\u9fff]", text))
    assert 3.0 < syllables / EspeakSynthesizer().synthesize(text).seconds < 5.0


def test_pitch_moves_the_voice() -> None:
    """A high voice has its fundamental above that of a low one."""
    low = EspeakSynthesizer().synthesize("妈妈妈妈", voice=Voice(pitch=0.5))
    high = EspeakSynthesizer().synthesize("妈妈妈妈", voice=Voice(pitch=1.5))
    assert fundamental(high) > 1.1 * fundamental(low)


def fundamental(clip: AudioClip) -> float:
    """Hertz of the strongest repetition between 60 and 400 Hz, formants filtered out."""
    spectrum = np.abs(np.fft.rfft(clip.samples, 2 * clip.samples.size)) ** 2
    spectrum[np.fft.rfftfreq(2 * clip.samples.size, 1 / clip.rate) > 300.0] = 0.0
    repetition = np.fft.irfft(spectrum)
    shortest, longest = clip.rate // 400, clip.rate // 60
    return float(clip.rate / (shortest + np.argmax(repetition[shortest:longest])))


def test_variants_are_voices() -> None:
    """The documented names are there and sound different from the default."""
    names = variants()
    assert {"f1", "f5", "m1", "m8"} <= set(names)
    default = EspeakSynthesizer().synthesize("您好")
    other = EspeakSynthesizer().synthesize("您好", voice=Voice("f2"))
    assert other.samples.size != default.samples.size or np.any(other.samples != default.samples)


def test_other_languages_are_spoken_as_written() -> None:
    """English keeps its numbers; Cantonese is another voice."""
    engine = EspeakSynthesizer()
    assert engine.synthesize("12 shares", voice=Voice(language="en")).seconds > 0.5
    assert engine.synthesize("你好", voice=Voice(language="yue")).seconds > 0.2


def test_an_unknown_language_is_an_error() -> None:
    """The message names it."""
    with pytest.raises(SynthesizerError, match="'xx'"):
        EspeakSynthesizer().synthesize("你好", voice=Voice(language="xx"))


def test_phoneme_brackets_in_a_text_are_not_obeyed() -> None:
    """A customer's [[...]] is read as text, in Mandarin and in English."""
    engine = EspeakSynthesizer()
    assert engine.synthesize("[[你好]]").seconds == pytest.approx(
        engine.synthesize("你好").seconds, rel=0.01
    )
    assert engine.synthesize("[[hello]]", voice=Voice(language="en")).seconds > 0.2
