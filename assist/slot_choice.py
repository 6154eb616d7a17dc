"""YES_NO and CHOICE slots: 是的, 没有, 不太方便, 没问题; 第二个, 前者, B, or the words of a choice.

A yes or no counts only where a whole clause says nothing else: 是我爱人办的 is no yes. Words of
the slot's own choices win over the general ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from assist.slot import NO, YES, Choice, Reading, SlotProblem, SlotReason, SlotSpec, SlotValue
from assist.slot_numerals import numerals
from assist.slot_text import UNSURE_CONFIDENCE, Found, alone, is_question, settle
from news.comparable import comparable

_PARTICLE = "[啊呀呢吧啦的了哦噢喔嘛哈哟诶滴哒嗯嘞]*"
_LEAD = (
    r"(?:嗯|啊|哦|噢|呃|额|那个?|哎|诶|唉|喂|您好|你好|就|那|这个?|我们?|我自己|本人|都|也|还|已经|目前|现在|当然|确实|的确"
    r"|肯定|其实|我?记得|印象中|应该|好像|大概|可能|一直|从来|以前|全部|完全|暂时|也许|之前|基本|基本上)*"
)
_VERB = (
    r"(?:知道|晓得|清楚|了解|明白|理解|同意|愿意|接受|需要|收到|看过|看了|看到|读过|阅读过|记得|听懂|听清|听到|听说过|听过|确认|确定|方便|介意"
    r"|符合|属实|参与|参加|做过|办过|填过|签过|签了|买过|用过|操作过?|承受得了|受得了|办理过?|填写过?|承诺过?|推荐过?|要|想|有|会|能|可以|行|好|对|是|用|改|变|做|办|填|签|听|看|懂|买|在)"
)
_TAIL = (
    r"(?:这回事|这个情况|这样|这种情况|这件事|过|到|变|变化|问题|人|必要|什么变化|收到过?|的事|了)?"
)
_DOUBLE_NO = re.compile(
    rf"{_LEAD}(?:不是不|不会不|没有不|并不是不|不能不|不得不)(?:{_VERB}){_PARTICLE}"
)
_YES = re.compile(
    rf"{_LEAD}(?:没问题|没错|不错|没意见|没有意见|没毛病|不介意|没关系|当然可以|肯定的?|必须的?|当然|确实|的确|正确|确认|确定|属实|OK|OKAY|YES|YEP|Y"
    rf"|好|行|中|成|得|要得|可|妥|嗯+|嗯呐|恩+|哦?对+|对头|是+|(?:是我?本人|是?我自己|是我|我?本人)(?:操作|办理|亲自|填写|填)?(?:操作|办理|填写|填|办)?|我是|我就是|本人|就是|正是|系|有+|{_VERB}{_VERB}?{_TAIL})"
    rf"{_PARTICLE}"
)
_NO = re.compile(
    rf"{_LEAD}(?:(?:并?不|没有?|未|并没有?|不太|不大|不怎么|不是很|不是特别|没怎么|从未|别|甭|勿|不再|不想|不用|都不|都没有?)(?:{_VERB}){{0,3}}{_TAIL}"
    rf"|没有?人{_VERB}|怎么可能|哪有|哪里有"
    rf"|(?:不是|并非|没有|没)(?:本人|我自己|我|什么|任何)(?:操作|办理|亲自|填写|填|办|变化|改变)?"
    rf"|不+|不是+|不对|否|NO|NOPE|N|没+|没有+|不了|算了|拒绝|免了|不必|不行|不可以|不可能|绝对没有?|绝不|取消|放弃|不用谢谢|不需要)"
    rf"{_PARTICLE}谢?"
)
_AGREED = re.compile("(?:嗯|啊|哦)*(?:是|对|没错|好|行|可以)[啊呀的呢嘞]*")
_THANKS = re.compile("(?:谢|感谢|多谢|辛苦|麻烦)(?:谢|您|你|了|啦)*")
_BEGINS_NO = re.compile("(?:我?不是|没有|不对|不用|不要|不行|不能)[啊呀的哦呢]")
_BEGINS_YES = re.compile("(?:是|对|有|可以)[啊呀][^不没]*$")
_UNSURE = re.compile(
    r"不知道|不晓得|不清楚|不确定|说不好|说不准|不好说|忘了|忘记|记不清|不记得|想不起|没想好|再想想|考虑考虑|考虑一下|想一想|看情况|再说吧|随便|都行"
    r"|都可以|无所谓|你定|您定|看着办|拿不准|搞不清|不太清楚|再看看"
)
_NONE_OF = re.compile(r"都不(?!错|用)|没有一个|一个都不|以上都不|都没有")
_SOFT = re.compile(r"应该|好像|大概|可能|也许|基本|不太|不大|不怎么|暂时|算是|吧$")
_ASKS = re.compile(
    r"[是对好行要能会有]不[是对好行要能会]|有没有|可不可以|是否|[吗么]\s*[?？。]*$|[?？]\s*$|为什么|怎么(?!可能)|(?<!没)(?<!没有)什么|干嘛|谁"
)
_DENIED = re.compile(
    "(?:不|没|未|别|无|勿|甭|非)(?:是|有|人|再|去|要|想|会|能|用|打算|准备|怎么|太|很|大|特别|弄|搞|听|完全)*$"
)
"""Before a choice's words: 不太清楚 is not 清楚, 没人承诺过 not 承诺过."""
_REPEATED = re.compile(r"([^0-9]{1,3}?)\1+")
_LONGEST, _AGREED_NO = 20, 0.75
_CLAUSE = re.compile(r"[^,，。.;；!！?？、\s]+[?？]?")
_NEUTRAL, _STOPS = re.compile(r"[嗯啊哦呃额]+|那个|您好|你好|喂"), " ,，.。!！、~…"
_ORDINAL = re.compile(r"第([一二三四五六七八九十1-9])")
_LETTER = re.compile(r"(?<![A-Z0-9])([A-H])(?![A-Z0-9])")
_FIRST = re.compile(r"前者|前面那?一?[个种项]|前一[个种项]")
_LAST = re.compile(r"后者|后面那?一?[个种项]|后一[个种项]|最后那?一?[个种项]")


def read_yes_no(spec: SlotSpec, form: str) -> Reading:
    """`yes` or `no` in a `comparable` text."""
    own = settle(_words(spec.choices, form), form)
    if own is not None:
        return own
    clauses = [
        (m.group(), m.start(), m.end())
        for m in _CLAUSE.finditer(form)
        if not _NEUTRAL.fullmatch(m.group()) or m.end() - m.start() == len(form.strip(_STOPS))
    ]
    found = [value for clause in clauses if (value := _clause(*clause)) is not None]
    whole = "".join(clause[0] for clause in clauses)
    if not found and (value := _clause(whole, 0, len(form))) is not None:
        found = [value]
    unsure = _UNSURE.search(form)
    if unsure and not any(f.start >= unsure.end() for f in found):
        return SlotProblem(SlotReason.UNSURE, unsure.group(), (), *unsure.span())
    decided = _decided(found)
    # 不，红烧肉怎么做？ may well be another matter.
    if isinstance(decided, SlotValue) and is_question(form):
        return replace(decided, confidence=min(decided.confidence, UNSURE_CONFIDENCE))
    return decided


def _decided(found: list[SlotValue]) -> Reading:
    """对，没有 means no, 不，我是 yes: the last clause decides, with less confidence."""
    if not found:
        return None
    last = found[-1]
    if all(value.value == last.value for value in found):
        return SlotValue(last.value, last.spoken, found[0].start, last.end, found[0].confidence)
    # 对，没有 answers a question that was put in the negative.
    sure = last.value == NO and len(found) == 2 and found[0].end - found[0].start == 1
    confidence = min(last.confidence, _AGREED_NO if sure else UNSURE_CONFIDENCE)
    return SlotValue(last.value, last.spoken, last.start, last.end, confidence)


def _clause(clause: str, start: int, end: int) -> SlotValue | None:
    if len(clause) > _LONGEST:
        return None
    said, clause = clause, _REPEATED.sub(r"\1", clause)
    if _ASKS.search(clause):
        return None
    confidence = UNSURE_CONFIDENCE if _SOFT.search(said) else 1.0
    if _DOUBLE_NO.fullmatch(clause):
        return SlotValue(YES, "是", start, end, UNSURE_CONFIDENCE)
    # No before yes: 没有 begins with a yes-word's negation, never the other way round.
    for pattern, value, spoken in ((_EXCEPT, YES, "是"), (_NO, NO, "否"), (_YES, YES, "是")):
        if pattern.fullmatch(clause):
            return SlotValue(value, spoken, start, end, confidence)
    return _longer(clause, start, end, confidence)


def _longer(clause: str, start: int, end: int, confidence: float) -> SlotValue | None:
    """对我是, 好的谢谢; 不是啊你打错了, whose first word decides with less confidence."""
    if (agreed := _AGREED.match(clause)) and agreed.end() < len(clause):
        rest = clause[agreed.end() :]
        if _NO.fullmatch(rest) and not _EXCEPT.fullmatch(rest):
            return SlotValue(NO, "否", start, end, min(confidence, _AGREED_NO))
        if _YES.fullmatch(rest) or _THANKS.fullmatch(rest):
            return SlotValue(YES, "是", start, end, confidence)
    for pattern, value, spoken in ((_BEGINS_NO, NO, "否"), (_BEGINS_YES, YES, "是")):
        if pattern.match(clause):
            return SlotValue(value, spoken, start, end, UNSURE_CONFIDENCE)
    return None


_EXCEPT = re.compile(
    rf"{_LEAD}(?:没问题|没有问题|没错|不错|没意见|没有意见|没毛病|不介意|没关系){_PARTICLE}"
)


def read_choice(spec: SlotSpec, form: str) -> Reading:
    """One of the slot's choices, by its words, its number, its letter or its place."""
    reading = settle(_words(spec.choices, form), form)
    if reading is not None:
        return reading
    if none := _NONE_OF.search(form):
        return SlotProblem(SlotReason.UNSURE, none.group(), (), *none.span())
    reading = settle(_places(spec.choices, form), form)
    if reading is None and (unsure := _UNSURE.search(form)):
        return SlotProblem(SlotReason.UNSURE, unsure.group(), (), *unsure.span())
    return reading


def read_choice_keys(choices: tuple[Choice, ...], keys: str) -> Reading:
    """The choice of that number, from 1."""
    if not keys:
        return None
    if keys.isdecimal() and len(keys) < 4 and 1 <= int(keys) <= len(choices):
        return _chosen(choices[int(keys) - 1], 0, len(keys))
    return SlotProblem(SlotReason.FORMAT, keys, (), 0, len(keys))


YES_NO_KEYS = (Choice(YES, ("是",)), Choice(NO, ("否",)))
"""1 is yes, 2 is no, as every voice menu has it."""


def _words(choices: tuple[Choice, ...], form: str) -> Iterator[Found]:
    """Words of choices, longer ones first: what they hold is not read again."""
    words = [(comparable(w), c) for c in choices for w in dict.fromkeys((*c.words, c.value)) if w]
    taken: list[tuple[int, int]] = []
    for word, choice in sorted(words, key=lambda pair: -len(pair[0])):
        for match in re.finditer(_bounded(word), form):
            if any(s < match.end() and match.start() < e for s, e in taken):
                continue
            taken.append(match.span())
            if _DENIED.search(form[: match.start()]):
                continue
            # A choice inside a question is asked about, not chosen.
            asked = is_question(form) and not alone(form, *match.span())
            if not asked:
                yield _chosen(choice, *match.span())


def _bounded(word: str) -> str:
    """Latin words and numbers count only whole."""
    written = re.escape(word)
    if word[0].isascii() and word[0].isalnum():
        written = r"(?<![A-Z0-9])" + written
    return written + r"(?![A-Z0-9])" if word[-1].isascii() and word[-1].isalnum() else written


def _places(choices: tuple[Choice, ...], form: str) -> Iterator[Found]:
    for match in _ORDINAL.finditer(form):
        found = numerals(match[1])
        if found:
            yield _at(choices, int(found[0].value), *match.span())
    for match in _LETTER.finditer(form):
        if alone(form, *match.span()):
            yield _at(choices, ord(match[1]) - 64, *match.span())
    for numeral in numerals(form):
        if alone(form, numeral.start, numeral.end) and not _ORDINAL.search(form):
            yield _at(choices, int(numeral.value), numeral.start, numeral.end)
    for pattern, number in ((_FIRST, 1), (_LAST, len(choices))):
        if place := pattern.search(form):
            yield _at(choices, number, *place.span())


def _at(choices: tuple[Choice, ...], number: int, start: int, end: int) -> Found:
    if 1 <= number <= len(choices):
        return _chosen(choices[number - 1], start, end)
    return SlotProblem(SlotReason.FORMAT, str(number), (), start, end)


def _chosen(choice: Choice, start: int, end: int) -> SlotValue:
    return SlotValue(choice.value, choice.label, start, end)
