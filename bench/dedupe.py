"""Near-duplicates beside datasketch, on reprints generated from real texts, in the same run.

    python bench/dedupe.py NEWS.jsonl … [--originals 3000] [--gold OUT.jsonl] [--seed 0]

Every original gets up to three reprints, each by one or two of the ways in which articles are
reprinted: cut short, a header or footer of the reprinting medium, a few words changed, sentences in
another order, traditional characters. One in ten originals also gets a false friend, which is no
reprint: the same text with another figure or another year. `--gold` writes the texts as JSONL
(id, text, group) for `foreland eval dedupe`. The peer is datasketch's MinHash LSH (128
permutations, its usual threshold 0.7) over pairs of jieba's words. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import datasketch
import jieba
import opencc

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from news.duplicate_groups import PairScores, evaluate_duplicates  # noqa: E402
from news.link import EntityLinker  # noqa: E402
from news.securities import SecuritiesMaster  # noqa: E402

SHORTEST = 80
HEADERS = ("【转载】", "财经网1月5日讯 ", "据媒体报道，", "原标题：转发\n", "来源：某某财经\n")
FOOTERS = (
    "（责任编辑：张三）",
    "\n免责声明：本文不构成投资建议。",
    "（编辑 李四）",
    "\n点击查看更多",
)
SMALL = (
    ("公司", "该公司"),
    ("表示", "指出"),
    ("目前", "当前"),
    ("同比增长", "同比上升"),
    ("将", "拟"),
)
_TRADITIONAL = opencc.OpenCC("s2t")
_FIGURE = re.compile(r"(?<![0-9.])[1-9][0-9]*(?:\.[0-9]+)?(?=[%亿万元])")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and the group of texts that repeat each other."""

    id: str
    text: str
    group: str


def cut_short(text: str, draw: random.Random) -> str:
    """The beginning of a text: 60 to 90 percent of it."""
    return text[: int(len(text) * draw.uniform(0.6, 0.9))]


def framed(text: str, draw: random.Random) -> str:
    """A text between the marks of the medium that reprints it."""
    return f"{draw.choice(HEADERS)}{text}{draw.choice(FOOTERS)}"


def edited(text: str, draw: random.Random) -> str:
    """A text with words that mean the same, and a character lost here and there."""
    for old, new in draw.sample(SMALL, 3):
        text = text.replace(old, new, 1)
    at = draw.randrange(len(text))
    return text if text[at].isdigit() else text[:at] + text[at + 1 :]


def reordered(text: str, draw: random.Random) -> str:
    """A text with two neighbouring sentences exchanged, beyond the first."""
    sentences = re.findall(r"[^。]+。?", text)
    if len(sentences) < 4:
        return text
    at = draw.randrange(1, len(sentences) - 1)
    sentences[at], sentences[at + 1] = sentences[at + 1], sentences[at]
    return "".join(sentences)


def traditional(text: str, draw: random.Random) -> str:
    """A text in traditional characters."""
    return str(_TRADITIONAL.convert(text))


WAYS: tuple[Callable[[str, random.Random], str], ...] = (
    cut_short,
    framed,
    edited,
    reordered,
    traditional,
)


def false_friend(text: str, draw: random.Random) -> str | None:
    """The same text with another figure: news of its own; None where it has no figure."""
    found = list(_FIGURE.finditer(text))
    if not found:
        return None
    figure = found[0]
    other = str(round(float(figure.group()) * draw.choice((1.3, 1.7, 2.6)) + 1, 1))
    return text[: figure.start()] + other + text[figure.end() :]


def labelled(texts: Sequence[str], draw: random.Random) -> list[Labelled]:
    """Originals, their reprints and false friends, in a drawn order."""
    made = []
    for number, text in enumerate(texts):
        made.append(Labelled(f"{number}", text, f"{number}"))
        for reprint in range(draw.randint(0, 3)):
            other = text
            for way in draw.sample(WAYS, draw.randint(1, 2)):
                other = way(other, draw)
            made.append(Labelled(f"{number}-{reprint}", other, f"{number}"))
        if draw.random() < 0.1 and (friend := false_friend(text, draw)):
            made.append(Labelled(f"{number}-other", friend, f"{number}-other"))
    draw.shuffle(made)
    return made


def originals(paths: Sequence[Path], count: int, draw: random.Random) -> list[str]:
    """Texts of at least 80 characters out of JSONL files (headline or title, text).

    The files repeat each other's news; a text that shares a run of 12 characters with one taken
    before is left out, so that what is grouped together wrongly is our doing and not theirs.
    """
    texts: list[str] = []
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            whole = f"{row.get('headline') or row.get('title') or ''}\n{row['text']}".strip()
            if len(whole) >= SHORTEST:
                texts.append(whole)
    draw.shuffle(texts)
    kept: list[str] = []
    seen: set[str] = set()
    for text in texts:
        plain = re.sub(r"[^\u3400-\u9fff]", "", text)
        runs = {plain[i : i + 12] for i in range(len(plain) - 11)}
        if not runs & seen:
            kept.append(text)
        seen |= runs
    return kept[:count]


def peer(rows: Sequence[Labelled]) -> PairScores:
    """datasketch over pairs of words, as its manual shows it."""
    began = time.perf_counter()
    lsh = datasketch.MinHashLSH(threshold=0.7, num_perm=128)
    groups: dict[str, str] = {}
    for row in rows:
        minhash = datasketch.MinHash(num_perm=128)
        for pair in set(itertools.pairwise(jieba.cut(row.text))):
            minhash.update("".join(pair).encode())
        twins = sorted(lsh.query(minhash))
        groups[row.id] = groups[twins[0]] if twins else row.id
        lsh.insert(row.id, minhash)
    seconds = time.perf_counter() - began
    return scores([groups[r.id] for r in rows], [r.group for r in rows], seconds)


def scores(found: Sequence[str], gold: Sequence[str], seconds: float) -> PairScores:
    """Agreement over pairs, as `foreland eval dedupe` counts it."""
    from collections import Counter

    def pairs(labels: Sequence[object]) -> int:
        return sum(n * (n - 1) // 2 for n in Counter(labels).values())

    both = pairs(list(zip(found, gold, strict=True)))
    precision, recall = both / max(1, pairs(found)), both / max(1, pairs(gold))
    f1 = 2 * precision * recall / (precision + recall) if both else 0.0
    rate = round(len(found) / seconds, 1)
    return PairScores(round(precision, 4), round(recall, 4), round(f1, 4), rate, len(found))


def main() -> None:
    """Generate, group by both, print both."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("news", type=Path, nargs="+")
    parser.add_argument("--originals", type=int, default=3_000)
    parser.add_argument("--gold", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    rows = labelled(originals(arguments.news, arguments.originals, draw), draw)
    if arguments.gold:
        lines = (json.dumps(asdict(row), ensure_ascii=False) for row in rows)
        arguments.gold.write_text("\n".join(lines) + "\n", "utf-8")
    master = SecuritiesMaster.load(ROOT / "data" / "securities.tsv")
    linker = EntityLinker(master, ROOT / "data" / "lexicons" / "ambiguous_names.yaml")
    ours = evaluate_duplicates(
        [row.text for row in rows],
        [row.group for row in rows],
        lambda text: {mention.entity_id for mention in linker.link(text)},
    )
    jieba.initialize()
    other = peer(rows)
    print(
        json.dumps(
            {
                "foreland": asdict(ours),
                "datasketch": asdict(other),
                "foreland_over_datasketch": round(ours.docs_per_s / other.docs_per_s, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
