"""`foreland talk` and `foreland say`: a question by voice, an answer by voice."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from speech.audio import read_wav, write_wav
from speech.synthesize import Voice
from ui.cli.context import ERR, OUT, print_json, wiring
from ui.wiring import Wiring

_MOST_HINTS = 20
_NOT_HEARD = "抱歉，我没有听清，请您再说一遍。"


def talk(
    context: typer.Context,
    question: Annotated[Path, typer.Argument(help="客户提问的 WAV 录音")],
    out: Annotated[Path, typer.Option(help="把语音回答写到这个 WAV 文件")],
    asr_model: Annotated[
        str | None, typer.Option(help="Whisper 模型名或检查点文件（默认取 FORELAND_ASR_MODEL）")
    ] = None,
    speed: Annotated[float, typer.Option(help="语速，0.5 到 2.0")] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """听一段提问，回答并说出来。"""
    parts = wiring(context)
    clip = read_wav(question)
    transcript = parts.transcriber(asr_model).transcribe(clip, hints=_hints(parts))
    answer = parts.assistant.reply(transcript.text)[0]
    reply = answer.reply if transcript.text else _NOT_HEARD
    speech = parts.synthesizer.synthesize(reply, voice=Voice(speed=speed))
    write_wav(out, speech)
    if as_json:
        print_json(
            {
                "transcript": transcript.text,
                "confidence": transcript.confidence,
                "kind": str(answer.kind),
                "reply": reply,
                "seconds": round(speech.seconds, 2),
            }
        )
        return
    OUT.print(f"听到：{transcript.text or '（没有听到话）'}", markup=False)
    OUT.print(f"回答：{reply}", markup=False)
    ERR.print(f"语音回答 {speech.seconds:.1f} 秒，已写入 {out}", style="dim", markup=False)


def _hints(parts: Wiring) -> tuple[str, ...]:
    """Words that customers of a brokerage say, for the recogniser's prompt."""
    categories = dict.fromkeys(e.category for e in parts.knowledge_store.entries())
    return tuple(categories)[:_MOST_HINTS]


def say(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="要说的话")],
    out: Annotated[Path, typer.Option(help="把语音写到这个 WAV 文件")],
    speed: Annotated[float, typer.Option(help="语速，0.5 到 2.0")] = 1.0,
) -> None:
    """把文字说出来。"""
    speech = wiring(context).synthesizer.synthesize(text, voice=Voice(speed=speed))
    write_wav(out, speech)
    ERR.print(f"{speech.seconds:.1f} 秒，已写入 {out}", style="dim", markup=False)
