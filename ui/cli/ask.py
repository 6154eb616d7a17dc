"""`foreland ask`: one question, or a chat in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from assist.answer import Answer, CitationKind
from assist.conversation import Conversation
from ui.cli.context import ERR, OUT, print_json, wiring

_KINDS = {CitationKind.FAQ: "知识库", CitationKind.ARTICLE: "资讯", CitationKind.FACT: "图谱"}
_LEAVE = ("退出", "再见", "exit", "quit")


def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="问题；不给则进入对话")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
    why: Annotated[bool, typer.Option("--why", help="显示候选、得分和触发的规则")] = False,
) -> None:
    """回答一个问题；不给问题则在终端里对话（保留上下文）。"""
    assistant = wiring(context).assistant
    if not assistant.entries:
        ERR.print("知识库是空的；先运行：foreland kb load data/faq", style="yellow")
    if question is not None:
        answer, _ = assistant.reply(question)
        if as_json:
            print_json(as_dict(answer))
        else:
            _show(answer, why=why)
        return
    conversation: Conversation | None = None
    ERR.print("请输入问题，空行或“退出”结束。", style="dim")
    while (text := _line()) and text not in _LEAVE:
        answer, conversation = assistant.reply(text, conversation)
        _show(answer, why=why)


def as_dict(answer: Answer) -> dict[str, object]:
    """An answer as JSON: kind, reply, score, citations, options and a risk notice if there is."""
    body: dict[str, object] = {
        "kind": str(answer.kind),
        "reply": answer.reply,
        "score": answer.score,
        "citations": [
            {"kind": str(c.kind), "id": c.id, "title": c.title, "version": c.version}
            for c in answer.citations
        ],
        "options": list(answer.options),
    }
    if answer.risk_notice:
        body["risk_notice"] = answer.risk_notice
    if answer.offer:
        body["offer"] = answer.offer
    if answer.trace and answer.trace.restated:
        body["understood"] = answer.trace.restated
    return body


def _line() -> str:
    """A line that was typed; empty at the end of the input."""
    try:
        return input("> ").strip()
    except EOFError:
        return ""


def _show(answer: Answer, *, why: bool) -> None:
    if answer.trace and answer.trace.restated:
        OUT.print(f"理解为：{answer.trace.restated}", style="dim", markup=False)
    OUT.print(answer.reply.rstrip(), markup=False)
    for number, option in enumerate(answer.options, start=1):
        OUT.print(f"  {number}. {option}", markup=False)
    if answer.risk_notice:
        OUT.print(f"风险提示：{answer.risk_notice.strip()}", style="yellow", markup=False)
    if answer.offer:
        OUT.print(answer.offer, markup=False)
    for number, citation in enumerate(answer.citations, start=1):
        source = f"，依据{citation.source}" if citation.source else ""
        kind = _KINDS[citation.kind]
        version = "" if citation.kind is CitationKind.FACT else f"，第{citation.version}版"
        OUT.print(
            f"〔{number}〕{kind}：{citation.title}{source}{version}", style="dim", markup=False
        )
    if why:
        _explain(answer)


def _explain(answer: Answer) -> None:
    trace = answer.trace
    if trace is None:
        return
    ERR.print(
        f"{answer.kind}（{answer.score:.2f}），规则：{trace.rule}；查询：{trace.asked}；"
        f"首选正确的概率 {trace.right:.2f}，在知识库范围内的概率 {trace.scope:.2f}",
        markup=False,
    )
    if trace.guarded:
        ERR.print(f"  合规规则改动了回复：{', '.join(trace.guarded)}", markup=False)
    if trace.mood:
        alert = "，建议转人工" if trace.mood.alert else ""
        ERR.print(
            f"  情绪：{trace.mood.mood}（{trace.mood.chance:.2f}），愤怒程度"
            f" {trace.mood.anger:.2f}{alert}；依据 {trace.mood.reason}",
            markup=False,
        )
    for candidate in trace.candidates:
        mark = "（与问题相反）" if candidate.clash else ""
        ERR.print(
            f"  {candidate.share:.2f}  {candidate.title}{mark}  ← {candidate.nearest}",
            markup=False,
        )
    spent = "，".join(f"{stage} {ms:.1f} 毫秒" for stage, ms in trace.milliseconds)
    ERR.print(f"  {spent}", style="dim", markup=False)
