"""Log-in, roles, and the pages 外呼 and 会话 as Streamlit runs them, over a real workspace."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assist.campaign import Campaign, CampaignStatus
from assist.campaign_file import read_campaign
from assist.campaign_list import read_list
from assist.campaign_outcome import needed_columns
from assist.flow_state import Mode
from assist.handover_note import AlertDraft, AlertKind
from assist.said import Draft, Speaker
from assist.talk import Talk
from ui.console.links import Place
from ui.console.roles import places
from ui.operator_store import Operator, OperatorStore, Role
from ui.operators import add_operator, change_role, remove_operator
from ui.outbound import outbound_flow, rehearse
from ui.settings import read_settings
from ui.store import SavedConversation
from ui.talk_search import TalkQuery, TalkSearch
from ui.wiring import Wiring, now

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PASSWORD = "a long password"
PHONE = "13800000001"
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A workspace with a rehearsed campaign and two conversations, to be copied for each test."""
    home = tmp_path_factory.mktemp("operators")
    wiring = Wiring(read_settings({"FORELAND_HOME": str(home), "FORELAND_DATA": str(data)}))
    file = read_campaign(data / "campaigns" / "ipo-allotment.yaml")
    flow = outbound_flow(wiring, file.flow_id)
    assert flow
    found = read_list(
        data / "campaigns" / "ipo-allotment.csv",
        columns=dict(file.columns),
        needed=needed_columns(flow),
    )
    campaign = Campaign("ipo-1", file.title, file.flow_id, file.rules)
    wiring.campaign_store.create(campaign, found.callees, NOW)
    rehearse(wiring, campaign, seed=3)
    _conversations(wiring)
    wiring.news_store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return home


def _conversations(wiring: Wiring) -> None:
    store, moment = wiring.handover_store, now()
    for name, mode, channel, customer, text in (
        ("a" * 32, Mode.BOT, "app", "K10001", "我的手机号是13800138000"),
        ("b" * 32, Mode.ENDED, "text", "K10002", "气死我了"),
    ):
        with store.writing():
            wiring.conversation_store.put(SavedConversation(name, None, 1, ""), moment)
            drafts = (
                Draft(Speaker.CUSTOMER, "words", text),
                Draft(Speaker.BOT, "say", "您的余额是88231元", private=True),
            )
            store.say(Talk(name, mode, customer, channel), drafts, moment)
            if mode is Mode.ENDED:
                alert = AlertDraft(AlertKind.ANGER, "words: 气死", "气死我了", 0.9)
                store.notes.alert(name, None, 1, alert, moment)


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    """This test's own copy of the workspace."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def operators(home: Path) -> Iterator[OperatorStore]:
    """One operator of each role, named after it."""
    with OperatorStore.opened(home / "demo" / "workspace.db") as store:
        for role in Role:
            add_operator(store, role, role, PASSWORD)
        yield store


@pytest.fixture
def opened(home: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a page of the console as its address would."""
    monkeypatch.setenv("FORELAND_HOME", str(home))
    monkeypatch.setenv("FORELAND_DATA", str(data))

    def open_page(place: Place, **query: str) -> AppTest:
        script = (
            "from ui.console.app import main\nfrom ui.console.links import Place\n"
            f"main(Place.{place.name})"
        )
        test = AppTest.from_string(script, default_timeout=60)
        for name, value in query.items():
            test.query_params[name] = value
        return test.run()

    yield open_page
    st.cache_data.clear()
    st.cache_resource.clear()


def log_in(page: AppTest, name: str, password: str = PASSWORD) -> AppTest:
    page.text_input(key="login_name").set_value(name)
    page.text_input(key="login_password").set_value(password)
    return button(page, "登录").click().run()


def button(page: AppTest, label: str) -> Any:
    return next(b for b in page.button if b.label == label)


def shown(page: AppTest) -> str:
    return "\n".join(
        [e.proto.body for e in page.html if not e.proto.body.startswith("<style>")]
        + [text.value for text in page.markdown]
    )


def test_without_operators_the_console_is_open_and_says_so(opened: Open) -> None:
    """Nobody is asked; a discreet line tells it; personal data stays masked."""
    page = opened(Place.OUTBOUND)
    assert not page.exception
    assert "未启用登录" in [caption.value for caption in page.caption]
    assert not page.text_input.values or "login_name" not in [t.key for t in page.text_input]
    assert not [t for t in page.toggle if t.label == "显示完整内容"]


def test_log_in_can_be_required_before_there_is_an_operator(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page then says how to make the first one, and shows nothing else."""
    monkeypatch.setenv("FORELAND_CONSOLE_LOGIN", "required")
    page = opened(Place.OUTBOUND)
    assert "foreland operator add" in page.info[0].value
    assert "新股中签通知" not in shown(page)


def test_the_wanted_page_comes_after_the_log_in(opened: Open, operators: OperatorStore) -> None:
    """A wrong password is refused in one line; the right one opens the page of the address."""
    page = opened(Place.OUTBOUND)
    assert "新股中签通知" not in shown(page)
    page = log_in(page, "supervisor", "wrong password")
    assert page.error[0].value == "姓名或密码不对。"
    page = log_in(page, "supervisor")
    assert not page.exception
    assert "新股中签通知" in shown(page)
    page = button(page, "退出").click().run()
    assert "新股中签通知" not in shown(page)
    assert page.text_input(key="login_name")


def test_many_failures_say_how_long_to_wait(opened: Open, operators: OperatorStore) -> None:
    """The fourth attempt is not looked at."""
    page = opened(Place.OVERVIEW)
    for _ in range(4):
        page = log_in(page, "admin", "wrong password")
    assert "秒后再试" in page.error[0].value


def test_a_page_of_another_role_is_refused(opened: Open, operators: OperatorStore) -> None:
    """A deep link too; a role that changes takes effect at the next click."""
    page = log_in(opened(Place.OUTBOUND), "editor")
    assert "不能打开「外呼」" in page.warning[0].value
    assert "新股中签通知" not in shown(page)
    change_role(operators, "editor", Role.SUPERVISOR)
    assert "新股中签通知" in shown(page.run())
    remove_operator(operators, "editor")
    assert page.run().text_input(key="login_name")


def test_every_role_has_its_pages() -> None:
    """Agents serve, editors write, supervisors do all, administrators serve nobody."""
    by_role = {role: places(Operator("x", role, NOW)) for role in Role}
    assert by_role[Role.SUPERVISOR] == places(None) == frozenset(Place)
    assert Place.KNOWLEDGE not in by_role[Role.AGENT]
    assert not {Place.OUTBOUND, Place.HANDOVER, Place.CONVERSATIONS} & by_role[Role.EDITOR]
    assert Place.HANDOVER not in by_role[Role.ADMIN]
    assert all(Place.OVERVIEW in allowed for allowed in by_role.values())


def test_an_editor_signs_with_their_own_name(opened: Open, operators: OperatorStore) -> None:
    """On 坐席 the name is that of the log-in, and cannot be changed."""
    page = log_in(opened(Place.HANDOVER), "agent")
    name = next(t for t in page.text_input if t.label == "坐席姓名或工号")
    assert (name.value, name.disabled) == ("agent", True)


def test_results_are_masked_until_a_supervisor_asks(
    opened: Open, operators: OperatorStore, home: Path
) -> None:
    """The switch shows numbers in full and leaves a row in the audit; administrators have none."""
    page = log_in(opened(Place.OUTBOUND, campaign="ipo-1-rehearsal"), "supervisor")
    assert not page.exception
    assert PHONE not in shown(page) + page.dataframe[0].value.to_string()
    page.toggle(key="full-ipo-1-rehearsal").set_value(True).run()
    assert PHONE in page.dataframe[0].value.to_string()
    wiring = Wiring(read_settings())
    seen = wiring.audit_store.since(now() - timedelta(hours=1))
    assert [(one.who, one.subject_id) for one in seen] == [
        ("operator supervisor", "ipo-1-rehearsal")
    ]
    other = log_in(opened(Place.OUTBOUND, campaign="ipo-1-rehearsal"), "admin")
    assert not [t for t in other.toggle if t.label == "显示完整内容"]
    assert PHONE not in other.dataframe[0].value.to_string()


def test_results_are_filtered_by_code_and_proven(opened: Open) -> None:
    """A code leaves its customers; the words that prove an answer are marked."""
    page = opened(Place.OUTBOUND, campaign="ipo-1-rehearsal")
    whole = len(page.dataframe[0].value)
    page.selectbox(key="code-ipo-1-rehearsal").set_value(1).run()
    assert 0 < len(page.dataframe[0].value) < whole
    page.selectbox(key="code-ipo-1-rehearsal").set_value(-1).run()
    assert "<mark>" in shown(page)


def test_a_campaign_starts_pauses_and_ends_after_a_confirmation(opened: Open) -> None:
    """Each step has its button behind a question; ended is for good."""
    page = opened(Place.OUTBOUND, campaign="ipo-1")
    store = Wiring(read_settings()).campaign_store

    def status() -> CampaignStatus:
        found = store.find("ipo-1")
        assert found
        return found.status

    button(page, "确认开始").click().run()
    assert status() is CampaignStatus.RUNNING
    button(page, "确认暂停").click().run()
    assert status() is CampaignStatus.PAUSED
    button(page, "确认结束").click().run()
    assert status() is CampaignStatus.CLOSED
    assert not [b for b in page.button if b.label.startswith("确认")]


def test_a_list_is_checked_before_a_campaign_is_made_of_it(opened: Open, data: Path) -> None:
    """Bad rows are shown and stop the creation until they are left out."""
    page = opened(Place.OUTBOUND)
    template = page.selectbox(key="new-template")
    template.set_value(2).run()
    lines = (data / "campaigns" / "ipo-allotment.csv").read_text("utf-8-sig").splitlines()
    bad = lines[1].replace(PHONE, "123").replace("a001", "a099")
    raw = "\n".join([*lines, bad]).encode()
    upload = next(f for f in page.file_uploader if f.label.startswith("名单"))
    upload.set_value([("list.csv", raw, "text/csv")]).run()
    assert "1 处问题" in page.warning[0].value
    page.text_input(key="new-id").set_value("ipo-new").run()
    button(page, "创建任务").click().run()
    assert "名单有问题" in page.error[0].value
    page.checkbox(key="new-skip").check().run()
    button(page, "创建任务").click().run()
    assert not page.exception
    store = Wiring(read_settings()).campaign_store
    assert store.count("ipo-new").customers == len(lines) - 1


def test_numbers_are_barred_and_freed(opened: Open) -> None:
    """What is no number is refused; the list shows masks to who is not logged in."""
    page = opened(Place.OUTBOUND)
    page.text_area(key="bar-phones").set_value("13800001234\nabc")
    button(page, "登记").click().run()
    assert "不是电话号码" in page.error[0].value
    page.text_area(key="bar-phones").set_value("138 0000 1234")
    button(page, "登记").click().run()
    store = Wiring(read_settings()).campaign_store
    assert [phone for phone, _, _ in store.barred()] == ["13800001234"]
    assert "138****1234" in page.dataframe[-1].value.to_string()
    page.text_input(key="unbar-phone").set_value("13800001234")
    button(page, "解除").click().run()
    assert store.barred() == ()


def test_conversations_are_found_by_what_is_known_of_them(home: Path) -> None:
    """Channel, customer, mode, anger and time narrow; the page goes on where it ended."""
    moment = now()
    with TalkSearch.opened(home / "demo" / "workspace.db") as search:

        def names(query: TalkQuery) -> list[str]:
            return [found.talk.conversation_id[0] for found in search.search(query)]

        assert sorted(names(TalkQuery())) == ["a", "b"]
        assert names(TalkQuery(channel="app")) == ["a"]
        assert names(TalkQuery(customer="K10002")) == ["b"]
        assert names(TalkQuery(customer="K1000")) == []
        assert names(TalkQuery(mode=Mode.ENDED)) == ["b"]
        assert names(TalkQuery(alert=True)) == ["b"]
        assert names(TalkQuery(since=moment)) == []
        assert len(names(TalkQuery(until=moment))) == 2
        first = search.search(TalkQuery(), 1)
        rest = names(TalkQuery(before=first[0]))
        assert len(rest) == 1
        assert rest[0] != first[0].talk.conversation_id[0]
        assert search.channels() == ("app", "text")


def test_a_conversation_is_read_by_role(opened: Open, operators: OperatorStore) -> None:
    """Masked for an agent who does not have it; in full for a supervisor who asks."""
    page = log_in(opened(Place.CONVERSATIONS, conversation="a" * 32), "agent")
    assert not page.exception
    assert "138****8000" in shown(page)
    assert "13800138000" not in shown(page)
    assert "88231" not in shown(page)
    assert "K10001" not in shown(page)
    other = log_in(opened(Place.CONVERSATIONS, conversation="a" * 32), "supervisor")
    other.toggle(key=f"talk-full-{'a' * 32}").set_value(True).run()
    assert "13800138000" in shown(other)
    assert "88231" in shown(other)


def test_a_conversation_that_was_erased_is_said_to_be_gone(opened: Open) -> None:
    """An old address does no harm."""
    page = opened(Place.CONVERSATIONS, conversation="nowhere")
    assert "不存在" in page.warning[0].value
