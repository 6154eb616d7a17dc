"""Fixtures that every test folder shares."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from ui.settings import Settings

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data() -> Path:
    """The project's own sample data."""
    return ROOT / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real evaluation data beside the checkout; skips where it is absent."""
    folder = Path(os.environ.get("FORELAND_SHARED", ROOT.parent / "shared"))
    if not (folder / "eval").is_dir():
        pytest.skip(f"no evaluation data at {folder}: set FORELAND_SHARED to its folder")
    return folder


@pytest.fixture(scope="session")
def api_workspace(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Settings:
    """A workspace with base facts, sample articles and one part of the sample knowledge base."""
    # Here and not above, so that a test of one small part does not load the whole system.
    from assist.knowledge_file import load_folder
    from news.read import read_sources
    from ui.wiring import Wiring, now

    home = tmp_path_factory.mktemp("api")
    lines = [
        line
        for name in ("industries", "results")
        for line in (data / "news" / f"{name}.jsonl").read_text("utf-8").splitlines()[:20]
    ]
    source = home / "incoming" / "articles.jsonl"
    source.parent.mkdir()
    source.write_text("\n".join(lines), encoding="utf-8")
    settings = Settings(home=home, data=data, workspace="api")
    wiring = Wiring(settings)
    wiring.load_base_facts()
    wiring.ingester.ingest(read_sources([str(source)]))
    entries = load_folder(data / "faq").entries
    permissions = [e for e in entries if e.id.startswith("board-permission-chinext-")]
    wiring.knowledge_store.publish(permissions, "tests", now())
    return settings


@pytest.fixture(scope="session")
def whisper_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whisper with two layers of 64 states a side and random weights, as Whisper saves it."""
    import torch
    from whisper.model import ModelDimensions, Whisper

    torch.manual_seed(0)
    size = ModelDimensions(
        n_mels=80, n_audio_ctx=1500, n_audio_state=64, n_audio_head=2, n_audio_layer=2,
        n_vocab=51865, n_text_ctx=128, n_text_state=64, n_text_head=2, n_text_layer=2,
    )  # fmt: skip
    model = Whisper(size)
    for weights in model.parameters():
        torch.nn.init.normal_(weights, 0.0, 0.05)
    file = tmp_path_factory.mktemp("whisper") / "tiny-random.pt"
    torch.save({"dims": asdict(size), "model_state_dict": model.state_dict()}, file)
    return file


@pytest.fixture(scope="session")
def flow_dialogue(data: Path) -> object:
    """A dialogue over the flows in tests/data/flows, with a desk that knows commissions only.

    Its desk answers 佣金, asks back at 开户 and rejects the rest; 13800138000 and 1990-05-01 prove
    who one is; the account holds 88231.
    """
    from datetime import UTC, datetime

    from assist.answer import Answer, AnswerKind, Citation, CitationKind, Trace
    from assist.compliance import Guard
    from assist.conversation import Conversation, chosen
    from assist.flow_engine import Dialogue
    from assist.flow_file import sound_flows
    from assist.handoff import HandoffDetector
    from assist.repair import Remarks
    from assist.slot_read import SlotReader

    class Desk:
        def reply(
            self, text: str, conversation: Conversation | None = None
        ) -> tuple[Answer, Conversation]:
            before = conversation or Conversation()
            source = (Citation(CitationKind.FAQ, "fees", "佣金", "1"),)
            trace = Trace("test", text)
            if "佣金" in text or chosen(text, before.options) is not None:
                answer = Answer(AnswerKind.ANSWER, "佣金为万分之二点五。", 0.9, source, trace=trace)
            elif "开户" in text:
                options, ids = ("个人开户", "机构开户"), ("a", "b")
                answer = Answer(
                    AnswerKind.CLARIFY, "您想问哪一个？", 0.9, (), options, ids, None, trace
                )
            else:
                answer = Answer(AnswerKind.REJECT, "暂时无法回答。", 0.9, trace=trace)
            return answer, before.after(text, answer)

    def verify(arguments: Mapping[str, str], now: datetime) -> Mapping[str, str]:
        known = {"phone": "13800138000", "birthday": "1990-05-01"}
        fits = arguments and all(known[name] == value for name, value in arguments.items())
        return {"verified": "yes" if fits else "no"}

    def balance(arguments: Mapping[str, str], now: datetime) -> Mapping[str, str]:
        return {"balance": "88231", "secret": "never taken"}

    lexicons = data / "lexicons"
    return Dialogue(
        sound_flows(ROOT / "tests" / "data" / "flows"),
        SlotReader(lambda: datetime(2026, 11, 20, 10, tzinfo=UTC)),
        Desk(),
        Guard.load(lexicons / "compliance.yaml"),
        {"verify": verify, "balance": balance, "transfer": lambda arguments, now: {}},
        remarks=Remarks.load(lexicons / "dialogue.yaml"),
        person=HandoffDetector.load(lexicons / "handoff.txt"),
    )
