"""Does the customer want a person? Known phrases and patterns over the plain form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from assist.errors import KnowledgeError
from assist.lexical import plain

_STRONG = re.compile(r"人工(?!作)|真人|活人|坐席|座席|接线员|话务员|人类客服|值班人员")
_PERSON = (
    "客服|专员|专人|人类|负责人|主管|领导|你们的人|工作人员|服务人员|懂的人|懂行的|小姐姐|小哥|"
    "顾问|经理|老板|专家|同事|员工"
)
_WISH = (
    "转|接|找|叫|换|要|联系|呼叫|呼|喊|来|安排|给我|帮我|请|让|想|跟|和|同|与|派|切|连线|打|需要"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:{_WISH}).{{0,6}}(?:{_PERSON})(?!的)",
        rf"^(?:在线)?(?:{_PERSON})(?:服务|在线|热线|电话|专线|呢|啊|吧|吗|在吗|在不在|快点|谢谢)*$",
        rf"有(?:没有|没)?(?:{_PERSON}|人)(?:在|能|可以|啊|吗|么|来|接)",
        r"(?:不|别|甭|懒得)(?:想|要|愿|愿意|需要|用|让|再)?(?:跟|和|同|与|让|用|再|给我)*.{0,3}"
        r"(?:机器人|机器|智能客服|自动回复|ai)",
        r"(?:机器人|机器|自动回复|ai).{0,8}(?:听不懂|不行|没用|解决不了|处理不了|答非所问|换人|说不清)",
        r"(?:听不懂|解决不了|处理不了|说不清|说不通|答非所问|搞不定).{0,8}(?:换|找|叫|转|来|人)",
        r"(?:换|找|叫|来|喊)(?:个|一个|位|一位)?.{0,4}人(?:来|跟|和|说|讲|聊|处理|解决|接|给我|行|吧|啊|听|$)",
        r"(?:跟|和|同|与)(?:个)?(?:真的)?人(?:说|讲|聊|谈|沟通|对话|通话|交流)",
        r"(?:给我|帮我|请)?(?:回(?:个|一个)?电(?:话)?|回拨|打(?:个)?电话(?:给|联系)我)(?:$|吧|一下|好吗|可以吗)",
        r"^(?:请|帮我|给我|麻烦|快|马上)*(?:转接|转线|转过去|接线|接通)(?:一下|吧|吗|过去|电话)*$",
        rf"(?:{_PERSON}).{{0,4}}(?:在吗|在不在|在线吗|接电话|回电|给我打|联系我|怎么转|怎么接|怎么联系|怎么找)",
    )
)
_OTHER_MEANING = re.compile(
    "人工智能|人工费|人工成本|人工审核|人工授精|人工湖|人工降雨|人工耳蜗|人工呼吸|人工心脏|人工造|"
    "人工窗口|人工柜台|人工网点|人工种|人工林|人工合成|人工养殖|真人秀|真人版|真人cs|真人电影"
)
_ABOUT_SERVICE = re.compile(
    "几点|时间|上班|下班|周末|晚上|夜里|节假日|放假|周六|多久|排队|收费|要钱|费用|工资|招聘|待遇|离职|"
    "自称|冒充|诈骗|骗|真假|是真的|可信|靠谱"
)
_OTHER_BUSINESS = re.compile(
    "微信|短信|验证码|陌生|举报|客服说|客服让|客服要|客户经理|服务人员|员工|从业|授权|经办|法人|代理|"
    "转账|转入|转出|开户|开完户|密码|股票|基金|权限|账户|期权|转债|新股|买卖|操作|理财|推荐"
)


class Wish(StrEnum):
    """A wish for a person: LIKELY by its form, unless the message is a question that is known."""

    NONE = "none"
    LIKELY = "likely"
    SURE = "sure"


class HandoffDetector:
    """Recognises a wish for a person; `phrases` are known wordings of it."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._known = {plain(phrase) for phrase in phrases} - {""}

    @classmethod
    def load(cls, path: Path) -> HandoffDetector:
        """Read one wording a line; lines that begin with # are remarks."""
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise KnowledgeError(f"{path}: is no readable UTF-8 text ({error})") from error
        return cls(line for line in lines if line.strip() and not line.startswith("#"))

    def wish(self, text: str) -> Wish:
        """Whether the text asks to be put through to a person, in whatever wording."""
        asked = plain(text)
        if asked in self._known:
            return Wish.SURE
        asked = _OTHER_MEANING.sub("", asked)
        if _ABOUT_SERVICE.search(asked):
            return Wish.NONE
        if _STRONG.search(asked):
            return Wish.SURE
        if _OTHER_BUSINESS.search(asked):
            return Wish.NONE
        likely = any(pattern.search(asked) for pattern in _PATTERNS)
        return Wish.LIKELY if likely else Wish.NONE
