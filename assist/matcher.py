"""A knowledge base ready to be asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from assist.calibrate import Targets
from assist.decide import Decider, Decision, Logistic, Thresholds, Verdict, gather_evidence
from assist.encode import Encoder
from assist.errors import KnowledgeError
from assist.features import NAMES, EntryFeatures
from assist.fit import DEFAULT_TARGETS, FACTORY_FITTED, Fitted, Samples, fit_base
from assist.knowledge import FaqEntry, KnowledgeBase
from assist.lexical import Family, Phrases, Tokeniser, load_synonyms, plain
from assist.polarity import Opposites
from assist.rank import Ranker
from assist.retrieve import FaqRetriever, Passage
from assist.scope import Scope

_FORMAT = 2
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
        fitted: Fitted | None = None,
        encoder: Encoder | None = None,
        targets: Targets = DEFAULT_TARGETS,
    ) -> None:
        """Build the index; without `fitted` the base is fitted now (some seconds).

        A base without entries is allowed: it declines every question.
        """
        self.base = base
        self._retriever: FaqRetriever | None = None
        self._twins = _twins(base.entries)
        self.fitted = fitted or FACTORY_FITTED
        self.samples: Samples | None = None  # what the fit rests on, where it was made here
        if not base.entries:
            return
        tokeniser = Tokeniser(lexicons.synonyms)
        features = EntryFeatures(base.entries, tokeniser, lexicons.opposites, encoder)
        self._retriever = FaqRetriever(base.entries, features, self.fitted.ranker)
        self._scope = Scope(
            [tokeniser.terms(text) for text in features.texts],
            [tokeniser.terms(plain(line)) for line in base.out_of_scope],
        )
        if fitted is None:
            self.fitted, self.samples = fit_base(self._retriever, self._scope, base, targets)

    def match(self, text: str) -> Match:
        """Passages for a question and what to do with them."""
        if self._retriever is None:
            return Match((), self.fitted.decider.decide((), None), ())
        found = self._retriever.find(text, CONSIDERED)
        question, passages = found.question, found.passages
        evidence = gather_evidence(question, passages, self._scope.odds(question.terms))
        decision = self.fitted.decider.decide(passages, evidence)
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


def fitted_to_json(fitted: Fitted) -> str:
    """What was learnt from a base as JSON, to be kept beside it."""
    return json.dumps({"format": _FORMAT, **asdict(fitted)}, sort_keys=True)


def fitted_from_json(text: str) -> Fitted:
    """Read it back; raises KnowledgeError where another version of the program wrote it."""
    try:
        raw = json.loads(text)
        if raw["format"] != _FORMAT:
            raise KnowledgeError(
                f"the fit of the base has format {raw['format']!r}, this program reads"
                f" {_FORMAT}; fit it again"
            )
        weights, chances = tuple(raw["ranker"]["weights"]), raw["decider"]
        if len(weights) != len(NAMES):
            raise KnowledgeError(
                f"the fit of the base has {len(weights)} weights, this program {len(NAMES)};"
                " fit it again"
            )
        decider = Decider(
            scope=Logistic(tuple(chances["scope"]["weights"]), chances["scope"]["bias"]),
            right=Logistic(tuple(chances["right"]["weights"]), chances["right"]["bias"]),
            thresholds=Thresholds(**chances["thresholds"]),
        )
        return Fitted(Ranker(weights), decider)
    except (ValueError, KeyError, TypeError) as error:
        raise KnowledgeError(
            f"the fit of the base cannot be read ({error}); fit it again"
        ) from error
