"""A reply as the chat shows it, and why it is what it is. All texts are escaped."""

from __future__ import annotations

from collections.abc import Sequence

from assist.answer import FOLLOW_UP, Answer, AnswerKind, CitationKind, Trace
from assist.desk_guard import COMPLIANCE
from assist.emotion import MoodReading
from assist.emotion_words import Mood
from assist.hearing import Change, ChangeKind
from ui.console.escape import escape_html

KINDS = {
    AnswerKind.ANSWER: "已回答",
    AnswerKind.CLARIFY: "请客户选择",
    AnswerKind.REJECT: "未能回答",
    AnswerKind.HANDOFF: "转人工",
}
CITATIONS = {
    CitationKind.FAQ: "知识库",
    CitationKind.ARTICLE: "资讯",
    CitationKind.FACT: "图谱",
}
_RULES = {
    "nothing readable": "没有读到文字内容",
    "too long": "内容过长",
    "chose an option": "客户选择了一个选项",
    "declined the options": "客户否定了所有选项",
    "asked for a person": "客户要求转人工",
    "known question": "与已知问法完全一致",
    "known question of several entries": "与多个条目的已知问法完全一致",
    "nothing found": "没有找到相关条目，或首选与问题相反",
    "sure of the first candidate": "首选条目的把握足够大",
    "several candidates fit": "多个条目相近，把握不够",
    "too short to be sure": "问题太短，不足以判断",
    "outside the knowledge base": "问题不在知识库范围内",
}
_COMPLIANCE_RULES = {
    "advice": "不提供投资建议",
    "inside_information": "不提供内幕消息",
    "guarantee": "不承诺收益或本金",
}
_GUARDED = {
    "return_promise": "收益承诺",
    "trade_advice": "买卖建议",
    "price_forecast": "行情预测",
    "inside_information": "内幕消息",
}
MOODS = {
    Mood.CALM: "平静",
    Mood.PLEASED: "满意",
    Mood.ANXIOUS: "焦虑",
    Mood.ANNOYED: "不满",
    Mood.ANGRY: "愤怒",
}
_COMPANY_RULE = "company question: "
_TOPICS = {
    "news": "资讯",
    "events": "事件",
    "why": "上新闻的原因",
    "rumours": "传闻与澄清",
    "tone": "舆情",
    "affected": "影响",
    "compare": "对比",
    "members": "成分公司",
    "industry": "行业",
    "upstream": "上游",
    "downstream": "下游",
    "chain": "产业链",
    "listing": "上市信息",
    "exchange": "交易所",
    "code": "代码",
    "former_names": "曾用名",
    "full_name": "全称",
    "concepts": "概念",
    "peers": "同业",
    "advice": "投资建议（不予回答）",
    "overview": "概况",
}
_FEATURE_KINDS = {
    "nearest": "最近问法的相似度",
    "average": "各问法的平均相似度",
    "covered": "问题被最近问法覆盖的比例",
    "questions": "全部问法（BM25）",
    "pooled": "全部问法合计的词权重",
    "all_text": "全部文字（BM25）",
    "answer": "答案（BM25）",
    "standard": "标准问（BM25）",
    "letters": "字面相似度",
    "length": "长度相近",
    "start": "开头相同",
    "meaning": "句向量相似度",
}
_FEATURE_PARTS = {
    "char": "字",
    "pair": "字对",
    "term": "词",
    "nearest": "最近问法",
    "average": "平均",
    "part": "局部",
}
_CHANGES = {
    ChangeKind.FILLER: "口头语",
    ChangeKind.LETTERS: "字母",
    ChangeKind.NUMBER: "数字",
    ChangeKind.SOUND: "同音",
}
_STAGES = {
    "understand": "理解",
    "hear": "听写校正",
    "complete": "追问补全",
    "question": "分词与权重",
    "find": "查找候选",
    "order": "排序",
    "decide": "判断",
    "answer": "作答",
    "company": "识别公司",
    "news": "查资讯与图谱",
    "guard": "合规检查",
    "mood": "情绪识别",
}


def rule_in_words(rule: str) -> str:
    """The rule that fired, in Chinese; a rule unknown here as it is."""
    if rule.startswith(FOLLOW_UP):
        return f"追问，{rule_in_words(rule.removeprefix(FOLLOW_UP))}"
    if rule.startswith(COMPLIANCE):
        topic = rule.removeprefix(COMPLIANCE)
        return f"合规答复：{_COMPLIANCE_RULES.get(topic, topic)}"
    if rule.startswith(_COMPANY_RULE):
        topics = rule.removeprefix(_COMPANY_RULE).split(", ")
        return f"公司问题：{'、'.join(_TOPICS.get(topic, topic) for topic in topics)}"
    return _RULES.get(rule, rule)


def changes_in_words(changes: Sequence[Change]) -> str:
    """What was read otherwise than it was written: 创业版→创业板（同音）, 呃→略去（口头语）."""
    return "；".join(f"{c.before}→{c.after or '略去'}（{_CHANGES[c.kind]}）" for c in changes)


def guarded_in_words(rules: Sequence[str]) -> str:
    """What the compliance rules took out of the reply, in Chinese."""
    return f"已略去：{'、'.join(_GUARDED.get(rule, rule) for rule in rules)}"


def mood_in_words(mood: MoodReading) -> str:
    """The mood with its reason: 不满（64%）；依据：太慢；情绪升级，建议转人工."""
    reason = mood.reason.replace("words: ", "词语 ").replace("model: ", "模型 ")
    reason = reason.replace("; ", "；").replace("nothing particular", "无特别词语")
    notes = ["情绪升级"] if mood.rising else []
    notes += ["建议转人工"] if mood.alert else []
    tail = f"；{'，'.join(notes)}" if notes else ""
    return f"{MOODS[mood.mood]}（{mood.chance:.0%}）；依据：{reason}{tail}"


def reply_html(answer: Answer) -> str:
    """The reply with its kind and sources, and the risk notice that must be shown with it.

    Where the message was completed or put right, the question as it was understood comes first.
    """
    sources = "；".join(
        f"依据 {escape_html(c.source)}（第 {escape_html(c.version)} 版）"
        for c in answer.citations
        if c.source
    )
    notice = (
        f'<div class="fl-risk">风险提示：{escape_html(answer.risk_notice.strip())}</div>'
        if answer.risk_notice
        else ""
    )
    restated = answer.trace.restated if answer.trace else None
    understood = (
        f'<div class="fl-understood">理解为：{escape_html(restated)}</div>' if restated else ""
    )
    offer = f'<div class="fl-reply">{escape_html(answer.offer)}</div>' if answer.offer else ""
    return (
        f'{understood}<div class="fl-reply">{escape_html(answer.reply.strip())}</div>'
        f"{notice}{offer}"
        f'<span class="fl-chip fl-kind-{answer.kind}">{KINDS[answer.kind]}</span>'
        f'<span class="fl-meta">{sources}</span>'
    )


def said_html(text: str) -> str:
    """What the customer said, literally."""
    return f'<div class="fl-reply">{escape_html(text)}</div>'


def why_html(answer: Answer, trace: Trace) -> str:
    """Kind, rule, question looked up and both chances."""
    chances = [("结论的把握", answer.score)]
    if trace.candidates:
        chances += [("首选正确的概率", trace.right), ("在知识库范围内的概率", trace.scope)]
    lines = [
        ("结论", escape_html(KINDS[answer.kind])),
        ("触发规则", escape_html(rule_in_words(trace.rule))),
        ("实际检索", escape_html(trace.asked)),
        *([("听写校正", escape_html(changes_in_words(trace.changes)))] if trace.changes else []),
        *([("合规改动", escape_html(guarded_in_words(trace.guarded)))] if trace.guarded else []),
        *([("客户情绪", escape_html(mood_in_words(trace.mood)))] if trace.mood else []),
        *((label, _bar(chance)) for label, chance in chances),
    ]
    rows = "".join(f"<div><dt>{label}</dt><dd>{value}</dd></div>" for label, value in lines)
    return f'<dl class="fl-why">{rows}</dl>'


def candidates_html(trace: Trace) -> str:
    """The candidates as they were ranked: question, closest wording, share and score."""
    lines = [
        f'<li><div class="fl-candidate"><span>{n}. {escape_html(c.title)}</span>{_bar(c.share)}'
        f'</div><div class="fl-meta">最接近的问法：{escape_html(c.nearest)} · 得分 {c.score:.2f}'
        f"{' · <b>与问题相反</b>' if c.clash else ''}</div></li>"
        for n, c in enumerate(trace.candidates, start=1)
    ]
    return f'<ol class="fl-candidates">{"".join(lines)}</ol>'


def feature_lines(trace: Trace) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """(feature, its value for each candidate), in the order of the features."""
    if not trace.candidates:
        return ()
    names = [name for name, _ in trace.candidates[0].features]
    columns = [dict(candidate.features) for candidate in trace.candidates]
    return tuple((feature_in_words(n), tuple(column[n] for column in columns)) for n in names)


def feature_in_words(name: str) -> str:
    """A feature's name in Chinese; one unknown here as it is."""
    for kind, words in _FEATURE_KINDS.items():
        part = name.removeprefix(kind).removeprefix("_")
        if name.startswith(kind) and part in ("", *_FEATURE_PARTS):
            return f"{words}·{_FEATURE_PARTS[part]}" if part else words
    return name


def stages_line(trace: Trace) -> str:
    """Own time of each stage and of all, in milliseconds; empty where nothing was measured."""
    if not trace.milliseconds:
        return ""
    spent = " · ".join(f"{_STAGES.get(s, s)} {ms:.1f}" for s, ms in trace.milliseconds)
    return f"耗时（毫秒）：{spent} · 合计 {sum(ms for _, ms in trace.milliseconds):.1f}"


def stages_html(trace: Trace) -> str:
    """The same with a bar for each stage, the slowest one full."""
    slowest = max((ms for _, ms in trace.milliseconds), default=0.0) or 1.0
    lines = "".join(
        f"<li><span>{escape_html(_STAGES.get(s, s))}</span>"
        f'<span class="fl-bar"><span style="width:{ms / slowest:.0%}"></span></span>'
        f'<span class="fl-percent">{ms:.1f}</span></li>'
        for s, ms in trace.milliseconds
    )
    return f'<ol class="fl-stages">{lines}</ol>' if lines else ""


def _bar(chance: float) -> str:
    percent = f"{max(0.0, min(1.0, chance)):.0%}"
    return (
        f'<span class="fl-bar"><span style="width:{percent}"></span></span>'
        f'<span class="fl-percent">{percent}</span>'
    )
