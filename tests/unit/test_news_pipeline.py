"""Versions of the stages."""

from pathlib import Path

from news.pipeline import Pipeline, Stage


def test_a_changed_file_changes_its_stage_alone(tmp_path: Path) -> None:
    """A lexicon that was edited marks the stage that reads it, and nothing before it."""
    lexicon = tmp_path / "topics.yaml"
    lexicon.write_text("a", encoding="utf-8")
    before = Pipeline.of({Stage.TAGS: (lexicon,)})
    assert Pipeline.of({Stage.TAGS: (tmp_path,)}).id == before.id
    lexicon.write_text("b", encoding="utf-8")
    after = Pipeline.of({Stage.TAGS: (lexicon,)})
    assert after.id != before.id
    assert after.first_changed(before) is Stage.TAGS


def test_the_same_versions_have_the_same_id() -> None:
    """A pipeline survives being written and read."""
    pipeline = Pipeline.of({})
    again = Pipeline.from_json(pipeline.to_json())
    assert (again.id, again.first_changed(pipeline)) == (pipeline.id, None)


def test_a_stage_that_was_not_there_counts_as_changed() -> None:
    """Articles of a version that had no such stage are analysed anew from there."""
    old = Pipeline.from_json('{"decode": "1", "extract": "1"}')
    assert Pipeline.of({}).first_changed(old) is Stage.NORMALISE
