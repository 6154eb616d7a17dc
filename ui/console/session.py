"""Who is logged in to this window: the log-in page, the session's cookie, the line with the name.

Streamlit forgets a window's state when it is loaded anew. So the session's token also stands in a
cookie, which Streamlit reads (`st.context.cookies`) and a script of ours writes: Streamlit has no
call for writing one. The cookie therefore cannot be HttpOnly; it is SameSite=Strict, and Secure
where the page came over https.
"""

from __future__ import annotations

import json

import streamlit as st

from ui.console.escape import escape_markdown
from ui.console.roles import ROLES
from ui.operator_store import Operator, OperatorStore
from ui.operators import SESSION, WaitError, WrongPasswordError, log_in, log_out, logged_in
from ui.settings import ConsoleLogin, Settings

_TOKEN = "operator_token"
_WRITE = "operator_cookie"
_REFUSED = "operator_refused"
_OPEN_HELP = (
    "还没有操作员：能打开这个地址的人都能使用全部页面。"
    "用命令 foreland operator add 姓名 --role supervisor 添加操作员后即需登录。"
)


def logged_in_here(settings: Settings) -> tuple[bool, Operator | None]:
    """(whether a log-in is needed, who is logged in to this window)."""
    with OperatorStore.opened(settings.database) as store:
        needed = settings.console_login is ConsoleLogin.REQUIRED or bool(store.all())
        token = _token(settings)
        return needed, logged_in(store, token) if needed and token else None


def login_page(settings: Settings) -> None:
    """Asks for name and password; the address stays, so the wanted page comes up afterwards."""
    _write_cookie(settings)
    with st.columns([2, 3, 2])[1], st.form("login"):
        st.markdown("##### 登录运营台")
        st.text_input("姓名或工号", key="login_name", max_chars=60, autocomplete="username")
        st.text_input(
            "密码",
            key="login_password",
            type="password",
            max_chars=300,
            autocomplete="current-password",
        )
        st.form_submit_button("登录", type="primary", on_click=_submit, args=(settings,))
        if refused := st.session_state.pop(_REFUSED, None):
            st.error(refused)
    with OperatorStore.opened(settings.database) as store:
        if not store.all():
            st.info("还没有操作员。请管理员运行：foreland operator add 姓名 --role admin")


def who_line(settings: Settings, operator: Operator | None) -> None:
    """Name, role and the way out, in the page's upper right corner."""
    _write_cookie(settings)
    with st.container(horizontal=True, vertical_alignment="center", key="who", width="content"):
        if operator is None:
            st.caption("未启用登录", help=_OPEN_HELP, width="content")
            return
        name = escape_markdown(f"{operator.name} · {ROLES[operator.role]}")
        st.markdown(name, width="content")
        st.button("退出", on_click=_leave, args=(settings,), type="tertiary", key="log-out")


def _token(settings: Settings) -> str:
    if _TOKEN in st.session_state:
        return str(st.session_state[_TOKEN])
    cookie = st.context.cookies.get(_cookie(settings))
    return cookie if isinstance(cookie, str) else ""


def _submit(settings: Settings) -> None:
    name, password = st.session_state["login_name"], st.session_state["login_password"]
    st.session_state["login_password"] = ""
    try:
        with OperatorStore.opened(settings.database) as store:
            token = log_in(store, name, password)
    except WaitError as error:
        st.session_state[_REFUSED] = f"失败次数过多，请 {error.seconds} 秒后再试。"
    except WrongPasswordError:
        st.session_state[_REFUSED] = "姓名或密码不对。"
    else:
        st.session_state.clear()  # left by somebody else whose log-in ran out
        st.session_state[_TOKEN] = token
        st.session_state[_WRITE] = (token, int(SESSION.total_seconds()))


def _leave(settings: Settings) -> None:
    with OperatorStore.opened(settings.database) as store:
        log_out(store, _token(settings))
    # What was on show belongs to who was logged in, so nothing of it is kept.
    st.session_state.clear()
    st.session_state[_TOKEN] = ""
    st.session_state[_WRITE] = ("", 0)


def _cookie(settings: Settings) -> str:
    """Cookies know no ports: two workspaces of one host must not share one."""
    return f"foreland_{settings.workspace}"


def _write_cookie(settings: Settings) -> None:
    written: tuple[str, int] | None = st.session_state.pop(_WRITE, None)
    if written is None:
        return
    token, seconds = written
    text = f"{_cookie(settings)}={token}; Path=/; SameSite=Strict; Max-Age={seconds}"
    # The text holds nothing that a person typed: the token is ours, the workspace's name checked.
    st.html(
        f"<script>document.cookie = {json.dumps(text)}"
        " + (location.protocol === 'https:' ? '; Secure' : '')</script>",
        unsafe_allow_javascript=True,
    )
