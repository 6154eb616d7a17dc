"""One process fits a base, the others wait for it or take over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from assist.errors import StoreError
from assist.fit import FACTORY_FITTED
from assist.fit_rows import KEPT
from assist.knowledge import FaqEntry, KnowledgeBase
from assist.matcher import Lexicons, fitted_to_json
from assist.rank import FACTORY
from assist.shared_fit import LEASE_SECONDS, Means, SharedFit, fit_key
from assist.store import KnowledgeStore

NOW = datetime(2025, 6, 3, 9, 30, tzinfo=UTC)
MEANS = Means(Lexicons.empty())
OPEN = FaqEntry("open", "怎么开户", ("开户流程",), "请登录App。", "指南", date(2023, 1, 1), "开户")
CLOSE = replace(OPEN, id="close", question="怎么销户", similar=())
BASE = KnowledgeBase((OPEN, CLOSE))
KEY = fit_key(BASE, MEANS)
MARKED = replace(FACTORY_FITTED, ranker=replace(FACTORY, weights=(0.123, *FACTORY.weights[1:])))


class Clock:
    """A clock that only moves when a pause is taken; `during` happens in each pause."""

    def __init__(self) -> None:
        self.at = NOW
        self.pauses = 0
        self.during = lambda: None

    def __call__(self) -> datetime:
        """The moment."""
        return self.at

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.pauses += 1
        self.at += timedelta(seconds=seconds)
        self.during()


@pytest.fixture
def store(tmp_path: Path) -> KnowledgeStore:
    """An empty store."""
    return KnowledgeStore.open(tmp_path / "workspace.db")


def sharing(store: KnowledgeStore, clock: Clock) -> SharedFit:
    """A process of the workspace."""
    return SharedFit(lambda: store, MEANS, clock=clock, pause=clock.pause)


def test_the_first_fits_and_the_second_reuses(store: KnowledgeStore) -> None:
    """The fit is kept under the key of the base; nobody waits."""
    clock = Clock()
    first = sharing(store, clock).matcher(BASE)
    assert store.fit(KEY) == fitted_to_json(first.fitted)
    store.put_fit(KEY, fitted_to_json(MARKED))
    assert sharing(store, clock).matcher(BASE).fitted == MARKED
    assert clock.pauses == 0


def test_the_second_waits_for_the_first(store: KnowledgeStore) -> None:
    """While another process holds the lease its fit is awaited, then used."""
    clock = Clock()
    assert store.fits.take_lease(KEY, "other", NOW, LEASE_SECONDS)

    def finish() -> None:
        if clock.pauses == 3:
            store.put_fit(KEY, fitted_to_json(MARKED))

    clock.during = finish
    assert sharing(store, clock).matcher(BASE).fitted == MARKED
    assert clock.pauses == 3


def test_a_killed_process_is_replaced(store: KnowledgeStore) -> None:
    """A lease that is not renewed runs out, and who waited fits."""
    clock = Clock()
    store.fits.take_lease(KEY, "killed", NOW, LEASE_SECONDS)
    sharing(store, clock).matcher(BASE)
    assert store.fit(KEY) is not None
    assert clock.at >= NOW + timedelta(seconds=LEASE_SECONDS)
    assert store.fits.take_lease(KEY, "next", clock.at, 1), "the lease was given back"


def test_a_lease_has_one_owner(store: KnowledgeStore) -> None:
    """It can be renewed by its owner, not taken by another, nor released by one."""
    fits = store.fits
    assert fits.take_lease("a", "one", NOW, 10)
    assert not fits.take_lease("a", "two", NOW, 10)
    fits.release("a", "two")
    assert fits.take_lease("a", "one", NOW + timedelta(seconds=5), 10)
    assert not fits.take_lease("a", "two", NOW + timedelta(seconds=12), 10)
    fits.release("a", "one")
    assert fits.take_lease("a", "two", NOW, 10)


def test_a_fit_of_another_program_version_is_made_again(store: KnowledgeStore) -> None:
    """What cannot be read is no fit."""
    store.put_fit(KEY, '{"format": "from the future"}')
    matcher = sharing(store, Clock()).matcher(BASE)
    assert store.fit(KEY) == fitted_to_json(matcher.fitted)


def test_a_fit_that_cannot_be_kept_serves_all_the_same(
    store: KnowledgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk keeps no new base out of service."""

    def full(key: str, fitted: str) -> None:
        raise StoreError("database or disk is full")

    monkeypatch.setattr(store, "put_fit", full)
    assert sharing(store, Clock()).matcher(BASE).match("怎么开户").twins == ("open",)


def test_the_key_names_what_is_fitted() -> None:
    """Any text of an entry changes it, and so does the encoder; versions and dates do not."""
    later = replace(OPEN, version=7, valid_until=date(2030, 1, 1), source="别的依据")
    assert fit_key(KnowledgeBase((later, CLOSE)), MEANS) == KEY
    others = (
        KnowledgeBase((replace(OPEN, similar=("开户流程", "开户")), CLOSE)),
        KnowledgeBase((replace(OPEN, answer="别的"), CLOSE)),
        KnowledgeBase(BASE.entries, ("今天天气",)),
        KnowledgeBase((OPEN,)),
    )
    keys = {fit_key(base, MEANS) for base in others} | {KEY}
    keys.add(fit_key(BASE, Means(Lexicons.empty(), None, "bge")))
    assert len(keys) == 6


def test_only_the_newest_fits_are_kept(store: KnowledgeStore) -> None:
    """Fits of megabytes do not pile up."""
    for number in range(KEPT + 2):
        store.put_fit(str(number), "x" * 3_000_000)
    assert [store.fit(str(n)) is None for n in range(KEPT + 2)] == [True, True] + [False] * KEPT


def test_an_empty_base_is_no_error(store: KnowledgeStore) -> None:
    """It declines every question; there is nothing to fit."""
    assert sharing(store, Clock()).matcher(KnowledgeBase(())).match("怎么开户").passages == ()
