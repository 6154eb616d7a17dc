"""Exact and near duplicates of texts.

MinHash (Broder 1997) over 4-character shingles estimates how much of two texts is the same; bands
of the signature (LSH) find candidates in a database index. Two guards keep apart what reads alike
but says something else: template flashes that differ in their numbers or in their companies.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import rensa
import xxhash

from news.text import clean, fold

PERMUTATIONS = 128
BANDS, ROWS = 24, 5
SHINGLE = 4
SAME = 0.62
INSIDE = 0.86
_FEWEST_INSIDE = 60
_SEED = 20260101
_MOST_KEYS = 48
_VERSION = 1
_HEADER = re.compile(
    r"^\s*(?:【[^】]{1,20}】|\[[^\]]{1,20}\]|（[^）]{1,16}讯）)+"
    r"|^[^，。！？\n]{2,14}\d{1,2}月\d{1,2}日(?:讯|电)[，,：: ]?"
)
_TAIL = re.compile(
    r"(?:[（(](?:责任编辑|编辑|记者|来源|文章来源)[^）)]{0,30}[）)]|(?:免责声明|风险提示：本文|本文来源|转载自)"
    r".{0,200})\s*$",
    re.DOTALL,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Fingerprint:
    """What is kept of a text to recognise it: signature, size and key numbers and subjects.

    `signature` is uint32[128]; `shingles` counts distinct 4-character pieces; `numbers` and
    `subjects` are 32-bit hashes.
    """

    signature: npt.NDArray[np.uint32]
    shingles: int
    numbers: frozenset[int]
    subjects: frozenset[int]

    def bands(self) -> tuple[int, ...]:
        """24 signed 64-bit hashes; near-duplicates share at least one with high probability."""
        return self._bands

    @cached_property
    def _bands(self) -> tuple[int, ...]:
        raw = self.signature[: BANDS * ROWS].reshape(BANDS, ROWS).tobytes()
        size = ROWS * 4
        hashes = (
            xxhash.xxh3_64_intdigest(raw[i * size : (i + 1) * size], seed=i) for i in range(BANDS)
        )
        return tuple(h - (1 << 64) if h >= 1 << 63 else h for h in hashes)

    def to_bytes(self) -> bytes:
        """Compact form for a database, at most 912 bytes."""
        numbers, subjects = sorted(self.numbers), sorted(self.subjects)
        head = struct.pack("<BIBB", _VERSION, self.shingles, len(numbers), len(subjects))
        keys = struct.pack(f"<{len(numbers) + len(subjects)}I", *numbers, *subjects)
        return head + self.signature.astype("<u4").tobytes() + keys

    @classmethod
    def from_bytes(cls, raw: bytes) -> Fingerprint:
        """Inverse of `to_bytes`; ValueError for anything else."""
        version, shingles, n_numbers, n_subjects = struct.unpack_from("<BIBB", raw)
        if version != _VERSION:
            raise ValueError(f"fingerprint version {version}, expected {_VERSION}")
        start = struct.calcsize("<BIBB")
        signature = np.frombuffer(raw, "<u4", PERMUTATIONS, start).astype(np.uint32)
        keys = struct.unpack_from(f"<{n_numbers + n_subjects}I", raw, start + 4 * PERMUTATIONS)
        return cls(signature, shingles, frozenset(keys[:n_numbers]), frozenset(keys[n_numbers:]))


def fingerprint(text: str, subjects: Iterable[str] = ()) -> Fingerprint:
    """Fingerprint of a text; `subjects` are ids of the companies that it is about."""
    body = _TAIL.sub("", _HEADER.sub("", clean(text)))
    folded = fold(body) or fold(text)
    pieces = {folded[i : i + SHINGLE] for i in range(max(1, len(folded) - SHINGLE + 1))}
    minhash = rensa.RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    # The digest takes the minimum over the set: the order of pieces does not matter.
    minhash.update(list(pieces))
    numbers = {number.lstrip("0") or "0" for number in _NUMBER.findall(body)}
    return Fingerprint(
        np.array(minhash.digest(), dtype=np.uint32), len(pieces), _keys(numbers), _keys(subjects)
    )


def similarity(a: Fingerprint, b: Fingerprint) -> float:
    """Estimated Jaccard similarity of the two texts' shingles, 0 to 1."""
    return float(np.mean(a.signature == b.signature))


def near_duplicate(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether one text repeats the other, whole or shortened."""
    if a.subjects and b.subjects and not a.subjects & b.subjects:
        return False
    same = similarity(a, b)
    if same >= SAME and _share(a.numbers, b.numbers) >= 0.5:
        return True
    smaller = min(a.shingles, b.shingles)
    common = same / (1 + same) * (a.shingles + b.shingles)
    if smaller < _FEWEST_INSIDE or common < INSIDE * smaller:
        return False
    fewer, more = (a, b) if a.shingles <= b.shingles else (b, a)
    return len(fewer.numbers & more.numbers) >= 0.8 * len(fewer.numbers)


def content_hash(headline: str, text: str) -> str:
    """128 bits (hex) of what a headline and text say, blind to marks, width and script."""
    return xxhash.xxh3_128_hexdigest(f"{fold(headline)}\n{fold(text)}".encode())


def _share(a: frozenset[int], b: frozenset[int]) -> float:
    return len(a & b) / len(a | b) if a | b else 1.0


def _keys(words: Iterable[str]) -> frozenset[int]:
    return frozenset(sorted(xxhash.xxh32_intdigest(w.encode()) for w in set(words))[:_MOST_KEYS])
