"""Exact and near duplicates of texts.

MinHash (Broder 1997) over 4-character shingles estimates how much of two texts is the same; bands
of the signature (LSH) and the first words find candidates in a database index. Guards then keep
apart what reads alike but says something else: template flashes that differ in their numbers,
dates, companies or directions. A guard needs a difference on both sides, so that a text that was
cut or got a tail still matches the whole one.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import rensa
import xxhash

from news.comparable import comparable
from news.dedupe_keys import body_of, figures_in, pivots_in
from news.text import fold

PERMUTATIONS = 128
BANDS, ROWS = 24, 4
SHINGLE = 4
SAME_LONG, SAME_SHORT = 0.55, 0.75
LONG, SHORT = 100, 20
INSIDE = 0.82
_FEWEST_INSIDE = 15
_LEAD = 16
_SEED = 20260101
_MOST_KEYS = 40
_NOT_WORD = re.compile(r"[\W_]+")
_VERSION = 2
_HEAD = "<BIIBBBB"
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Fingerprint:
    """What is kept of a text to recognise it.

    `signature` is uint16[128] (the low halves of the minima: two unlike texts agree by chance in
    one of 65,536); `shingles` counts distinct 4-character pieces; `lead` is a 32-bit hash of the
    first words; `numbers`, `dates`, `pivots` and `subjects` are sets of 32-bit hashes, 40 at most.
    """

    signature: npt.NDArray[np.uint16]
    shingles: int
    lead: int
    numbers: frozenset[int]
    dates: frozenset[int]
    pivots: frozenset[int]
    subjects: frozenset[int]

    def bands(self) -> tuple[int, ...]:
        """25 signed 64-bit hashes; near-duplicates share at least one with high probability.

        24 bands of 4 rows: 99 of 100 pairs of similarity 0.65 meet, 78 of similarity 0.5; the last
        one is the lead, for texts cut to less.
        """
        return self._bands

    @cached_property
    def _bands(self) -> tuple[int, ...]:
        raw = self.signature[: BANDS * ROWS].tobytes()
        size = ROWS * self.signature.itemsize
        keys = [raw[i * size : (i + 1) * size] for i in range(BANDS)]
        keys.append(self.lead.to_bytes(4, "little"))
        hashes = (xxhash.xxh3_64_intdigest(key, seed=i) for i, key in enumerate(keys))
        return tuple(h - (1 << 64) if h >= 1 << 63 else h for h in hashes)

    def to_bytes(self) -> bytes:
        """Compact form for a database: 269 bytes and 4 for each key, below 910 in all."""
        groups = [sorted(g) for g in (self.numbers, self.dates, self.pivots, self.subjects)]
        head = struct.pack(_HEAD, _VERSION, self.shingles, self.lead, *map(len, groups))
        keys = [key for group in groups for key in group]
        return head + self.signature.astype("<u2").tobytes() + struct.pack(f"<{len(keys)}I", *keys)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Fingerprint:
        """Inverse of `to_bytes`; ValueError for anything else."""
        start = struct.calcsize(_HEAD)
        if len(raw) < start or raw[0] != _VERSION:
            raise ValueError(
                f"{raw[:1]!r}… is no fingerprint of version {_VERSION}; ingest the article again"
            )
        _, shingles, lead, *sizes = struct.unpack_from(_HEAD, raw)
        signature = np.frombuffer(raw, "<u2", PERMUTATIONS, start).astype(np.uint16)
        keys = iter(struct.unpack_from(f"<{sum(sizes)}I", raw, start + 2 * PERMUTATIONS))
        numbers, dates, pivots, subjects = (
            frozenset(next(keys) for _ in range(size)) for size in sizes
        )
        return cls(signature, shingles, lead, numbers, dates, pivots, subjects)


def fingerprint(text: str, subjects: Iterable[str] = ()) -> Fingerprint:
    """Fingerprint of a text; `subjects` are ids of the companies that it is about.

    Marks, width, case, traditional characters and the marks of reprinting do not matter.
    """
    form = comparable(text)
    body = body_of(form)
    words = _NOT_WORD.sub("", body) or _NOT_WORD.sub("", form)
    figures = figures_in(body)
    pieces = _shingles(words)
    return Fingerprint(
        signature=_signature(pieces),
        shingles=len(set(pieces.tolist())),
        lead=xxhash.xxh32_intdigest(_bytes(words[:_LEAD])),
        numbers=_keys(figures.numbers),
        dates=_keys(figures.dates),
        pivots=_keys(pivots_in(body)),
        subjects=_keys(subjects),
    )


def similarity(a: Fingerprint, b: Fingerprint) -> float:
    """Estimated Jaccard similarity of the two texts' shingles, 0 to 1; standard error 0.04."""
    return float(np.mean(a.signature == b.signature))


def near_duplicate(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether one text repeats the other, whole or shortened, and says the same of the same."""
    same = similarity(a, b)
    fewer = min(a.shingles, b.shingles)
    inside = same / (1 + same) * (a.shingles + b.shingles) / max(1, fewer)
    alike = same >= _needed(fewer) or (fewer >= _FEWEST_INSIDE and inside >= INSIDE)
    return alike and not _conflict(a, b)


def _needed(shingles: int) -> float:
    """Similarity that two texts need: a word changed in a short flash is another message."""
    share = min(1.0, max(0.0, (LONG - shingles) / (LONG - SHORT)))
    return SAME_LONG + share * (SAME_SHORT - SAME_LONG)


_MARKED_NUMBER = re.compile(r"(?<![0-9A-Za-z.])[-+]\d+(?:\.\d+)*|\d+(?:\.\d+)+")


def content_hash(headline: str, text: str) -> str:
    """128 bits (hex) of what a headline and text say, blind to marks, width and script.

    The marks inside and before a number count: 3.5% is not 35%, and -5% is not 5%.
    """
    marked = _MARKED_NUMBER.findall(unicodedata.normalize("NFKC", f"{headline}\n{text}"))
    words = "\n".join((fold(headline), fold(text), *marked))
    return xxhash.xxh3_128_hexdigest(words.encode("utf-8", "ignore"))


def _conflict(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether each text speaks of a number, date, pivot or company that the other does not have."""
    return (
        _differs(a.dates, b.dates, 0.0)
        or _differs(a.numbers, b.numbers, 0.1)
        or _differs(a.subjects, b.subjects, 0.1)
        or _differs(a.pivots, b.pivots, 0.1)
    )


def _differs(a: frozenset[int], b: frozenset[int], allowed: float) -> bool:
    """Whether both sets have more of their own than a share `allowed` of the smaller one."""
    own = min(len(a - b), len(b - a))
    return own > allowed * min(len(a), len(b))


def _shingles(words: str) -> npt.NDArray[np.uint64]:
    """64-bit hashes of the 4-character pieces; of the whole where the text is shorter."""
    codes = np.frombuffer(words.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    if len(codes) < SHINGLE:
        return np.array([xxhash.xxh3_64_intdigest(_bytes(words))], np.uint64)
    count = len(codes) - SHINGLE + 1
    hashes = codes[:count].copy()
    for place in range(1, SHINGLE):
        hashes = hashes * _MULTIPLIER + codes[place : place + count]
    # The last steps of a 64-bit mixer, so that neighbouring characters spread over all bits.
    hashes ^= hashes >> np.uint64(29)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    return hashes ^ (hashes >> np.uint64(32))


def _signature(pieces: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint16]:
    # The minimum over a set needs neither distinct nor ordered members.
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(
        pieces, [0, len(pieces)], PERMUTATIONS, _SEED
    )
    return np.array(matrix.to_rows()[0], np.uint32).astype(np.uint16)


def _keys(words: Iterable[str]) -> frozenset[int]:
    return frozenset(sorted(xxhash.xxh32_intdigest(_bytes(w)) for w in set(words))[:_MOST_KEYS])


def _bytes(text: str) -> bytes:
    # Lone surrogates, which no encoder accepts, must not stop an ingestion.
    return text.encode("utf-8", "replace")
