"""How customers sound: right often enough, hardly ever a false alarm, and always with a reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.emotion import MoodReader
from assist.emotion_words import Mood, MoodWords
from assist.errors import KnowledgeError
from assist.labelled import read_table

ROOT = Path(__file__).parents[2]
HELD_ASIDE = ROOT / "tests" / "data"
_SLOT_COLUMNS = ("type", "said", "expected")
LEXICON = ROOT / "data" / "lexicons" / "emotion.yaml"
READER = MoodReader.load(ROOT / "data" / "emotion", LEXICON)


def test_moods_of_messages_never_seen() -> None:
    """Seven in ten of five moods; anger and content are hardly ever taken for each other."""
    rows = read_table(HELD_ASIDE / "emotion_heldout.tsv", ("text", "mood")).rows
    outcome = Counter((mood, str(READER.read(text).mood)) for text, mood in rows)
    right = sum(count for (mood, found), count in outcome.items() if mood == found)
    assert right >= 0.7 * len(rows), outcome
    assert outcome["pleased", "angry"] + outcome["angry", "pleased"] <= 1, outcome


def test_a_person_is_hardly_ever_offered_without_anger() -> None:
    """Of a thousand and more business questions, complaints among them, one in a hundred."""
    rows = read_table(HELD_ASIDE / "faq_heldout_1.tsv", ("text", "entry_id")).rows
    rows += read_table(ROOT / "data" / "faq" / "messages.tsv", ("text", "entry_id")).rows
    assert sum(READER.read(text).alert for text, _ in rows) <= 0.01 * len(rows)


def test_short_answers_are_hardly_ever_taken_for_anger() -> None:
    """Of all slot answers and all that scenarios' customers say, fewer than one in a hundred."""
    said = {row[1] for row in read_table(HELD_ASIDE / "slots.tsv", _SLOT_COLUMNS).rows}
    for path in (ROOT / "tests" / "scenarios").glob("*.yaml"):
        for scenario in yaml.safe_load(path.read_text("utf-8"))["scenarios"]:
            said |= {str(turn["user"]) for turn in scenario["turns"] if "user" in turn}
    assert len(said) > 700
    for earlier in ((), ("是的",), ("我要转账", "三千")):
        alarms = [text for text in said if READER.read(text, earlier).alert]
        assert len(alarms) < 0.01 * len(said), alarms


@pytest.mark.parametrize(
    ("text", "mood", "word"),
    [
        ("你们就是骗子，气死我了", Mood.ANGRY, "气死"),
        ("太慢了，真烦", Mood.ANNOYED, "太慢"),
        ("好担心啊，急死了", Mood.ANXIOUS, "担心"),
        ("太好了，非常感谢", Mood.PLEASED, "感谢"),
    ],
)
def test_the_reason_names_the_words(text: str, mood: Mood, word: str) -> None:
    """What the reading rests on can be shown to whoever checks it."""
    reading = READER.read(text)
    assert reading.mood is mood
    assert word in reading.reason


def test_a_negated_word_does_not_count() -> None:
    """不着急 is not anxious, 不满意 not pleased."""
    words = MoodWords.load(LEXICON)
    assert words.found("我不着急") == ()
    assert words.found("不满意") == (("不满意", Mood.ANNOYED),)
    assert READER.read("我不着急，你慢慢查").mood is not Mood.ANXIOUS


def test_rising_anger_is_an_alert() -> None:
    """What is bearable after calm messages is told apart from what was calm all along."""
    calm = ("银证转账几点结束", "那深市呢")
    reading = READER.read("什么垃圾系统，气死我了", calm)
    assert reading.rising
    assert reading.alert
    assert not READER.read("新股中签后什么时候缴款", calm).alert


def test_staying_angry_is_an_alert_though_it_does_not_rise() -> None:
    """Three angry messages in a row keep the alert up."""
    angry = ("你们这是什么垃圾系统", "气死我了，赔钱")
    reading = READER.read("骗子公司", angry)
    assert not reading.rising
    assert reading.alert


def test_anger_that_passed_is_forgotten() -> None:
    """A thank-you after anger is no alert."""
    assert not READER.read("好的，谢谢，解决了", ("你们是骗子", "气死我了")).alert


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=5))
def test_any_text_has_a_mood(text: str, earlier: list[str]) -> None:
    """Never an error; chances stay chances; the same words give the same reading."""
    reading = READER.read(text, earlier)
    assert 0 <= reading.anger <= 1
    assert 0 <= reading.chance <= 1
    assert reading.reason
    assert reading == READER.read(text, earlier)


def test_a_mood_without_examples_is_an_error(tmp_path: Path) -> None:
    """The message names the folder and the moods that lack examples."""
    (tmp_path / "few.tsv").write_text("text\tmood\n谢谢\tpleased\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="no example of calm"):
        MoodReader.load(tmp_path, LEXICON)


def test_a_broken_lexicon_is_named(tmp_path: Path) -> None:
    """Neither a missing file nor an unknown mood passes."""
    for text in (None, "negations: []\nmoods: {sad: [哭]}\noffer: 好\n"):
        path = tmp_path / "emotion.yaml"
        if text is not None:
            path.write_text(text, encoding="utf-8")
        with pytest.raises(KnowledgeError, match="emotion"):
            MoodWords.load(path)
