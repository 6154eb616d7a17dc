"""Reading the compliance lexicon: patterns with what excuses them, and approved wordings."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assist.errors import KnowledgeError
from news.text import simplify

_REACH = 24  # a negation stands right before what it turns round
_TAG = re.compile(r"</?[a-z][^<>]*>")
_CLAUSE = re.compile(r"[,，:：]+")
_DROPPED = re.compile(r"[^\w，%+.]+|_")


def matching_form(text: str) -> str:
    """NFKC, simplified, lower case, without tags; of the marks only ， and % + . stay."""
    text = text.encode("utf-8", "ignore").decode("utf-8")
    text = _TAG.sub("", simplify(unicodedata.normalize("NFKC", text)).lower())
    return _DROPPED.sub("", _CLAUSE.sub("，", text))


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is looked for, what right before it turns it round, and what anywhere excuses it."""

    wanted: tuple[re.Pattern[str], ...]
    negation: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def found(self, said: str) -> str | None:
        """The words found in a text in matching form, None where there are none."""
        hits = [hit for pattern in self.wanted for hit in pattern.finditer(said)]
        for hit in hits:
            if self.negation and self.negation.search(
                said[max(0, hit.start() - _REACH) : hit.start()]
            ):
                continue
            if self.unless and self.unless.search(said):
                return None
            return hit.group()
        return None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Patterns for outgoing texts by rule and for questions by topic, with approved wordings.

    `replies` are by topic; `instead` stands where a sentence was left out.
    """

    outgoing: dict[str, Pattern]
    incoming: dict[str, Pattern]
    replies: dict[str, str]
    instead: str


class _Patterns(BaseModel):
    model_config = ConfigDict(extra="forbid")

    patterns: list[str] = Field(min_length=1)
    negated: list[str] = []
    unless: str = ""
    reply: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    instead: str
    words: dict[str, str] = {}
    outgoing: dict[str, _Patterns]
    incoming: dict[str, _Patterns]


def read_lexicon(path: Path) -> Lexicon:
    """Read the YAML file; raises KnowledgeError naming the file and the place in it."""
    try:
        form = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        return Lexicon(
            {name: _pattern(p, form.words) for name, p in form.outgoing.items()},
            {name: _pattern(p, form.words) for name, p in form.incoming.items()},
            {name: p.reply for name, p in form.incoming.items()},
            form.instead,
        )
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError, re.error) as error:
        raise KnowledgeError(f"{path}: is no compliance lexicon ({error})") from error
    except KeyError as error:
        raise KnowledgeError(
            f"{path}: a pattern names {{{error.args[0]}}}, which 'words' does not define"
        ) from error


def _pattern(form: _Patterns, words: dict[str, str]) -> Pattern:
    """Patterns with {name} replaced by the alternatives that `words` gives for it."""
    negation = "|".join(form.negated)
    return Pattern(
        tuple(re.compile(_filled(p, words)) for p in form.patterns),
        re.compile(f"(?:{_filled(negation, words)})$") if negation else None,
        re.compile(_filled(form.unless, words)) if form.unless else None,
    )


def _filled(pattern: str, words: dict[str, str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda m: f"(?:{words[m.group(1)]})", pattern)
