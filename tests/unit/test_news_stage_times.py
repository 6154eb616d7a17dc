"""Times of the stages of a reply."""

from __future__ import annotations

from news.stage_times import Stages, active_stages, stage


class Ticks:
    """A clock that goes on by a second whenever it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_a_stage_does_not_count_the_stages_inside_it() -> None:
    """Own times add up to the whole: decide takes 1 s before find and 1 s after it."""
    stages = Stages(Ticks())
    with stages.active(), stage("decide"), stage("find"):
        assert active_stages() is stages
    assert stages.milliseconds() == (("decide", 2000.0), ("find", 1000.0))


def test_a_stage_that_comes_again_is_added() -> None:
    """A follow-up asks the base several times; the stage stands once."""
    stages = Stages(Ticks())
    with stages.active():
        for _ in range(3):
            with stage("find"):
                pass
    assert stages.milliseconds() == (("find", 3000.0),)


def test_outside_a_reply_nothing_is_counted() -> None:
    """Retrieval on its own runs as it is."""
    with stage("find"):
        assert active_stages() is None
