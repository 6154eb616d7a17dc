"""Builds everything from the settings; the only place that knows which engine stands at a port.

Heavy parts are built on first use. A store belongs to one thread, so each thread gets its own;
the rest is shared. It has more than 400 lines because every engine is built here, nowhere else.
"""

from __future__ import annotations

import hashlib
import os
import random
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar

import httpx

from assist.action import ActionBook, Actions, Adapter, LocalActions
from assist.action_file import ActionFile, read_actions
from assist.action_http import HttpActions
from assist.action_sample import SampleActions, SampleCustomer, read_customers
from assist.action_store import ActionOutbox
from assist.assistant import FaqAssistant
from assist.bot import Bot, DeskBot
from assist.calibrate import Targets
from assist.campaign_outcome import identity_matches
from assist.campaign_store import CampaignStore
from assist.company_question import TopicWords
from assist.compliance import Guard
from assist.dialogue_bot import DialogueBot
from assist.draft_desk import DraftDesk
from assist.emotion import MoodReader
from assist.encode import load_encoder
from assist.flow import Flow
from assist.flow_engine import Dialogue
from assist.flow_file import sound_flows
from assist.flow_ports import Desk
from assist.follow_up_words import FollowUpWords
from assist.front_desk import FrontDesk
from assist.handoff import HandoffDetector
from assist.handover_file import load_handover_rules
from assist.handover_rules import HandoverRules
from assist.handover_store import HandoverStore
from assist.hearing import Hearing
from assist.hearing_terms import SpeechTerms
from assist.knowledge import KnowledgeBase
from assist.live import LiveAssistant
from assist.matcher import Lexicons
from assist.news_desk import CHINA, NewsDesk
from assist.repair import Remarks
from assist.shared_fit import Means, SharedFit
from assist.slot_read import SlotReader
from assist.store import KnowledgeStore
from assist.trading_days import TradingDays
from news.analyse import Analyser, EventReader, RelationReader
from news.article_linker import ArticleLinker
from news.base_facts import load_base_facts
from news.entity_sentiment import EntitySentiment, NegativeNews
from news.errors import SearchError
from news.event_extract import EventExtractor
from news.event_learned import LearnedEvents
from news.event_model import EventModel
from news.feed_spec import Feed
from news.feed_store import FeedStore
from news.feeds_file import read_feeds
from news.fetch import Fetcher
from news.graph import NewsGraph
from news.graph_affected import AffectedBy
from news.graph_impact import ImpactRules
from news.index import TantivyIndex
from news.index_industry import IndustryTree
from news.ingest import Ingester
from news.learned_sentiment import NegativeNewsModel
from news.learned_tags import LearnedTagger
from news.learned_tone import EntityToneModel
from news.link import EntityLinker
from news.pipeline import Pipeline, Stage
from news.poll import Poller
from news.poll_fetch import PoliteFetcher
from news.relation import RelationExtractor
from news.relation_learned import LearnedRelations
from news.relation_model import RelationModel
from news.replay import Replayer
from news.rerun import Rerun
from news.robots import Robots
from news.search import NewsSearch
from news.search_ranking import Relevance
from news.search_snapshot import SearchSnapshots
from news.search_vectors import ArticleVectors
from news.securities import SecuritiesMaster
from news.sentiment import SentimentLexicon
from news.store import NewsStore
from news.tag import TopicTagger
from news.taggers import Taggers
from news.watch import Watch
from news.watchlist import Watchlist
from news.watchlist_run import WatchedIndex, WatchParts, WatchRun
from news.watchlist_store import WatchlistStore
from news.webhook import WebhookSender
from speech.synthesize import Synthesizer
from speech.transcribe import Transcriber
from ui.agent_desk import AgentDesk
from ui.audit import AuditStore
from ui.conversation_desk import ConversationDesk
from ui.conversation_steps import Steps
from ui.errors import SettingsError
from ui.handover_watch import HandoverWatch
from ui.settings import Settings
from ui.store import ConversationStore, KeyStore, UiStore
from ui.transfer_desk import TransferDesk

_OWN_ACTIONS = {"match_identity": identity_matches}


_Model = TypeVar("_Model", covariant=True)


class Wiring:
    """One workspace, ready to use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._local = threading.local()
        self._lock = threading.Lock()
        self._has_base_facts = False

    # --- news --------------------------------------------------------------------------------

    @cached_property
    def master(self) -> SecuritiesMaster:
        """Securities master of the data folder."""
        return SecuritiesMaster.load(self.settings.data / "securities.tsv")

    @property
    def news_store(self) -> NewsStore:
        """This thread's connection to the workspace's articles and facts."""
        store: NewsStore | None = getattr(self._local, "news_store", None)
        if store is None:
            store = self._local.news_store = NewsStore.open(self.settings.database)
        return store

    @cached_property
    def news_index(self) -> WatchedIndex:
        """Search index of the workspace, holding all that the database holds.

        A process that was killed between the two leaves it behind; the next one catches up.
        """
        index = TantivyIndex(self.settings.folder / "index", self.industries)
        index.catch_up(self.news_store)
        return index

    @cached_property
    def linker(self) -> EntityLinker:
        """Finds listed companies in texts."""
        lexicons = self.settings.data / "lexicons"
        return EntityLinker(self.master, lexicons / "ambiguous_names.yaml")

    @cached_property
    def analyser(self) -> Analyser:
        """Tags, tone and companies of an article."""
        settings, lexicons = self.settings, self.settings.data / "lexicons"
        words = SentimentLexicon.load(lexicons / "sentiment.tsv", lexicons / "negations.txt")
        tones = EntitySentiment(words, _loaded(EntityToneModel, settings.entity_sentiment_model))
        bad_news = _loaded(NegativeNewsModel, settings.sentiment_model)
        learned = _loaded(LearnedTagger, settings.tags_model)
        rules = TopicTagger.load(lexicons / "topics.yaml")
        return Analyser(
            Taggers((rules, learned)) if learned else rules,
            words,
            self.article_linker,
            self._pipeline,
            tones=tones,
            negative=NegativeNews(tones, bad_news) if bad_news else None,
            events=self._event_reader,
            relation_reader=self._relation_reader,
        )

    @property
    def _event_reader(self) -> EventReader:
        rules = EventExtractor.load(self.settings.data / "lexicons" / "events.yaml")
        learned = _loaded(EventModel, self.settings.events_model)
        return LearnedEvents(rules, learned) if learned else rules

    @property
    def _relation_reader(self) -> RelationReader:
        patterns = RelationExtractor.load(self.settings.data / "lexicons" / "relations.yaml")
        learned = _loaded(RelationModel, self.settings.relations_model)
        return LearnedRelations(patterns, learned) if learned else patterns

    @cached_property
    def article_linker(self) -> ArticleLinker:
        """Finds every kind of entity in articles."""
        return ArticleLinker(self.linker, self.settings.data)

    def entity_name(self, entity_id: str) -> str:
        """What people call an entity; its id where no name is known."""
        if self.master.listings(entity_id):
            return self.master.company_name(entity_id)
        found = self.news_store.facts.entity(entity_id)
        return found.name if found else entity_id

    @property
    def _pipeline(self) -> Pipeline:
        """Which versions of the stages this workspace has, with the files that they read."""
        data = self.settings.data
        lexicons = data / "lexicons"
        return Pipeline.of(
            {
                Stage.ENTITIES: (
                    data / "securities.tsv",
                    data / "indices.tsv",
                    data / "institutions.tsv",
                    data / "futures_products.tsv",
                    lexicons / "ambiguous_names.yaml",
                    lexicons / "futures_names.tsv",
                ),
                Stage.TAGS: (lexicons / "topics.yaml", *_folder(self.settings.tags_model)),
                Stage.SENTIMENT: (
                    lexicons / "sentiment.tsv",
                    lexicons / "negations.txt",
                    *_folder(self.settings.sentiment_model),
                    *_folder(self.settings.entity_sentiment_model),
                ),
                Stage.EVENTS: (
                    lexicons / "events.yaml",
                    lexicons / "belief.yaml",
                    *_folder(self.settings.events_model),
                ),
                Stage.RELATIONS: (
                    lexicons / "relations.yaml",
                    lexicons / "belief.yaml",
                    *_folder(self.settings.relations_model),
                ),
            }
        )

    @cached_property
    def feeds(self) -> tuple[Feed, ...]:
        """Sources that are polled; raises DataFileError that lists what is wrong."""
        return read_feeds(self.settings.feeds)

    @property
    def feed_store(self) -> FeedStore:
        """What is remembered of polled sources, from this thread."""
        return FeedStore(self.news_store.connection)

    def watch(self, client: httpx.Client, stop: threading.Event) -> Watch:
        """Polls the sources with a client that the caller closes, until `stop` is set."""
        fetcher = Fetcher(client)
        polite = PoliteFetcher(fetcher, Robots(fetcher, now), timer=time.monotonic, pause=stop.wait)
        return Watch(
            self.feeds,
            self.feed_store,
            self.news_store.dead_letters,
            Poller(polite, clock=now, stopping=stop.is_set),
            self.ingester,
            clock=now,
            random=random.random,
            holder=f"{socket.gethostname()}:{os.getpid()}",
            stopping=stop.is_set,
        )

    @property
    def replayer(self) -> Replayer:
        """Takes in dead letters anew, from this thread."""
        return Replayer(self.news_store.dead_letters, self.ingester, self.feeds, clock=now)

    @property
    def rerun(self) -> Rerun:
        """Analyses stored articles anew, from this thread."""
        return Rerun(self.news_store, self.news_index, self.analyser, clock=now)

    @property
    def ingester(self) -> Ingester:
        """Writes articles into the workspace, from this thread."""
        return Ingester(self.news_store, self.news_index, self.analyser, clock=now)

    @property
    def news_search(self) -> NewsSearch:
        """Search over the workspace's articles, from this thread."""
        return NewsSearch(
            self.news_index,
            self.news_store,
            self.master,
            industries=self.industries,
            relevance=self._relevance,
            snapshots=self._search_snapshots,
            meanings=self._article_vectors,
            clock=now,
        )

    @cached_property
    def _relevance(self) -> Relevance:
        """What beside the words decides on the order of news; raises SettingsError."""
        known = self.settings
        try:
            official, media, portal, social = map(float, known.search_tiers.split(","))
            tiers = (official, media, portal, social)
            return Relevance(timedelta(days=known.search_half_life), known.search_fading, tiers)
        except (ValueError, OverflowError, SearchError) as error:
            raise SettingsError(
                f"search_half_life {known.search_half_life}, search_fading {known.search_fading},"
                f" search_tiers {known.search_tiers!r}: give days above 0, a share from 0 to below"
                " 1, and four weights above 0 such as 1.1,1.0,0.95,0.85"
            ) from error

    @property
    def watchlist_store(self) -> WatchlistStore:
        """Saved searches and what they found, from this thread."""
        store: WatchlistStore | None = getattr(self._local, "watchlist_store", None)
        if store is None:
            store = self._local.watchlist_store = WatchlistStore.open(self.settings.database)
        return store

    def watch_run(
        self,
        sender: WebhookSender,
        holder: str,
        clock: Callable[[], datetime] | None = None,
        token: Callable[[int], str] = secrets.token_hex,
    ) -> WatchRun:
        """Matches new articles with saved searches and posts what was found, from this thread."""

        def watched(watchlist: Watchlist) -> bool:
            found = self.key_store.find(watchlist.owner) if watchlist.owner else None
            return watchlist.owner is None or (found is not None and not found[0].revoked_at)

        parts = WatchParts(
            self.news_store,
            self.news_index,
            self.news_search,
            self.watchlist_store,
            clock or now,
            token,
            watched,
        )
        return WatchRun(parts, sender, holder)

    @cached_property
    def industries(self) -> IndustryTree:
        """Industries of the data folder, and which company is in which."""
        return IndustryTree.load(self.settings.data / "industries.tsv", self.master)

    @property
    def _article_vectors(self) -> ArticleVectors | None:
        """Articles by their meaning, all that the database holds; None without an encoder."""
        vectors = self._vectors
        if vectors is not None:
            vectors.catch_up(self.news_store)
        return vectors

    @cached_property
    def _vectors(self) -> ArticleVectors | None:
        encoder = self.means.encoder
        if encoder is None or not self.settings.news_meaning:
            return None
        path = self.settings.folder / "index" / "vectors.db"
        return ArticleVectors(path, encoder, self.means.encoder_name)

    @cached_property
    def _search_snapshots(self) -> SearchSnapshots:
        return SearchSnapshots(self.settings.folder / "index" / "searches.db", now)

    @property
    def graph(self) -> NewsGraph:
        """The workspace's knowledge graph with its base facts, from this thread."""
        with self._lock:
            if not self._has_base_facts:
                self.load_base_facts()
                self._has_base_facts = True
        return NewsGraph(self.news_store, self.master)

    @cached_property
    def impact_rules(self) -> ImpactRules:
        """How effects spread in the graph."""
        return ImpactRules.load(self.settings.data / "lexicons" / "impact.yaml")

    @property
    def affected_by(self) -> AffectedBy:
        """Who is affected by what, from this thread."""
        _ = self.graph  # loads the base facts, once
        return AffectedBy(self.news_store, self.impact_rules)

    # --- assistant ---------------------------------------------------------------------------

    @property
    def knowledge_store(self) -> KnowledgeStore:
        """This thread's connection to the knowledge base."""
        store: KnowledgeStore | None = getattr(self._local, "knowledge_store", None)
        if store is None:
            store = self._local.knowledge_store = KnowledgeStore.open(self.settings.database)
        return store

    @cached_property
    def live_assistant(self) -> LiveAssistant:
        """Answers from the knowledge base as it is published now."""
        lexicons = self.settings.data / "lexicons"
        handoff = HandoffDetector.load(lexicons / "handoff.txt")
        speech = SpeechTerms.load(lexicons, self.master)

        def store() -> KnowledgeStore:
            return self.knowledge_store

        fit = SharedFit(store, self.means, clock=now)

        def assistant(base: KnowledgeBase) -> FaqAssistant:
            hearing = Hearing(base, speech)
            return FaqAssistant(fit.matcher(base), handoff, hearing, follow_ups=self.follow_ups)

        return LiveAssistant(store, assistant, today=today)

    @cached_property
    def follow_ups(self) -> FollowUpWords:
        """Words by which follow-ups are recognised and completed."""
        return FollowUpWords.load(self.settings.data / "lexicons")

    @cached_property
    def means(self) -> Means:
        """Lexicons and encoder with which bases are searched."""
        name = self.settings.encoder
        encoder = load_encoder(Path(name)) if name else None
        settings = self.settings
        targets = Targets(
            settings.wrong_answers, settings.outside_answered, settings.outside_clarified
        )
        told = _folder_state(Path(name)) if name else ""
        return Means(Lexicons.load(settings.data / "lexicons"), encoder, told, targets)

    @property
    def draft_desk(self) -> DraftDesk:
        """Drafts of the knowledge base, from this thread."""
        return DraftDesk(self.knowledge_store, four_eyes=self.settings.four_eyes)

    @cached_property
    def topic_words(self) -> TopicWords:
        """Words by which questions about companies are recognised."""
        return TopicWords.load(self.settings.data / "lexicons" / "company_questions.yaml")

    @property
    def assistant(self) -> FrontDesk:
        """The assistant that customers meet, for this thread."""
        desk = NewsDesk(
            self.news_store,
            self.graph,
            self.linker,
            self.master,
            self.topic_words,
            clock=now,
            follow_ups=self.follow_ups,
            affected=self.affected_by,
        )
        return FrontDesk(
            self.live_assistant.current(), desk, guard=self.guard, moods=self.mood_reader
        )

    @cached_property
    def guard(self) -> Guard:
        """Checks every text that leaves, and declines what may not be answered."""
        return Guard.load(self.settings.data / "lexicons" / "compliance.yaml")

    @cached_property
    def mood_reader(self) -> MoodReader:
        """Reads how a customer sounds."""
        data = self.settings.data
        return MoodReader.load(data / "emotion", data / "lexicons" / "emotion.yaml")

    # --- outbound calls ----------------------------------------------------------------------

    @property
    def campaign_store(self) -> CampaignStore:
        """Outbound campaigns of the workspace, from this thread."""
        store: CampaignStore | None = getattr(self._local, "campaign_store", None)
        if store is None:
            store = self._local.campaign_store = CampaignStore.open(self.settings.database)
        return store

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """Flows of the data folder; raises FlowError that lists what is wrong."""
        return sound_flows(self.settings.data / "flows")

    @cached_property
    def trading_days(self) -> TradingDays:
        """Days on which the exchanges trade."""
        return TradingDays.load(self.calendar_file)

    @property
    def calendar_file(self) -> Path:
        """Where the exchanges' trading days are kept."""
        return self.settings.data / "trading_calendar.tsv"

    # --- speech ------------------------------------------------------------------------------

    def transcriber(self, model: str | None = None) -> Transcriber:
        """Whisper with the model of the settings, or another name or checkpoint."""
        from speech.whisper_transcriber import WhisperTranscriber

        return WhisperTranscriber(model or self.settings.asr_model)

    @cached_property
    def synthesizer(self) -> Synthesizer:
        """Coqui where a model is set, else espeak-ng."""
        if self.settings.coqui_model:
            from speech.coqui import CoquiSynthesizer

            return CoquiSynthesizer(self.settings.coqui_model)
        from speech.espeak import EspeakSynthesizer

        return EspeakSynthesizer()

    # --- programs ----------------------------------------------------------------------------

    @property
    def _ui_store(self) -> UiStore:
        store: UiStore | None = getattr(self._local, "ui_store", None)
        if store is None:
            store = self._local.ui_store = UiStore.open(self.settings.database)
        return store

    @property
    def key_store(self) -> KeyStore:
        """API keys of the workspace, from this thread."""
        return self._ui_store.keys

    @property
    def conversation_store(self) -> ConversationStore:
        """Conversations held over the API, from this thread."""
        return self._ui_store.conversations

    @property
    def audit_store(self) -> AuditStore:
        """Who saw personal data, from this thread."""
        return self._ui_store.audit

    # --- conversations -----------------------------------------------------------------------

    @cached_property
    def handover_rules(self) -> HandoverRules:
        """Skill groups, their hours, the service level, what customers are told."""
        return load_handover_rules(self.settings.data / "handover.yaml", self.trading_days)

    @property
    def bot(self) -> Bot:
        """Who answers in conversations until a person does: the desk, and flows where there are."""
        if not self.service_flows:
            return DeskBot(lambda: self.assistant, failures=self.handover_rules.failures)
        return DialogueBot(self.dialogue, lambda: self.assistant)

    @cached_property
    def service_flows(self) -> tuple[Flow, ...]:
        """Flows that a customer can begin; those of campaigns are begun by calls only."""
        return tuple(flow for flow in self.flows if flow.triggers)

    @cached_property
    def remarks(self) -> Remarks:
        """Recognises remarks that steer a conversation."""
        return Remarks.load(self.settings.data / "lexicons" / "dialogue.yaml")

    @cached_property
    def _handoff(self) -> HandoffDetector:
        return HandoffDetector.load(self.settings.data / "lexicons" / "handoff.txt")

    def dialogue(
        self,
        flows: Sequence[Flow] | None = None,
        desk: Desk | None = None,
        actions: Actions | None = None,
    ) -> Dialogue:
        """The one dialogue engine of conversations, calls and trials, for this thread.

        What is not given is that of the workspace.
        """
        return Dialogue(
            self.flows if flows is None else flows,
            SlotReader(now, self.master),
            self.assistant if desk is None else desk,
            self.guard,
            self.actions if actions is None else actions,
            remarks=self.remarks,
            person=self._handoff,
            mood=self.mood_reader,
        )

    # --- actions -----------------------------------------------------------------------------

    @cached_property
    def action_file(self) -> ActionFile:
        """What flows may order, by data/actions.yaml."""
        return read_actions(self.settings.data / "actions.yaml")

    @property
    def actions(self) -> ActionBook:
        """What flows order, for this thread; raises ActionError where the secret is missing."""
        specs = self.action_file.specs
        used = {spec.adapter for spec in specs}
        adapters: dict[Adapter, Actions] = {Adapter.LOCAL: LocalActions(_OWN_ACTIONS)}
        if Adapter.SAMPLE in used:
            adapters[Adapter.SAMPLE] = SampleActions(
                self._sample_customers, self.action_outbox, self.trading_days
            )
        if Adapter.HTTP in used:
            adapters[Adapter.HTTP] = self._http_actions
        return ActionBook(specs, adapters)

    @property
    def action_outbox(self) -> ActionOutbox:
        """What the sample actions did, from this thread."""
        outbox: ActionOutbox | None = getattr(self._local, "action_outbox", None)
        if outbox is None:
            outbox = self._local.action_outbox = ActionOutbox.open(self.settings.database)
        return outbox

    @cached_property
    def _sample_customers(self) -> tuple[SampleCustomer, ...]:
        return read_customers(self.settings.data / self.action_file.customers)

    @cached_property
    def _http_actions(self) -> HttpActions:
        endpoint = self.action_file.http
        if endpoint is None:
            raise AssertionError("the file of actions was read, so it names the address")
        return HttpActions(endpoint, self.settings.actions_secret or "")

    def conversation_desk(
        self,
        clock: Callable[[], datetime] | None = None,
        token: Callable[[int], str] = secrets.token_hex,
    ) -> ConversationDesk:
        """The customer's side of conversations, from this thread."""
        steps = self.steps(clock)
        return ConversationDesk(steps, self.bot, self.handover_rules, token, self.mood_reader)

    def agent_desk(self, clock: Callable[[], datetime] | None = None) -> AgentDesk:
        """The agent's side of conversations, from this thread."""
        return AgentDesk(
            self.steps(clock),
            self.bot,
            self.handover_rules,
            self.guard,
            self.knowledge_store.entry,
            self.mood_reader,
            self.flows,
        )

    def transfer_desk(self, clock: Callable[[], datetime] | None = None) -> TransferDesk:
        """How conversations move between agents, from this thread."""
        return TransferDesk(self.steps(clock), self.bot, self.handover_rules)

    def handover_watch(self, clock: Callable[[], datetime] | None = None) -> HandoverWatch:
        """What time alone does to handovers, from this thread."""
        return HandoverWatch(self.steps(clock), self.handover_rules, self.transfer_desk(clock))

    @property
    def handover_store(self) -> HandoverStore:
        """What was said and who waits, from this thread."""
        return self._ui_store.handovers

    def steps(self, clock: Callable[[], datetime] | None = None) -> Steps:
        """Reads conversations and writes their steps, from this thread."""
        return Steps(self.conversation_store, self.handover_store, clock or now)

    def load_base_facts(self) -> int:
        """Bring the graph in line with the data folder's files; how many facts changed."""
        return load_base_facts(self.news_store, self.settings.data, now=now())


class _Loads(Protocol[_Model]):
    """A kind of model that is read from its folder."""

    def load(self, folder: Path) -> _Model:
        """Read it."""


def _loaded(kind: _Loads[_Model], folder: str | None) -> _Model | None:
    return kind.load(Path(folder)) if folder else None


def _folder(folder: str | None) -> tuple[Path, ...]:
    return (Path(folder),) if folder else ()


def _folder_state(folder: Path) -> str:
    """Changes whenever a file of the folder does: an encoder trained anew is another encoder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    states = (f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files)
    return hashlib.sha256("\n".join(states).encode()).hexdigest()


def now() -> datetime:
    """The clock of the running system, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day in China, by which answers hold."""
    return now().astimezone(CHINA).date()
