"""Learned events and relations, on invented rows; figures on real rows where these are present."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from news.article import Mention
from news.errors import DataFileError
from news.event import EventKind
from news.event_extract import EventExtractor
from news.event_learned import LearnedEvents
from news.event_model import EventExample, EventModel
from news.event_scores import evaluate_events
from news.event_tagger import SubjectTagger, spans_of, tags_of
from news.event_types import MEMBERS, TypeModel, text_key
from news.fact import Predicate
from news.relation import RelationExtractor
from news.relation_learned import LearnedRelations
from news.relation_model import UNKNOWN, RelationExample, RelationModel
from news.relation_scores import evaluate_relations
from news.saved_model import HEAD, check_target
from ui.cli.main import app

_NAMES = (
    "云海电子",
    "青山机械",
    "北河药业",
    "长风传媒",
    "金石矿业",
    "白鹭航运",
    "红叶食品",
    "星桥软件",
)
_TOLD = {
    "违规": "{}因信息披露违规收到警示函，股价下跌",
    "亏损": "{}全年业绩大幅下滑，净利润亏损三亿元",
    "其他": "{}举办了一年一度的员工运动会",
}
_JOINED = {"持股": "{a}持有{b}的股份", "被持股": "{a}的股东是{b}", UNKNOWN: "{a}、{b}今日上涨"}


def invented_events() -> list[EventExample]:
    """Three kinds of sentences about eight companies."""
    return [
        EventExample(f"{other}平稳。{told.format(name)}", kind, None if kind == "其他" else name)
        for kind, told in _TOLD.items()
        for name in _NAMES
        for other in _NAMES[:3]
        if other != name
    ]


def invented_relations() -> list[RelationExample]:
    """Both ways of each pair."""
    back = {"持股": "被持股", "被持股": "持股", UNKNOWN: UNKNOWN}
    rows = []
    for relation, told in _JOINED.items():
        for a in _NAMES:
            for b in _NAMES[:4]:
                if a != b:
                    text = told.format(a=a, b=b)
                    rows.append(RelationExample(a, b, text, relation))
                    rows.append(RelationExample(b, a, text, back[relation]))
    return rows


@pytest.fixture(scope="module")
def events() -> EventModel:
    """A model of the invented events."""
    return EventModel.fit(invented_events(), _NAMES)


@pytest.fixture(scope="module")
def relations() -> RelationModel:
    """A model of the invented relations."""
    return RelationModel.fit(invented_relations())


def test_type_and_subject_of_a_new_text(events: EventModel) -> None:
    """Of two companies the one that it happened to is the subject, as the text writes it."""
    (found,) = events.predict(["星桥軟件平穩。红叶食品因信息披露违规收到警示函，股价下跌"])
    assert (found.event_type, found.subjects[:1]) == ("违规", ("红叶食品",))
    assert events.subjects("星桥软件平稳。紅叶食品因信息披露违规收到警示函", "违规")[:1] == (
        "紅叶食品",
    )


def test_no_subject_without_an_event(events: EventModel) -> None:
    """The type that stands for no event has no subject, and a blank text has none of any type."""
    (found,) = events.predict(["青山机械举办了一年一度的员工运动会"])
    assert (found.event_type, found.subjects) == ("其他", ())
    assert events.subjects("  ", "违规") == ()
    assert events.predict([]) == ()


def test_saved_events_tell_the_same(events: EventModel, tmp_path: Path) -> None:
    """A loaded model tells what the trained one told."""
    texts = [example.text for example in invented_events()[:9]]
    events.save(tmp_path / "m")
    assert EventModel.load(tmp_path / "m").predict(texts) == events.predict(texts)


def test_a_learned_text_is_judged_by_who_has_not_seen_it() -> None:
    """A wrong label of one text is not repeated for that text."""
    rows = invented_events()
    text = rows[0].text
    kinds = ["亏损" if row.text == text else row.event_type for row in rows]
    model = TypeModel.fit([row.text for row in rows], kinds)
    assert model.types[int(model.scores([text]).argmax())] == "违规"
    assert len(model.weights) == 1 + MEMBERS
    assert text_key(text) == text_key(text.replace("，", ","))


def test_too_little_to_learn_events_from() -> None:
    """One type, few rows or no subject is refused with what is needed."""
    with pytest.raises(DataFileError, match="two types"):
        EventModel.fit(invented_events()[:5])


def test_tags_and_spans_fit() -> None:
    """Tags of names read back as the same names; a beginning without an end is none."""
    tags = tags_of(9, [(0, 2), (4, 8)])
    assert tags == ["B", "E", "O", "O", "B", "I", "I", "E", "O"]
    places = {"O": 0, "B": 1, "I": 2, "E": 3}
    assert spans_of([places[tag] for tag in tags]) == [(0, 2), (4, 8)]
    assert spans_of([1, 2, 0, 3]) == []


def test_gain_of_a_span_is_the_difference_of_paths() -> None:
    """The score of a span is that of the tags with it less that of the tags without any."""
    rng = np.random.default_rng(4)
    scores = rng.normal(size=(7, 4)).astype(np.float32)
    moves = rng.normal(size=(4, 4)).astype(np.float32)
    tagger = SubjectTagger((), np.zeros((0, 4), np.float32), moves)

    def path(tags: list[int]) -> float:
        steps = sum(float(moves[a, b]) for a, b in pairwise(tags))
        return steps + sum(float(scores[i, tag]) for i, tag in enumerate(tags))

    gains = tagger._gains(scores)
    for start, tags in ((2, [0, 0, 1, 3, 0, 0, 0]), (1, [0, 1, 2, 2, 3, 0, 0])):
        end = tags.index(3)
        assert gains[start, end - start] == pytest.approx(path(tags) - path([0] * 7), abs=1e-4)


def test_relation_and_its_inverse(relations: RelationModel) -> None:
    """The same sentence asked the other way round gives the inverse relation."""
    text = "东岭集团持有南湖股份的股份"
    asked = [(text, "东岭集团", "南湖股份"), (text, "南湖股份", "东岭集团")]
    assert relations.predict(asked) == ("持股", "被持股")
    assert relations.predict([]) == ()


def test_saved_relations_tell_the_same(relations: RelationModel, tmp_path: Path) -> None:
    """A loaded model tells what the trained one told."""
    asked = [(row.text, row.head, row.tail) for row in invented_relations()[:20]]
    relations.save(tmp_path / "m")
    assert RelationModel.load(tmp_path / "m").predict(asked) == relations.predict(asked)


def test_names_that_are_not_in_the_text(relations: RelationModel) -> None:
    """Names that a text does not hold, empty ones and odd texts get an answer, not an error."""
    asked = [
        ("", "甲", "乙"),
        ("甲持有", "甲", "甲"),
        ("\ud800(", "(", ""),
        ("甲" * 900, "甲", "乙"),
    ]
    assert len(relations.predict(asked)) == 4


def test_one_relation_cannot_be_learned() -> None:
    """Rows of one relation are refused with what is needed."""
    with pytest.raises(DataFileError, match="two relations"):
        RelationModel.fit([RelationExample("甲", "乙", "甲持有乙", "持股")] * 5)


def test_damaged_models_are_refused(events: EventModel, tmp_path: Path) -> None:
    """A cut file, another format and a foreign folder are named, not loaded or overwritten."""
    folder = tmp_path / "m"
    events.save(folder)
    with pytest.raises(DataFileError, match="foreland-relations"):
        RelationModel.load(folder)
    arrays = folder / "model.npz"
    arrays.write_bytes(arrays.read_bytes()[:-9])
    with pytest.raises(DataFileError, match="damaged"):
        EventModel.load(folder)
    (folder / HEAD).write_text("[1]", encoding="utf-8")
    with pytest.raises(DataFileError, match="foreland-events"):
        EventModel.load(folder)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"notes\.txt"):
        check_target(tmp_path / "mine")


def test_commands_train_and_measure(tmp_path: Path) -> None:
    """`train` writes a model that loads, `eval` prints one JSON object with its keys."""
    rows = [
        json.dumps({"text": r.text, "event_type": r.event_type, "subject": r.subject})
        for r in invented_events()
    ]
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join([*rows, "{broken"]), encoding="utf-8")
    runner = CliRunner()
    trained = runner.invoke(app, ["train", "events", str(file), "--out", str(tmp_path / "m")])
    assert trained.exit_code == 0, trained.output
    assert json.loads(trained.stdout.splitlines()[-1])["rows"] == len(set(rows))
    EventModel.load(tmp_path / "m")
    measured = runner.invoke(app, ["eval", "events", "--train", str(file), "--test", str(file)])
    found = json.loads(measured.stdout.splitlines()[-1])
    assert {"type_accuracy", "subject_f1", "n"} <= set(found)


def test_real_events_reach_a_floor(shared: Path) -> None:
    """On 900 real rows types and subjects of 200 others are told better than a floor."""
    rows = _rows(shared / "eval" / "news" / "finese.train.jsonl", 1100)
    examples = [EventExample(r["text"], r["event_type"], r["subject"]) for r in rows]
    scores = evaluate_events(examples[:900], examples[900:])
    assert scores.type_accuracy > 0.65
    assert scores.subject_f1 > 0.45


def test_real_relations_reach_a_floor(shared: Path) -> None:
    """On 3,000 real rows the relations of 600 others are told better than a floor."""
    folder = shared / "eval" / "news"
    train, test = (
        _rows(folder / "finre.train.jsonl", 3000),
        _rows(folder / "finre.valid.jsonl", 600),
    )
    scores = evaluate_relations(
        [RelationExample(r["head"], r["tail"], r["text"], r["relation"]) for r in train],
        [RelationExample(r["head"], r["tail"], r["text"], r["relation"]) for r in test],
    )
    assert scores.micro_f1 > 0.3


def _rows(path: Path, n: int) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line, _ in zip(lines, range(n), strict=False)]


def test_learned_events_add_to_the_rules(data: Path) -> None:
    """A model whose labels are kinds of events adds what the rules have no word for."""
    kinds = {"违规": "penalty", "亏损": "earnings", "其他": "其他"}
    rows = [replace(r, event_type=kinds[r.event_type]) for r in invented_events()]
    rules = EventExtractor.load(data / "lexicons" / "events.yaml")
    reader = LearnedEvents(rules, EventModel.fit(rows, _NAMES))
    text = "星桥软件平稳。红叶食品全年业绩大幅下滑，净利亏三亿元"
    start = text.index("红叶食品")
    mentions = (Mention("company:000001", "红叶食品", start, start + 4, "short_name", 0.9),)
    assert (EventKind.EARNINGS, "company:000001") in {
        (e.kind, e.subject) for e in reader.extract("", text, mentions)
    }
    assert reader.extract("", "红叶食品举办了一年一度的员工运动会", ()) == ()


def test_learned_relations_add_to_the_patterns(data: Path) -> None:
    """A model whose labels are predicates adds what no pattern covers, within a sentence."""
    labels = {"持股": "owns", "被持股": "不计", UNKNOWN: UNKNOWN}
    rows = [replace(r, relation=labels[r.relation]) for r in invented_relations()]
    patterns = RelationExtractor.load(data / "lexicons" / "relations.yaml")
    reader = LearnedRelations(patterns, RelationModel.fit(rows))

    def asked(text: str) -> list[tuple[str, str, str]]:
        mentions = tuple(
            Mention(f"company:{name}", name, text.index(name), text.index(name) + 4, "x", 0.9)
            for name in ("云海电子", "红叶食品")
        )
        return [(r.subject, r.predicate, r.object) for r in reader.extract(text, mentions)]

    ids = "company:云海电子", Predicate.OWNS, "company:红叶食品"
    assert asked("云海电子持有红叶食品的股份") == [ids]
    assert asked("云海电子仍持有红叶食品的股权") == [ids]
    assert asked("云海电子今日上涨。红叶食品今日上涨") == []
