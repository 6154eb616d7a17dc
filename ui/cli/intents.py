"""`foreland intents …`: train, use and measure a classifier of intents."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from assist.errors import KnowledgeError
from ui.cli.context import ERR, print_json
from ui.cli.evaluate_options import EncoderOption, Limit, chosen_encoder, say_line

if TYPE_CHECKING:
    from assist.evaluate_intents import IntentReport
    from assist.intents import IntentClassifier, IntentGuess

app = typer.Typer(help="意图：训练、识别、评测。", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="意图模型文件夹")]
_BATCH = 256
_SHOWN = 10


@app.command()
def train(
    examples: Annotated[Path, typer.Argument(help="TSV（text, intent）或 YAML（intents）")],
    out: Annotated[Path, typer.Option(help="模型文件夹，新建或覆盖")],
    encoder: EncoderOption = None,
) -> None:
    """用例句训练意图模型；意图 oos 下的例句表示范围外。"""
    from assist.intents import OUT_OF_SCOPE, IntentClassifier
    from assist.intents_examples import read_examples

    rows = read_examples(examples, say=say_line)
    began = time.perf_counter()
    classifier = IntentClassifier(encoder=chosen_encoder(encoder))
    classifier.fit([row.text for row in rows], [row.intent for row in rows])
    classifier.save(out)
    print_json(
        {
            "folder": str(out),
            "intents": len(classifier.intents),
            "examples": len(rows),
            "oos_examples": sum(row.intent == OUT_OF_SCOPE for row in rows),
            "seconds": round(time.perf_counter() - began, 2),
            "bytes": sum(path.stat().st_size for path in out.iterdir()),
        }
    )


@app.command()
def predict(
    folder: Folder,
    texts: Annotated[list[str] | None, typer.Argument(metavar="TEXT…", help="要识别的话")] = None,
    file: Annotated[Path | None, typer.Option(help="一行一句的文件，- 为标准输入")] = None,
    encoder: EncoderOption = None,
) -> None:
    """识别意图，一句一行 JSON：intent, probability, out_of_scope, top。"""
    if bool(texts) == (file is not None):
        raise KnowledgeError("intents predict: give texts, or --file with one a line, not both")
    classifier = _classifier(folder, encoder)
    for batch in _batches(iter(texts) if texts else _lines(file)):
        for text, guess in zip(batch, classifier.predict(batch), strict=True):
            sys.stdout.buffer.write(orjson.dumps(_row(text, guess), option=_NEWLINE))
        sys.stdout.flush()


@app.command("eval")
def eval_(
    folder: Folder,
    test: Annotated[Path, typer.Argument(help="TSV（text, intent）或 YAML")],
    encoder: EncoderOption = None,
    limit: Limit = None,
    report: Annotated[
        Path | None, typer.Option(help="把各意图的准确率、召回率和易混对写成 JSON 文件")
    ] = None,
) -> None:
    """评测已训练的意图模型；各意图的情况写到标准错误或 --report。"""
    from assist.evaluate_intents import report_of
    from assist.intents_examples import read_examples

    classifier = _classifier(folder, encoder)
    found = report_of(classifier, read_examples(test, limit=limit, say=say_line))
    if report is None:
        _show(found)
    else:
        _write(report, found)
    print_json(asdict(found.scores))


_NEWLINE = orjson.OPT_APPEND_NEWLINE


def _classifier(folder: Path, encoder: str | None) -> IntentClassifier:
    from assist.intents import IntentClassifier

    return IntentClassifier.load(folder, encoder=chosen_encoder(encoder))


def _row(text: str, guess: IntentGuess) -> dict[str, object]:
    return {
        "text": text.encode("utf-8", "replace").decode(),
        "intent": guess.intent,
        "probability": round(guess.probability, 4),
        "out_of_scope": guess.out_of_scope,
        "top": [
            {"intent": ranked.intent, "probability": round(ranked.probability, 4)}
            for ranked in guess.alternatives
        ],
    }


def _lines(file: Path | None) -> Iterator[str]:
    """Lines with something in them; broken bytes become replacement marks."""
    try:
        stream = sys.stdin.buffer if file is None or str(file) == "-" else file.open("rb")
        with stream:
            for line in stream:
                if text := line.decode("utf-8", "replace").removeprefix("\ufeff").strip():
                    yield text
    except OSError as error:
        raise KnowledgeError(f"{file}: cannot be read ({error.strerror})") from error


def _batches(texts: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _show(found: IntentReport) -> None:
    for quality in found.intents:
        precision = "-" if quality.precision is None else f"{quality.precision:.3f}"
        ERR.print(
            f"{quality.intent}  precision {precision}  recall {quality.recall:.3f}  n {quality.n}",
            markup=False,
        )
    for confusion in found.confusions[:_SHOWN]:
        ERR.print(
            f"{confusion.rows} x {confusion.intent} taken for {confusion.taken_for}", markup=False
        )


def _write(path: Path, found: IntentReport) -> None:
    try:
        path.write_bytes(orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be written ({error.strerror})") from error
