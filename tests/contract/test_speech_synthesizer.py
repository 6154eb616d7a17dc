"""What every Synthesizer promises, run against each engine that is installed."""

from __future__ import annotations

import importlib.util
import runpy
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from speech.audio import AudioClip
from speech.errors import SynthesizerError
from speech.synthesize import MAX_CHARACTERS, Synthesizer, Voice

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = "您好，贵州茅台（600519）今日收盘价为1,688.00元，下跌3.5%。"


def espeak(_folder: Path) -> Synthesizer:
    """eSpeak NG, always there."""
    from speech.espeak import EspeakSynthesizer

    return EspeakSynthesizer()


def coqui(folder: Path) -> Synthesizer:
    """Coqui through its real code, on a small Mandarin VITS with random weights."""
    if importlib.util.find_spec("TTS") is None:
        pytest.skip("Coqui TTS is not installed: make coqui")
    from speech.coqui import CoquiSynthesizer

    runpy.run_path(str(ROOT / "scripts" / "install_coqui.py"))["tiny_vits"](folder)
    return CoquiSynthesizer(folder)


@pytest.fixture(scope="module", params=[espeak, coqui], ids=lambda build: build.__name__)
def synthesizer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Synthesizer:
    """One engine after the other."""
    build: Callable[[Path], Synthesizer] = request.param
    return build(tmp_path_factory.mktemp("model"))


def test_a_sentence_becomes_audible_sound(synthesizer: Synthesizer) -> None:
    """The clip is mono float32 of a usual rate, neither silent nor clipped."""
    clip = synthesizer.synthesize(SENTENCE)
    assert isinstance(clip, AudioClip)
    assert clip.samples.dtype == np.float32
    assert clip.rate in (16_000, 22_050, 24_000, 44_100, 48_000)
    assert 0.01 < clip.peak < 1.0
    assert float(np.sqrt(np.mean(clip.samples**2))) > 0.001


def test_more_words_take_longer(synthesizer: Synthesizer) -> None:
    """Two sentences last longer than the first of them."""
    one = synthesizer.synthesize("今天市场震荡上行。")
    two = synthesizer.synthesize("今天市场震荡上行。成交额超过一万亿元。")
    assert two.seconds > one.seconds


def test_the_same_text_sounds_the_same(synthesizer: Synthesizer) -> None:
    """A second call has the same length within one percent, the same loudness within ten."""
    first, again = synthesizer.synthesize(SENTENCE), synthesizer.synthesize(SENTENCE)
    assert again.seconds == pytest.approx(first.seconds, rel=0.01)
    assert np.std(again.samples) == pytest.approx(np.std(first.samples), rel=0.1)


def test_written_numbers_are_said_as_spoken(synthesizer: Synthesizer) -> None:
    """A security code in digits takes as long as its numerals written out."""
    written = synthesizer.synthesize("贵州茅台（600519）")
    said = synthesizer.synthesize("贵州茅台，六零零五一九")
    assert written.seconds == pytest.approx(said.seconds, rel=0.01)


def test_a_slower_voice_takes_longer(synthesizer: Synthesizer) -> None:
    """Speed 0.5 lasts longer than speed 2."""
    slow = synthesizer.synthesize(SENTENCE, voice=Voice(speed=0.5))
    fast = synthesizer.synthesize(SENTENCE, voice=Voice(speed=2.0))
    assert slow.seconds > fast.seconds


@pytest.mark.parametrize("text", ["", "  \n ", "***", "https://example.com", "😀", "。！"])
def test_nothing_to_say_is_an_error(synthesizer: Synthesizer, text: str) -> None:
    """A text without a word is refused with advice, not answered by silence."""
    with pytest.raises(SynthesizerError, match=r"give|words"):
        synthesizer.synthesize(text)


def test_a_text_beyond_the_limit_is_an_error(synthesizer: Synthesizer) -> None:
    """The message gives the length and the limit."""
    with pytest.raises(SynthesizerError, match=rf"5001 characters; at most {MAX_CHARACTERS}"):
        synthesizer.synthesize("好" * (MAX_CHARACTERS + 1))


def test_an_unknown_voice_is_an_error(synthesizer: Synthesizer) -> None:
    """The message names the voice and what is allowed."""
    with pytest.raises(SynthesizerError, match=r"'nobody'; allowed: default"):
        synthesizer.synthesize("您好", voice=Voice(name="nobody"))


@pytest.mark.parametrize("text", ["ETF", "A股T+1", "涨😀停", "a\x00b好", "囧" * 300, "\ud800好"])
def test_odd_texts_are_spoken(synthesizer: Synthesizer, text: str) -> None:
    """Letters, emoji, control marks and long runs without a comma all become sound."""
    assert synthesizer.synthesize(text).seconds > 0.0


def test_threads_may_share_a_synthesizer(synthesizer: Synthesizer) -> None:
    """Calls from four threads give what calls in a row give."""
    texts = [f"第{number}位客户，您好。" for number in (1, 22, 333, 4444)]
    expected = [synthesizer.synthesize(text).seconds for text in texts]
    found: dict[int, float] = {}

    def call(index: int) -> None:
        found[index] = synthesizer.synthesize(texts[index]).seconds

    threads = [threading.Thread(target=call, args=(index,)) for index in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[index] for index in range(len(texts))] == pytest.approx(expected, rel=0.01)
