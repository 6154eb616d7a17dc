"""What entities are called on the console's pages."""

from __future__ import annotations

from functools import lru_cache

from news.fact import EntityKind
from ui.console.article_html import Namer
from ui.wiring import Wiring

KINDS = {
    EntityKind.COMPANY: "公司",
    EntityKind.SECURITY: "证券",
    EntityKind.PERSON: "人物",
    EntityKind.PRODUCT: "产品",
    EntityKind.INDUSTRY: "行业",
    EntityKind.CONCEPT: "概念",
    EntityKind.REGULATOR: "监管机构",
    EntityKind.EXCHANGE: "交易所",
    EntityKind.INSTITUTION: "机构",
    EntityKind.FUND: "基金",
    EntityKind.INDEX: "指数",
    EntityKind.FUTURES: "期货",
    EntityKind.PLACE: "地点",
}
"""Kinds of entities in Chinese."""


METHODS = {
    "short_name": "简称",
    "full_name": "全称",
    "former_name": "曾用名",
    "alias": "别称",
    "code": "代码",
    "table": "名录",
    "fund": "基金名称",
    "office": "职务",
    "correction": "编辑更正",
}
"""How an entity was found, in Chinese; an unknown way is shown as it is."""


def namer(wiring: Wiring) -> Namer:
    """Names entities for one page: a company's short name, the graph's name, else the id."""
    facts, master = wiring.news_store.facts, wiring.master

    @lru_cache(maxsize=1_000)
    def name(entity_id: str) -> str:
        if master.listings(entity_id):
            return master.company_name(entity_id)
        known = facts.entity(entity_id)
        return known.name if known else entity_id

    return name


def kind_of(entity_id: str) -> str:
    """`公司` for `company:300750`; the prefix itself for a kind without a name."""
    prefix = entity_id.partition(":")[0]
    return next((label for kind, label in KINDS.items() if kind == prefix), prefix)
