"""The pages of the console and the links between them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from ui.console.escape import escape_markdown


class Place(StrEnum):
    """A page in the order of the menu; the value is its path in the address and its module."""

    OVERVIEW = "overview"
    CHAT = "chat"
    HANDOVER = "handover"
    CONVERSATIONS = "conversations"
    OUTBOUND = "outbound"
    ARTICLES = "articles"
    COMPANY = "company"
    KNOWLEDGE = "knowledge"


TITLES = {
    Place.OVERVIEW: "总览",
    Place.CHAT: "智能问答",
    Place.HANDOVER: "坐席",
    Place.CONVERSATIONS: "会话",
    Place.OUTBOUND: "外呼",
    Place.ARTICLES: "资讯",
    Place.COMPANY: "公司",
    Place.KNOWLEDGE: "知识库",
}
_ICONS = {
    Place.OVERVIEW: ":material/dashboard:",
    Place.CHAT: ":material/forum:",
    Place.HANDOVER: ":material/headset_mic:",
    Place.CONVERSATIONS: ":material/history:",
    Place.OUTBOUND: ":material/phone_forwarded:",
    Place.ARTICLES: ":material/newspaper:",
    Place.COMPANY: ":material/apartment:",
    Place.KNOWLEDGE: ":material/menu_book:",
}
_PAGES = "console_pages"


def register(
    pages: Mapping[Place, Callable[[], None]], shown: Collection[Place], *, first: Place
) -> list[st.Page]:
    """Make the pages of this session known; `shown` stand in the menu and can be linked to."""
    made = {
        place: st.Page(
            page,
            title=TITLES[place],
            icon=_ICONS[place],
            url_path=place,
            default=place is first,
            visibility="visible" if place in shown else "hidden",
        )
        for place, page in pages.items()
    }
    st.session_state[_PAGES] = {place: page for place, page in made.items() if place in shown}
    return list(made.values())


def link(
    place: Place, label: str, *, width: Literal["content", "stretch"] = "content", **query: str
) -> None:
    """A link to a page that keeps this session; the label is shown literally.

    Whose role does not open the page sees the label only.
    """
    target = st.session_state[_PAGES].get(place)
    if target is None:
        st.markdown(escape_markdown(label), width=width)
        return
    st.page_link(target, label=escape_markdown(label), width=width, query_params=query)


def company_link(company_id: str, name: str) -> None:
    """A link to a company's page."""
    link(Place.COMPANY, name, company=company_id.partition(":")[2])


def article_link(
    article_id: str, label: str, *, width: Literal["content", "stretch"] = "content"
) -> None:
    """A link to one article."""
    link(Place.ARTICLES, label, width=width, article=article_id)


def address_of_article(article_id: str) -> str:
    """The address of an article, relative to the console, for links inside HTML."""
    return f"articles?{urlencode({'article': article_id})}"


def address_of_company(company_id: str) -> str:
    """The address of a company's page."""
    return f"company?{urlencode({'company': company_id.partition(':')[2]})}"
