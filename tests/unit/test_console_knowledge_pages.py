"""The chat and the knowledge page as Streamlit runs them, over a real knowledge base."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assist.draft import Draft, DraftState
from assist.draft_desk import DraftDesk
from assist.knowledge import FaqEntry
from assist.knowledge_file import PlacedEntry, load_folder, read_file
from assist.store import KnowledgeStore
from ui.console.links import Place
from ui.settings import read_settings
from ui.wiring import Wiring

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
OPEN = "board-permission-chinext-open"
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A workspace with one category published and fitted, to be copied for each test."""
    home = tmp_path_factory.mktemp("template")
    wiring = Wiring(read_settings({"FORELAND_HOME": str(home), "FORELAND_DATA": str(data)}))
    wiring.load_base_facts()
    read = read_file(data / "faq" / "board-permission.yaml")
    entries = [item.entry for item in read if isinstance(item, PlacedEntry)]
    wiring.knowledge_store.put_out_of_scope(load_folder(data / "faq").out_of_scope)
    wiring.knowledge_store.publish(entries, "样例", NOW)
    wiring.live_assistant.current()
    wiring.news_store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return home


@pytest.fixture
def store(template: Path, tmp_path: Path) -> KnowledgeStore:
    """The knowledge base of this test's own copy of the workspace."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return KnowledgeStore.open(read_settings({"FORELAND_HOME": str(tmp_path)}).database)


@pytest.fixture
def opened(
    store: KnowledgeStore, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Open]:
    """Opens a page of the console as its address would."""
    monkeypatch.setenv("FORELAND_HOME", str(tmp_path))
    monkeypatch.setenv("FORELAND_DATA", str(data))
    monkeypatch.setenv("FORELAND_FOUR_EYES", "false")

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


def shown(page: AppTest) -> str:
    """All HTML of a page but its styles."""
    bodies = [element.proto.body for element in page.html]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


def button(page: AppTest, label: str) -> Any:
    """The button with a label."""
    return next(b for b in page.button if b.label == label)


def published(store: KnowledgeStore) -> FaqEntry:
    """The entry that the tests edit, as it is published now."""
    entry = store.entry(OPEN)
    assert entry is not None
    return entry


def form(entry: FaqEntry, field: str) -> str:
    """Key of a field of the edit form that was opened on an entry."""
    return f"edit-{entry.id}-{entry.version}-{field}"


def test_a_question_is_answered_with_its_reasons(opened: Open, store: KnowledgeStore) -> None:
    """The approved text, its notice and source stand left; rule and candidates stand right."""
    page = opened(Place.CHAT)
    page.chat_input[0].set_value("创业板怎么开通").run()
    assert not page.exception
    text = shown(page)
    assert published(store).answer.strip() in text
    assert "风险提示" in text
    assert "首选条目的把握足够大" in text
    assert "候选条目" in text


def test_an_unknown_question_is_refused(opened: Open) -> None:
    """What the base does not cover is not answered."""
    page = opened(Place.CHAT)
    page.chat_input[0].set_value("今天晚饭吃什么好呢").run()
    assert "未能回答" in shown(page)


def test_an_option_is_chosen_by_its_button(opened: Open) -> None:
    """A vague question offers options; a click answers, and the old options go."""
    page = opened(Place.CHAT)
    page.chat_input[0].set_value("创业板").run()
    option = next(b for b in page.button if b.key == "option-0")
    option.click().run()
    assert "客户选择了一个选项" in shown(page)
    assert not [b for b in page.button if b.key and b.key.startswith("option-")]


def test_a_new_conversation_forgets(opened: Open) -> None:
    """After the button the examples stand there again and nothing that was said."""
    page = opened(Place.CHAT)
    page.chat_input[0].set_value("创业板怎么开通").run()
    button(page, "新对话").click().run()
    assert "fl-reply" not in shown(page)
    assert [b for b in page.button if b.key == "example-0"]


def test_what_a_customer_types_stays_text(opened: Open) -> None:
    """Markup in a question is shown literally on both sides."""
    page = opened(Place.CHAT)
    page.chat_input[0].set_value("<img src=x> 创业板怎么开通").run()
    assert "<img" not in shown(page)
    assert "&lt;img" in shown(page)


def test_entries_are_browsed_by_category_and_words(opened: Open) -> None:
    """The list narrows with each filter and says when nothing is left."""
    page = opened(Place.KNOWLEDGE)
    assert not page.exception
    assert any("共 " in c.value for c in page.caption)
    page.text_input(key="entry_text").set_value("北交所 开通").run()
    narrowed = next(c.value for c in page.caption if "共 " in c.value)
    page.text_input(key="entry_text").set_value("饕餮").run()
    assert "没有符合条件" in page.info[0].value
    assert narrowed != "共 0 条"


def test_an_edit_becomes_the_next_version(opened: Open, store: KnowledgeStore) -> None:
    """Publishing needs an author and keeps the old version in the history."""
    before = published(store)
    page = opened(Place.KNOWLEDGE, entry=OPEN)
    page.text_area(key=form(before, "answer")).set_value("新的答案：请在App内办理。")
    page.text_input(key=form(before, "author")).set_value("张三")
    button(page, "发布新版本").click().run()
    assert not page.exception
    assert "已发布第 2 版" in page.success[0].value
    after = published(store)
    assert (after.version, after.answer) == (2, "新的答案：请在App内办理。")
    assert [change.author for change in store.history(OPEN)] == ["样例", "张三"]
    assert "<ins>" in shown(page)


def test_an_edit_without_author_is_refused_in_clear_words(
    opened: Open, store: KnowledgeStore
) -> None:
    """The missing field is named and nothing is published."""
    before = published(store)
    page = opened(Place.KNOWLEDGE, entry=OPEN)
    page.text_area(key=form(before, "answer")).set_value("改")
    button(page, "发布新版本").click().run()
    assert "请填写发布人" in page.error[0].value
    assert published(store) == before


def test_an_unchanged_entry_is_not_published_again(opened: Open, store: KnowledgeStore) -> None:
    """Pressing the button without an edit makes no version."""
    before = published(store)
    page = opened(Place.KNOWLEDGE, entry=OPEN)
    page.text_input(key=form(before, "author")).set_value("张三")
    button(page, "发布新版本").click().run()
    assert any("没有变化" in info.value for info in page.info)
    assert published(store).version == 1


def test_nobody_is_overwritten(opened: Open, store: KnowledgeStore) -> None:
    """Where another editor published meanwhile, the edit is held back and the change is named."""
    before = published(store)
    page = opened(Place.KNOWLEDGE, entry=OPEN)
    store.publish([replace(before, answer="李四的答案")], "李四", NOW)
    page.text_area(key=form(before, "answer")).set_value("张三的答案")
    page.text_input(key=form(before, "author")).set_value("张三")
    button(page, "发布新版本").click().run()
    assert "第 2 版" in page.error[0].value
    assert "李四" in page.warning[0].value
    assert published(store).answer == "李四的答案"
    button(page, "载入最新内容").click().run()
    latest = published(store)
    assert page.text_area(key=form(latest, "answer")).value == "李四的答案"


def test_an_entry_is_withdrawn(opened: Open, store: KnowledgeStore) -> None:
    """A withdrawn entry leaves the list and the answers; its history stays to be read."""
    page = opened(Place.KNOWLEDGE, entry=OPEN)
    page.text_input(key=f"withdraw-{OPEN}-author").set_value("张三")
    page.button(key=f"withdraw-{OPEN}").click().run()
    assert not page.exception
    assert store.entry(OPEN) is None
    assert "已撤下" in shown(page)
    assert not [b for b in page.button if b.label == "发布新版本"]


def test_an_entry_is_added(opened: Open, store: KnowledgeStore) -> None:
    """A filled form makes version 1 of a new entry; the form is empty for the next one."""
    page = opened(Place.KNOWLEDGE)
    fields = {
        "id": "test-new-entry",
        "question": "示例新问题怎么办？",
        "source": "示例证券业务办理指南",
        "author": "张三",
    }
    for field, value in fields.items():
        page.text_input(key=f"add-0-{field}").set_value(value)
    page.selectbox(key="add-0-category").set_value("科创板创业板北交所权限")
    page.text_area(key="add-0-answer").set_value("请在App内办理。")
    button(page, "发布").click().run()
    assert not page.error
    added = store.entry("test-new-entry")
    assert added is not None
    assert added.version == 1
    assert page.text_input(key="add-1-question").value == ""


def test_a_broken_new_entry_says_everything_that_is_wrong(
    opened: Open, store: KnowledgeStore
) -> None:
    """All problems are listed at once."""
    page = opened(Place.KNOWLEDGE)
    page.text_input(key="add-0-id").set_value("坏编号")
    button(page, "发布").click().run()
    message = page.error[0].value
    for part in ("编号", "标准问", "答案", "依据", "发布人"):
        assert part in message


def test_a_question_is_tried_against_the_published_base(opened: Open) -> None:
    """The try-out box shows the answer, the candidates and their features."""
    page = opened(Place.KNOWLEDGE)
    page.text_input(key="trial_text").set_value("手机上怎么开创业板").run()
    assert not page.exception
    assert "首选条目" in shown(page)
    assert len(page.dataframe[0].value) > 10


def test_an_unknown_entry_is_a_clear_line(opened: Open) -> None:
    """A stale address says that the entry is not here."""
    page = opened(Place.KNOWLEDGE, entry="no-such")
    assert "no\\-such" in page.warning[0].value


@pytest.fixture
def four_eyes(opened: Open, monkeypatch: pytest.MonkeyPatch) -> Open:
    """The console under the four-eyes rule."""
    monkeypatch.setenv("FORELAND_FOUR_EYES", "true")
    return opened


def waiting(store: KnowledgeStore, answer: str = "待审核的答案") -> Draft:
    """A draft of 张三 that waits for its reviewer."""
    desk = DraftDesk(store)
    draft = desk.write(replace(published(store), answer=answer), "张三", NOW)
    return desk.submit(draft.number, "张三", NOW)


def test_under_four_eyes_an_edit_goes_to_review(four_eyes: Open, store: KnowledgeStore) -> None:
    """The form has no button that publishes; what is submitted changes no answer yet."""
    before = published(store)
    page = four_eyes(Place.KNOWLEDGE, entry=OPEN)
    assert not [b for b in page.button if b.label == "发布新版本"]
    page.text_area(key=form(before, "answer")).set_value("新的答案：请在App内办理。")
    page.text_input(key=form(before, "author")).set_value("张三")
    page.button(key=form(before, "submit")).click().run()
    assert not page.exception
    assert "已提交审核（D1）" in page.success[0].value.replace("\\", "")
    assert published(store) == before
    assert [d.state for d in DraftDesk(store).drafts()] == [DraftState.SUBMITTED]


def test_a_reviewer_approves_and_publishes(four_eyes: Open, store: KnowledgeStore) -> None:
    """The difference is shown; the author is refused, a colleague is not."""
    waiting(store)
    page = four_eyes(Place.KNOWLEDGE)
    assert "<ins>" in shown(page)
    page.text_input(key="draft-1-by").set_value("张三")
    page.button(key="draft-1-通过").click().run()
    assert "不能审核自己写的草稿" in page.error[0].value
    page.text_input(key="draft-1-by").set_value("李四")
    page.button(key="draft-1-通过").click().run()
    assert not page.error
    page.button(key="draft-1-发布").click().run()
    assert not page.exception
    after = published(store)
    assert (after.version, after.answer) == (2, "待审核的答案")
    assert store.history(OPEN)[-1].note == "D1，李四 审核通过"


def test_a_rejection_says_why(four_eyes: Open, store: KnowledgeStore) -> None:
    """Name and reason are asked for; the author reads the reason on the draft."""
    waiting(store)
    page = four_eyes(Place.KNOWLEDGE)
    page.button(key="draft-1-确认退回").click().run()
    assert "理由" in page.error[0].value
    page.text_area(key="draft-1-reason").set_value("缺少依据")
    page.text_input(key="draft-1-by").set_value("李四")
    page.button(key="draft-1-确认退回").click().run()
    assert "退回理由：缺少依据" in shown(page)
    assert DraftDesk(store).drafts()[0].state is DraftState.REJECTED


def test_an_outdated_draft_is_based_anew(four_eyes: Open, store: KnowledgeStore) -> None:
    """The page says what happened and offers the one step that helps."""
    waiting(store)
    store.publish([replace(published(store), answer="王五的答案")], "王五", NOW)
    page = four_eyes(Place.KNOWLEDGE)
    assert "起草时是第 1 版，现在是第 2 版" in page.warning[0].value
    assert not [b for b in page.button if b.key == "draft-1-通过"]
    page.text_input(key="draft-1-by").set_value("张三")
    page.button(key="draft-1-以在用内容为底").click().run()
    assert DraftDesk(store).drafts()[0].entry.version == 2
    assert not page.warning


def test_an_old_version_comes_back(opened: Open, store: KnowledgeStore) -> None:
    """Rolling back makes a new version with the old content."""
    before = published(store)
    store.publish([replace(before, answer="坏的答案")], "张三", NOW)
    page = opened(Place.KNOWLEDGE, entry=OPEN)
    page.text_input(key=f"rollback-{OPEN}-author").set_value("李四")
    page.button(key=f"rollback-{OPEN}").click().run()
    assert not page.exception
    assert published(store) == replace(before, version=3)


def test_an_uploaded_table_goes_to_review(four_eyes: Open, store: KnowledgeStore) -> None:
    """Bad rows are named; the others become drafts; what is published stays."""
    before = published(store)
    text = f"编号,答案\n{OPEN},表格里的新答案\n坏 编号,x\n"
    page = four_eyes(Place.KNOWLEDGE)
    page.file_uploader(key="upload-0").upload("kb.csv", text.encode("gb18030"), "text/csv").run()
    assert "row 3" in page.error[0].value.replace("\\", "")
    page.text_input(key="upload-by").set_value("张三")
    page.button(key="upload-submit").click().run()
    assert not page.exception
    draft = DraftDesk(store).drafts()[0]
    assert (draft.state, draft.entry.answer) == (DraftState.SUBMITTED, "表格里的新答案")
    assert draft.entry.similar == before.similar
    assert published(store) == before


def test_entries_that_are_not_answered_are_marked(opened: Open, store: KnowledgeStore) -> None:
    """What has expired is marked in the list and on its page."""
    ended = replace(published(store), valid_until=date(2024, 1, 31))
    store.publish([ended], "张三", NOW)
    page = opened(Place.KNOWLEDGE, entry=OPEN)
    assert "已过期" in shown(page)
    assert "至 2024-01-31 止有效（已过期，不用于回答）" in shown(page)
