"""A knowledge base ready to be asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from assist.decide import Decider, Decision, Logistic, Thresholds, Verdict, gather_evidence
from assist.encode import Encoder
from assist.errors import KnowledgeError
from assist.features import EntryFeatures
from assist.fit import DEFAULT_TARGETS, FACTORY_DECIDER, Targets, fit_decider
from assist.knowledge import FaqEntry, KnowledgeBase
from assist.lexical import Family, Phrases, Tokeniser, load_synonyms, plain
from assist.polarity import Opposites
from assist.rank import FACTORY
from assist.retrieve import FaqRetriever, Passage
from assist.scope import Scope

_FORMAT = 1
CONSIDERED = 10


@dataclass(frozen=True, slots=True)
class Lexicons:
    """Synonyms and opposites; both may be empty."""

    synonyms: Phrases
    opposites: Opposites
    fingerprint: str = ""

    @classmethod
    def load(cls, folder: Path) -> Lexicons:
        """Read `synonyms.yaml` and `polarity.yaml` of a folder."""
        paths = folder / "synonyms.yaml", folder / "polarity.yaml"
        synonyms, opposites = load_synonyms(paths[0]), Opposites.load(paths[1])
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
        return cls(synonyms, opposites, digest[:16])

    @classmethod
    def empty(cls) -> Lexicons:
        """No lexicons: words stand for themselves and nothing excludes anything."""
        return cls(Phrases(()), Opposites(()))


@dataclass(frozen=True, slots=True)
class Match:
    """What the base says to a question: passages in order, the decision, and twins.

    `twins` are the entries that know exactly this question; more than one cannot be told apart.
    """

    passages: tuple[Passage, ...]
    decision: Decision
    twins: tuple[str, ...]


class Matcher:
    """Retrieval and decision over one knowledge base; immutable, usable from several threads."""

    def __init__(
        self,
        base: KnowledgeBase,
        lexicons: Lexicons,
        *,
        decider: Decider | None = None,
        encoder: Encoder | None = None,
        targets: Targets = DEFAULT_TARGETS,
    ) -> None:
        """Build the index; without a `decider` one is fitted to the base (some seconds).

        A base without entries is allowed: it declines every question.
        """
        self.base = base
        self._retriever: FaqRetriever | None = None
        self._twins = _twins(base.entries)
        self.decider = decider or FACTORY_DECIDER
        if not base.entries:
            return
        tokeniser = Tokeniser(lexicons.synonyms)
        features = EntryFeatures(base.entries, tokeniser, lexicons.opposites, encoder)
        self._retriever = FaqRetriever(base.entries, features, FACTORY)
        self._scope = Scope(
            [tokeniser.terms(text) for text in features.texts],
            [tokeniser.terms(plain(line)) for line in base.out_of_scope],
        )
        if decider is None:
            self.decider = fit_decider(self._retriever, self._scope, base.out_of_scope, targets)

    def match(self, text: str) -> Match:
        """Passages for a question and what to do with them."""
        if self._retriever is None:
            return Match((), self.decider.decide((), None), ())
        passages = self._retriever.retrieve(text, CONSIDERED)
        question = self._retriever.features.question(text, meaning=False)
        evidence = gather_evidence(question, passages, self._scope.odds(question.terms))
        decision = self.decider.decide(passages, evidence)
        if decision.verdict is Verdict.ANSWER and len(set(question.terms[Family.CHAR])) < 2:
            decision = replace(decision, verdict=Verdict.CLARIFY, rule="too short to be sure")
        return Match(passages, decision, self._twins.get(question.plain, ()))

    def topic(self, entry: FaqEntry) -> str:
        """What an entry is about, in a word or two: the terms that most of its questions name."""
        if self._retriever is None:
            return ""
        return self._retriever.features.topic(self.base.entries.index(entry))

    def retrieve(self, query: str, top_k: int) -> tuple[Passage, ...]:
        """At most `top_k` passages, best first."""
        return self._retriever.retrieve(query, top_k) if self._retriever else ()


def _twins(entries: Sequence[FaqEntry]) -> dict[str, tuple[str, ...]]:
    owners: dict[str, dict[str, None]] = {}
    for entry in entries:
        for question in entry.questions:
            owners.setdefault(plain(question), {})[entry.id] = None
    return {text: tuple(ids) for text, ids in owners.items() if text}


def decider_to_json(decider: Decider) -> str:
    """A fitted decider as JSON, to be kept beside its base."""
    return json.dumps({"format": _FORMAT, **asdict(decider)}, sort_keys=True)


def decider_from_json(text: str) -> Decider:
    """Read a decider back; raises KnowledgeError where another version of the program wrote it."""
    try:
        raw = json.loads(text)
        if raw["format"] != _FORMAT:
            raise KnowledgeError(
                f"the fitted decision has format {raw['format']!r}, this program reads"
                f" {_FORMAT}; fit it again"
            )
        return Decider(
            scope=Logistic(tuple(raw["scope"]["weights"]), raw["scope"]["bias"]),
            right=Logistic(tuple(raw["right"]["weights"]), raw["right"]["bias"]),
            thresholds=Thresholds(**raw["thresholds"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise KnowledgeError(
            f"the fitted decision cannot be read ({error}); fit it again"
        ) from error
