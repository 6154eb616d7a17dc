"""How well questions with recognition errors are answered, with repair and without.

    python bench/recognition_errors.py [--rate 0.1] [--seed 7] [--limit 300]

Every tenth character of the held-aside questions of the sample base is replaced by one that sounds
alike or nearly so: common characters (level 1 of GB 2312), drawn by their frequency in the sample
news, with the reading that the character has in its sentence (pypinyin). The confusions are those
of the literature on Mandarin recognisers and stand here on their own; the repair has its own.
Prints one JSON object: top-1 and the shares of replies for clean and noisy questions, beside
rapidfuzz and BM25 on the same questions.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pypinyin import Style, lazy_pinyin, pinyin

from assist.assistant import FaqAssistant
from assist.handoff import HandoffDetector
from assist.hearing import Hearing
from assist.hearing_terms import SpeechTerms
from assist.knowledge import KnowledgeBase
from assist.knowledge_file import load_folder
from assist.matcher import Lexicons, Matcher
from bench.faq import Find, Rows, haystack_bm25, rapidfuzz_ratio
from news.securities import SecuritiesMaster

ROOT = Path(__file__).resolve().parents[1]
Asked = Sequence[tuple[str, str]]
_NEAR_SHARE = 0.3
# Pairs that recognisers and speakers mix up: (part of a syllable, what it becomes).
_NEAR = (
    ("zh", "z"), ("z", "zh"), ("ch", "c"), ("c", "ch"), ("sh", "s"), ("s", "sh"), ("l", "n"),
    ("n", "l"), ("f", "h"), ("h", "f"), ("r", "l"), ("ang$", "an"), ("an$", "ang"),
    ("eng$", "en"), ("en$", "eng"), ("ing$", "in"), ("in$", "ing"), ("b", "p"), ("d", "t"),
)  # fmt: skip


def common_characters() -> list[str]:
    """Level 1 of GB 2312: 3,755 characters in the order of their sounds."""
    codes = (bytes([a, b]) for a in range(0xB0, 0xD8) for b in range(0xA1, 0xFF))
    return [code.decode("gb2312") for code in codes if code < b"\xd7\xfa"]


class Misheard:
    """Writes sentences as a recogniser might have heard them; the same for the same seed."""

    def __init__(self, news: Path, rate: float, seed: int) -> None:
        seen = Counter("".join(path.read_text("utf-8") for path in sorted(news.glob("*.jsonl"))))
        self._by_sound: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for char in common_characters():
            for sound in dict.fromkeys(pinyin(char, Style.NORMAL, heteronym=True)[0][:2]):
                self._by_sound[sound].append((char, 1 + seen[char]))
        self._rate = rate
        self._random = random.Random(seed)

    def write(self, text: str) -> str:
        """The text with about `rate` of its Han characters replaced."""
        chars = list(text)
        sounds = {
            run.start() + n: sound
            for run in re.finditer(r"[\u4e00-\u9fff]+", text)
            for n, sound in enumerate(lazy_pinyin(run.group()))
        }
        places = sorted(sounds)
        wanted = self._rate * len(places)
        count = int(wanted) + (self._random.random() < wanted - int(wanted))
        for n in self._random.sample(places, min(count, len(places))):
            chars[n] = self._other(chars[n], sounds[n])
        return "".join(chars)

    def _other(self, char: str, sound: str) -> str:
        sounds = [sound]
        if self._random.random() < _NEAR_SHARE:
            sounds = [s for s in self._near(sound) if s in self._by_sound] or sounds
        choices = [(c, n) for s in sounds for c, n in self._by_sound[s] if c != char]
        if not choices:
            return char
        return self._random.choices([c for c, _ in choices], [n for _, n in choices])[0]

    def _near(self, sound: str) -> Iterator[str]:
        for part, other in _NEAR:
            pattern = part if part.endswith("$") else f"^{part}(?!h)"
            near = re.sub(pattern, other, sound)
            if near != sound:
                yield near


def share(hits: int, of: Asked) -> float:
    """Share, rounded."""
    return round(hits / len(of), 4)


def top1(find: Find, asked: Asked) -> float:
    """Share of questions whose entry comes first."""
    return share(sum(find(text) == entry for text, entry in asked), asked)


def replies(assistant: FaqAssistant, asked: Asked) -> dict[str, float]:
    """Shares of replies by kind, answers and choices split into right and wrong ones."""
    kinds: Counter[str] = Counter()
    for text, entry in asked:
        answer = assistant.answer(text)
        found = [c.id for c in answer.citations] or answer.option_ids
        side = ("_right" if entry in found else "_wrong") if found else ""
        kinds[answer.kind + side] += 1
    return {kind: share(count, asked) for kind, count in sorted(kinds.items())}


def median_ms(call: Callable[[str], object], texts: Sequence[str]) -> float:
    """Median milliseconds of one call."""
    times = []
    for text in texts:
        begun = time.perf_counter()
        call(text)
        times.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(times), 4)


def held_aside(limit: int | None) -> list[tuple[str, str]]:
    """(question, entry) of the held-aside wordings of the sample base."""
    rows: list[tuple[str, str]] = []
    for path in sorted((ROOT / "tests" / "data").glob("faq_heldout_*.tsv")):
        with path.open(encoding="utf-8") as lines:
            reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            rows += [(row["text"], row["entry_id"]) for row in reader]
    random.Random(1).shuffle(rows)  # a part must not be of one subject
    return rows[:limit]


def known_rows(base: KnowledgeBase) -> Rows:
    """(entry, question) of every known question."""
    return tuple((entry.id, question) for entry in base.entries for question in entry.questions)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--limit", type=int, default=300)
    arguments = parser.parse_args()
    data = ROOT / "data"
    lexicons = data / "lexicons"
    base = load_folder(data / "faq").base
    master = SecuritiesMaster.load(data / "securities.tsv")
    matcher = Matcher(base, Lexicons.load(lexicons))
    terms = SpeechTerms.load(lexicons, master)
    begun = time.perf_counter()
    hearing = Hearing(base, terms)
    build_s = time.perf_counter() - begun
    handoff = HandoffDetector.load(lexicons / "handoff.txt")
    deaf = FaqAssistant(matcher, handoff)
    hears = FaqAssistant(matcher, handoff, hearing)
    clean = held_aside(arguments.limit)
    misheard = Misheard(data / "news", arguments.rate, arguments.seed)
    noisy = [(misheard.write(text), entry) for text, entry in clean]
    changed = sum(
        a != b
        for (x, _), (y, _) in zip(clean, noisy, strict=True)
        for a, b in zip(x, y, strict=True)
    )
    known = known_rows(base)
    engines: dict[str, Find] = {
        "foreland": lambda text: first(matcher, text),
        "foreland_repaired": lambda text: first(matcher, hearing.hear(text).understood),
        "foreland_two_readings": lambda text: best_of_two(hears, text),
        "haystack_bm25": haystack_bm25(known),
        "rapidfuzz": rapidfuzz_ratio(known),
    }
    print(
        json.dumps(
            {
                "questions": len(clean),
                "characters_changed": round(changed / sum(len(t) for t, _ in clean), 4),
                "build_s": round(build_s, 3),
                "hearing_ms": median_ms(Hearing(base, terms).hear, [t for t, _ in noisy]),
                "top1": {
                    name: {"clean": top1(find, clean), "noisy": top1(find, noisy)}
                    for name, find in engines.items()
                },
                "replies": {
                    "clean_without_repair": replies(deaf, clean),
                    "clean": replies(hears, clean),
                    "noisy_without_repair": replies(deaf, noisy),
                    "noisy": replies(hears, noisy),
                },
            },
            ensure_ascii=False,
        )
    )


def best_of_two(assistant: FaqAssistant, text: str) -> str:
    """The entry that comes first in the reading that the assistant chose."""
    trace = assistant.answer(text).trace
    return trace.candidates[0].entry_id if trace and trace.candidates else ""


def first(matcher: Matcher, text: str) -> str:
    """The entry that comes first."""
    return next((passage.entry_id for passage in matcher.retrieve(text, 1)), "")


if __name__ == "__main__":
    main()
