"""Editors say whom a name in an article means; their word wins over the program's."""

from __future__ import annotations

import streamlit as st

from news.article import Article, Mention
from news.correct import correct_articles
from news.correction import LinkCorrection
from news.correction_store import CorrectionStore
from news.errors import NewsError
from news.transaction import transaction
from ui.console.article_side import surest
from ui.console.company_choice import cached_choices
from ui.console.parts import operator
from ui.operator_store import Role
from ui.wiring import Wiring, now

_EDITORS = (Role.EDITOR, Role.SUPERVISOR, Role.ADMIN)
_NOBODY = "不指任何实体"
_DONE = "article_corrected"


def correct_form(wiring: Wiring, article: Article) -> None:
    """The form; only for those who edit. What was done stands above it after the next run."""
    who = operator()
    if who is not None and who.role not in _EDITORS:
        return
    if _DONE in st.session_state:
        st.success(st.session_state.pop(_DONE))
    choices = cached_choices(wiring.master)
    with (
        st.expander("更正实体链接"),
        st.form(f"correct-{article.id}", border=False, clear_on_submit=True),
    ):
        surface = st.selectbox(
            "文中的写法",
            list(dict.fromkeys(m.surface for m in surest(article))),
            index=None,
            accept_new_options=True,
            placeholder="选一个，或输入漏标的名称",
        )
        label = st.selectbox(
            "应当指", [_NOBODY, *choices.labels], index=None, placeholder="代码、名称、拼音首字母"
        )
        everywhere = st.toggle("对所有资讯生效", value=False)
        by = who.name if who else st.text_input("更正人", max_chars=40)
        if not st.form_submit_button("更正"):
            return
    if not surface or not label or not by.strip():
        st.warning("请填写文中的写法、应当指谁和更正人。")
        return
    try:
        meant = None if label == _NOBODY else choices.company(label)
        changed = _corrected(
            wiring, LinkCorrection(surface, meant, article.id, by.strip(), now(), everywhere)
        )
    except (ValueError, NewsError) as error:
        st.warning(str(error))
        return
    st.session_state[_DONE] = f"已更正，{changed} 篇资讯随之更新。撤销：foreland news corrections"
    st.rerun()


def _corrected(wiring: Wiring, correction: LinkCorrection) -> int:
    """Keep the correction and bring the articles in line; returns how many changed."""
    store, news = CorrectionStore(wiring.news_store.connection), wiring.news_store
    with transaction(news.connection):
        made = store.add(correction)
        counting = store.corrections()

        def relink(article: Article) -> tuple[Mention, ...]:
            return wiring.article_linker.link(article.content, counting, article_id=article.id)

        changed = correct_articles(
            news,
            store.articles_affected(made),
            relink,
            at=now(),
            relate=wiring.analyser.relations,
        )
    wiring.news_index.catch_up(news)
    return changed
