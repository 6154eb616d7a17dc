"""Drafts: from the first wording to the published answer, and who may take which step."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from assist.draft import DraftState
from assist.draft_desk import DraftDesk
from assist.errors import ConflictError, ReviewError
from assist.knowledge import FaqEntry
from assist.store import Action, KnowledgeStore

NOW = datetime(2025, 6, 3, 9, 30, tzinfo=UTC)
OPEN = FaqEntry("open", "怎么开户", ("开户流程",), "请登录App。", "指南", date(2023, 1, 1), "开户")
OLD_WORKSPACE = """
CREATE TABLE faq_entries (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
    content TEXT NOT NULL, author TEXT NOT NULL, changed_at TEXT NOT NULL,
    withdrawn INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE faq_history (
    change INTEGER PRIMARY KEY, id TEXT NOT NULL, version INTEGER NOT NULL, action TEXT NOT NULL,
    content TEXT NOT NULL, author TEXT NOT NULL, changed_at TEXT NOT NULL
);
CREATE TABLE faq_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
OLD_CONTENT = (
    '{"answer": "请登录App。", "category": "开户", "id": "open", "question": "怎么开户",'
    ' "risk_notice": null, "similar": ["开户流程"], "source": "指南",'
    ' "valid_from": "2023-01-01", "version": 0}'
)


@pytest.fixture
def store(tmp_path: Path) -> KnowledgeStore:
    """One published entry."""
    store = KnowledgeStore.open(tmp_path / "workspace.db")
    store.publish([OPEN], "样例", NOW)
    return store


@pytest.fixture
def desk(store: KnowledgeStore) -> DraftDesk:
    """A desk under the four-eyes rule."""
    return DraftDesk(store)


def edit(answer: str, version: int = 1) -> FaqEntry:
    """The entry with another answer, made from a version."""
    return replace(OPEN, answer=answer, version=version)


def test_a_draft_becomes_an_answer_by_two_people(desk: DraftDesk, store: KnowledgeStore) -> None:
    """Nothing changes for customers before the last step; every step has its person and time."""
    draft = desk.write(edit("新"), "张三", NOW)
    desk.submit(draft.number, "张三", NOW + timedelta(minutes=1))
    desk.approve(draft.number, "李四", NOW + timedelta(minutes=2))
    assert (store.generation(), store.entry("open")) == (1, replace(OPEN, version=1))
    desk.publish([draft.number], "李四", NOW + timedelta(minutes=3))
    assert store.entry("open") == edit("新", 2)
    assert store.generation() == 2
    last = store.history("open")[-1]
    assert (last.author, last.note) == ("张三", "D1，李四 审核通过")
    assert [(step.state, step.by) for step in desk.steps(draft.number)] == [
        (DraftState.DRAFT, "张三"),
        (DraftState.SUBMITTED, "张三"),
        (DraftState.APPROVED, "李四"),
        (DraftState.PUBLISHED, "李四"),
    ]
    assert [s.at - NOW for s in desk.steps(1)] == [timedelta(minutes=m) for m in range(4)]


@pytest.mark.parametrize("same", ["张三", " 张三 "])
def test_nobody_approves_their_own_draft(desk: DraftDesk, same: str) -> None:
    """Blanks around a name make no other person, and a second author is an author too."""
    draft = desk.write(edit("新"), "张三", NOW)
    desk.rewrite(draft.number, edit("更新"), "王五", NOW, revision=1)
    desk.submit(draft.number, "王五", NOW)
    for author in (same, "王五"):
        with pytest.raises(ReviewError, match="four_eyes"):
            desk.approve(draft.number, author, NOW)
    assert desk.approve(draft.number, "李四", NOW).state is DraftState.APPROVED


def test_a_one_person_shop_switches_the_rule_off(store: KnowledgeStore) -> None:
    """With four_eyes off the author may approve."""
    desk = DraftDesk(store, four_eyes=False)
    draft = desk.write(edit("新"), "张三", NOW)
    desk.submit(draft.number, "张三", NOW)
    assert desk.approve(draft.number, "张三", NOW).state is DraftState.APPROVED


def test_a_rejection_needs_a_reason_and_comes_back_as_a_draft(desk: DraftDesk) -> None:
    """The author reads why, changes the wording and submits again."""
    draft = desk.write(edit("新"), "张三", NOW)
    desk.submit(draft.number, "张三", NOW)
    with pytest.raises(ReviewError, match="needs a reason"):
        desk.reject(draft.number, "李四", NOW, "  ")
    rejected = desk.reject(draft.number, "李四", NOW, "缺少风险提示")
    assert (rejected.state, rejected.comment) == (DraftState.REJECTED, "缺少风险提示")
    with pytest.raises(ReviewError, match="缺少风险提示"):
        desk.submit(draft.number, "张三", NOW)
    again = desk.write(edit("新，含提示"), "张三", NOW)
    assert (again.number, again.revision, again.state) == (draft.number, 2, DraftState.DRAFT)
    assert desk.submit(draft.number, "张三", NOW).state is DraftState.SUBMITTED


@pytest.mark.parametrize("step", ["approve", "reject", "publish"])
def test_a_draft_takes_its_steps_in_order(desk: DraftDesk, step: str) -> None:
    """A draft that was not submitted is not judged; the message says what it can become."""
    number = desk.write(edit("新"), "张三", NOW).number
    take = {
        "approve": lambda: desk.approve(number, "李四", NOW),
        "reject": lambda: desk.reject(number, "李四", NOW, "不好"),
        "publish": lambda: desk.publish([number], "李四", NOW),
    }
    with pytest.raises(ReviewError, match=r"D1 of 'open' is draft.* submitted, discarded"):
        take[step]()


def test_what_is_over_is_over(desk: DraftDesk) -> None:
    """A published or discarded draft takes no further step."""
    number = desk.write(edit("新"), "张三", NOW).number
    desk.discard(number, "张三", NOW)
    with pytest.raises(ReviewError, match="start a new draft"):
        desk.submit(number, "张三", NOW)
    assert desk.drafts() == ()
    assert desk.find(number) is not None


def test_two_editors_do_not_overwrite_each_other(desk: DraftDesk, store: KnowledgeStore) -> None:
    """Both begin from version 1; who comes second is told who was first and what to do."""
    mine, theirs = desk.write(edit("甲"), "张三", NOW), desk.write(edit("乙"), "王五", NOW)
    assert mine.number != theirs.number
    for draft, author in ((mine, "张三"), (theirs, "王五")):
        desk.submit(draft.number, author, NOW)
        desk.approve(draft.number, "李四", NOW)
    desk.publish([mine.number], "李四", NOW)
    with pytest.raises(ConflictError, match=r"version 1, but version 2 was published by 张三"):
        desk.publish([theirs.number], "李四", NOW)
    assert store.entry("open") == edit("甲", 2)
    based = desk.rebase(theirs.number, "王五", NOW)
    assert (based.state, based.entry.version, based.entry.answer) == (DraftState.DRAFT, 2, "乙")
    desk.submit(theirs.number, "王五", NOW)
    desk.approve(theirs.number, "李四", NOW)
    desk.publish([theirs.number], "李四", NOW)
    assert store.entry("open") == edit("乙", 3)


def test_an_outdated_draft_is_refused_at_every_gate(desk: DraftDesk, store: KnowledgeStore) -> None:
    """Nobody reviews in vain what can no longer be published."""
    number = desk.write(edit("甲"), "张三", NOW).number
    store.publish([edit("乙")], "王五", NOW)
    with pytest.raises(ConflictError, match="rebase"):
        desk.submit(number, "张三", NOW)
    with pytest.raises(ConflictError):
        desk.write(edit("丙", 1), "赵六", NOW)


def test_a_withdrawn_entry_is_not_put_back_by_an_old_draft(
    desk: DraftDesk, store: KnowledgeStore
) -> None:
    """Withdrawing is a decision too; undoing it takes a draft that knows of it."""
    number = desk.write(edit("甲"), "张三", NOW).number
    store.withdraw("open", "李四", NOW)
    with pytest.raises(ConflictError, match="withdrawn by 李四"):
        desk.submit(number, "张三", NOW)
    assert desk.rebase(number, "张三", NOW).entry.version == 0
    desk.submit(number, "张三", NOW)
    desk.approve(number, "李四", NOW)
    desk.publish([number], "李四", NOW)
    assert store.entry("open") == edit("甲", 2)


def test_a_reviewer_approves_what_was_read(desk: DraftDesk) -> None:
    """A wording that came after the reviewer opened the draft is not approved unseen."""
    number = desk.write(edit("甲"), "张三", NOW).number
    desk.submit(number, "张三", NOW)
    desk.write(edit("乙"), "张三", NOW)
    desk.submit(number, "张三", NOW)
    with pytest.raises(ConflictError, match="later wording by 张三"):
        desk.approve(number, "李四", NOW, revision=1)
    assert desk.approve(number, "李四", NOW, revision=2).state is DraftState.APPROVED


def test_a_batch_is_published_as_a_whole_or_not_at_all(
    desk: DraftDesk, store: KnowledgeStore
) -> None:
    """One draft that cannot be published keeps the others back, and the base as it was."""
    first = desk.write(replace(OPEN, id="a", question="问甲"), "张三", NOW)
    second = desk.write(replace(OPEN, id="b", question="问乙"), "张三", NOW)
    desk.submit(first.number, "张三", NOW)
    desk.approve(first.number, "李四", NOW)
    with pytest.raises(ReviewError):
        desk.publish([first.number, second.number], "李四", NOW)
    assert [e.id for e in store.entries()] == ["open"]
    assert store.generation() == 1


def test_an_unchanged_draft_is_refused(desk: DraftDesk) -> None:
    """There is nothing to review in what is published already."""
    with pytest.raises(ReviewError, match="nothing to review"):
        desk.write(replace(OPEN, version=1), "张三", NOW)


def test_every_step_needs_a_name(desk: DraftDesk) -> None:
    """Blank and mark-only names are refused."""
    for name in ("", "  ", "？"):
        with pytest.raises(ReviewError, match="needs the name"):
            desk.write(edit("新"), name, NOW)


def test_an_unknown_draft_is_named(desk: DraftDesk) -> None:
    """The message says where to look."""
    with pytest.raises(ReviewError, match=r"no draft D9; foreland kb drafts"):
        desk.submit(9, "张三", NOW)


def test_a_rollback_is_a_new_version_with_the_old_content(store: KnowledgeStore) -> None:
    """History grows; the version gone back to is named."""
    store.publish([edit("坏")], "张三", NOW)
    back = store.roll_back("open", 1, "李四", NOW)
    assert back == replace(OPEN, version=3)
    last = store.history("open")[-1]
    assert (last.action, last.note) == (Action.ROLLED_BACK, "回到第 1 版的内容")
    with pytest.raises(ReviewError, match="nothing to do"):
        store.roll_back("open", 1, "李四", NOW)
    with pytest.raises(ReviewError, match="no version 9"):
        store.roll_back("open", 9, "李四", NOW)


def test_a_rollback_puts_a_withdrawn_entry_back(store: KnowledgeStore) -> None:
    """Its old content is in use again."""
    store.withdraw("open", "李四", NOW)
    store.roll_back("open", 1, "李四", NOW)
    assert store.entry("open") is not None


def test_a_workspace_of_an_earlier_program_opens_with_all_it_has(tmp_path: Path) -> None:
    """Tables and columns are added; entries, versions and history stay, and no version is made."""
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as old:
        old.executescript(OLD_WORKSPACE)
        at = NOW.isoformat(timespec="microseconds")
        row = ("open", 3, OLD_CONTENT, "张三", at)
        old.execute("INSERT INTO faq_entries VALUES (1, ?, ?, ?, ?, ?, 0)", row)
        old.execute("INSERT INTO faq_history VALUES (1, 'open', 3, 'published', ?, '张三', ?)",
                    (OLD_CONTENT, at))  # fmt: skip
        old.execute("INSERT INTO faq_meta VALUES ('generation', '5')")
    old.close()
    for _ in range(2):
        store = KnowledgeStore.open(path)
        assert store.entry("open") == replace(OPEN, version=3)
        assert store.history("open")[0].note == ""
        assert store.publish([OPEN], "李四", NOW) == 0
        assert store.generation() == 5
        store.close()
