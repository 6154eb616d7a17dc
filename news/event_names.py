"""What kinds of events, source tiers and statuses are called in Chinese."""

from __future__ import annotations

from news.article import SourceTier
from news.event import EventKind
from news.fact import FactStatus

EVENT_NAMES = {
    EventKind.ALLOTMENT: "新股申购",
    EventKind.LISTING: "上市",
    EventKind.EARNINGS_PREVIEW: "业绩预告",
    EventKind.EARNINGS: "业绩",
    EventKind.DIVIDEND: "分红",
    EventKind.HOLDING_INCREASE: "增持",
    EventKind.HOLDING_DECREASE: "减持",
    EventKind.REPURCHASE: "回购",
    EventKind.PLEDGE: "质押",
    EventKind.UNLOCK: "解禁",
    EventKind.LITIGATION: "诉讼仲裁",
    EventKind.PENALTY: "监管处罚",
    EventKind.INVESTIGATION: "立案调查",
    EventKind.MERGER: "并购重组",
    EventKind.PLACEMENT: "再融资",
    EventKind.DELISTING_RISK: "退市风险",
    EventKind.EXECUTIVE_CHANGE: "高管变动",
    EventKind.CONTRACT: "合同与合作",
    EventKind.PRODUCT_LAUNCH: "新品发布",
    EventKind.SUSPENSION: "停牌",
    EventKind.RESUMPTION: "复牌",
    EventKind.BANKRUPTCY: "破产重整",
    EventKind.DEFAULT: "债务违约",
    EventKind.RATING_CHANGE: "评级变动",
    EventKind.ACCIDENT: "事故与停产",
    EventKind.CLARIFICATION: "澄清回应",
    EventKind.PRICE_MOVE: "股价异动",
}
"""Short enough for a badge."""

STATUS_NAMES = {
    FactStatus.ASSERTED: "媒体报道",
    FactStatus.RUMOUR: "传闻",
    FactStatus.DENIED: "已否认",
    FactStatus.CONFIRMED: "已确认",
}
"""How far an event is to be believed; one that media report is neither rumour nor confirmed."""

TIER_NAMES = {
    SourceTier.OFFICIAL: "公告",
    SourceTier.MEDIA: "媒体",
    SourceTier.PORTAL: "转载",
    SourceTier.SOCIAL: "网络",
}
"""Where a report comes from."""
