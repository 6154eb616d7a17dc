"""The right terms that a recogniser's text is repaired with, and the words that say nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from assist.errors import KnowledgeError
from assist.hearing_fillers import Fillers
from assist.hearing_repair import Chances, Repairer, dictionary_words
from assist.hearing_sounds import distance
from assist.knowledge import KnowledgeBase
from assist.lexical import plain
from news.securities import SecuritiesMaster
from news.text import simplify

SHORTEST, LONGEST = 2, 8
_PHRASE_SIZES = (3, 4, 5)
_LEAST_PHRASE = 4
_LEAST_TOTAL = 10_000
_TERM_COUNT = 1.0
_NAMES_SHARE = 0.05
_HAN = re.compile(rf"[\u3400-\u9fff]{{{SHORTEST},{LONGEST}}}")
_SHARE_CLASS = re.compile(r"^(?:S?\*?ST|XD|XR|DR|PT)|[A-Z]+$|[-－].*$")


@dataclass(frozen=True, slots=True)
class SpeechTerms:
    """Terms that hold for every knowledge base: the trade's, and the names of securities."""

    terms: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    fillers: Fillers = field(default_factory=Fillers)

    @classmethod
    def load(cls, folder: Path, master: SecuritiesMaster | None = None) -> SpeechTerms:
        """Read `terms.txt` and `synonyms.yaml` of a folder of lexicons; names from the master."""
        lines = _read(folder / "terms.txt").splitlines()
        own = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        synonyms = yaml.safe_load(_read(folder / "synonyms.yaml")) or {}
        said = [
            str(phrase)
            for concept, phrases in synonyms.items()
            for phrase in (concept, *phrases)
            if phrase == concept or not _sounds_alike(str(concept), str(phrase))
        ]
        fillers = Fillers.load(folder / "fillers.yaml")
        return cls(_terms([*own, *said]), _names(master) if master else (), fillers)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path}: cannot be read as UTF-8 text ({error})") from error


def _sounds_alike(a: str, b: str) -> bool:
    """Whether one is a misspelling of the other, which synonym lists hold too: 创业版."""
    return len(a) == len(b) and not any(distance(x, y) for x, y in zip(a, b, strict=True))


def _terms(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if _HAN.fullmatch(text)))


def _names(master: SecuritiesMaster) -> tuple[str, ...]:
    raw = (
        name
        for security in master.securities
        for name in (security.short_name, security.full_name, *security.former_names)
    )
    return _terms(simplify("\n".join(_SHARE_CLASS.sub("", name) for name in raw)).split("\n"))


def build_repairer(base: KnowledgeBase, terms: SpeechTerms) -> Repairer:
    """A repairer for the terms and for the words and frequent phrases of a base."""
    questions = [plain(q) for entry in base.entries for q in entry.questions]
    words = Counter(word for question in questions for word in dictionary_words(question))
    total = max(words.total(), _LEAST_TOTAL)
    names = dict.fromkeys(terms.names, _NAMES_SHARE / max(1, len(terms.names)))
    known = dict.fromkeys(terms.terms, _TERM_COUNT / total)
    for word, count in words.items():
        if _HAN.fullmatch(word):
            known[word] = max(known.get(word, 0.0), count / total)
    phrases = {
        phrase: count / total
        for phrase, count in _phrases(questions).items()
        if phrase not in known and phrase not in names
    }
    singles = {word: count / total for word, count in words.items() if len(word) == 1}
    return Repairer(Chances(known, names, phrases, singles))


def _phrases(questions: Sequence[str]) -> dict[str, int]:
    """Runs of characters that many questions share."""
    counts: Counter[str] = Counter()
    for question in questions:
        size = len(question)
        counts.update({question[i : i + n] for n in _PHRASE_SIZES for i in range(size - n + 1)})
    return {
        phrase: count
        for phrase, count in counts.items()
        if count >= _LEAST_PHRASE and _HAN.fullmatch(phrase)
    }
