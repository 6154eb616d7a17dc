"""Settings: one place that reads the environment and the settings file.

A value comes from the command line, else from the environment (`FORELAND_…`), else from
`FORELAND_HOME/foreland.toml`, else from the default here.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from ui.errors import RateLimitError, SettingsError
from ui.rate_limit import USUAL_LIMIT, RateLimit

_WORKSPACE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class ConsoleLogin(StrEnum):
    """Whether the console asks who one is: AUTO does once there is an operator."""

    AUTO = "auto"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Paths are absolute; ports are TCP ports on `host`.

    `api_limit`: requests of an API key that has no limit of its own; `api_streams`: streams of
    events that one key may have open.
    `asr_model` is a Whisper model name or checkpoint path; `coqui_model` a model folder or name
    (None: espeak-ng speaks); `encoder` a folder of a sentence encoder (None: words only).
    `four_eyes`: nobody approves a draft that they wrote; a one-person shop switches it off.
    `wrong_answers`: share of the messages that the knowledge base covers which may get a wrong
    answer; `outside_answered` and `outside_clarified`: shares of the messages that it does not
    cover which may be answered and asked back. `actions_secret` signs what flows order from
    the firm's system (data/actions.yaml). `webhook_private`: what watchlists find may be posted
    to addresses inside this network. `news_meaning`: news is also searched by its meaning, where
    there is an `encoder`. News found by words: `search_half_life` is in days,
    `search_fading` the share of its score that the oldest article loses, `search_tiers` the
    weights of official, media, portal and social sources (docs/search.md). `tags_model`,
    `sentiment_model`, `entity_sentiment_model` and `relations_model` are folders that
    `foreland train` wrote (None: rules only).
    """

    home: Path
    data: Path
    workspace: str = "demo"
    host: str = "127.0.0.1"
    api_port: int = 8600
    console_port: int = 8601
    console_login: ConsoleLogin = ConsoleLogin.AUTO
    api_key_required: bool = True
    api_limit: RateLimit = USUAL_LIMIT
    api_streams: int = 200
    asr_model: str = "small"
    coqui_model: str | None = None
    encoder: str | None = None
    tags_model: str | None = None
    sentiment_model: str | None = None
    entity_sentiment_model: str | None = None
    events_model: str | None = None
    relations_model: str | None = None
    four_eyes: bool = True
    wrong_answers: float = 0.02
    outside_answered: float = 0.04
    outside_clarified: float = 0.15
    webhook_private: bool = False
    news_meaning: bool = False
    search_half_life: float = 30.0
    search_fading: float = 0.2
    search_tiers: str = "1.1,1.0,0.95,0.85"
    log_level: str = "WARNING"
    actions_secret: str | None = field(default=None, repr=False)

    @property
    def folder(self) -> Path:
        """Folder of the chosen workspace."""
        return self.home / self.workspace

    @property
    def feeds(self) -> Path:
        """File of the polled sources: the operator's own in `home`, else that of the data."""
        own = self.home / "feeds.yaml"
        return own if own.exists() else self.data / "feeds.yaml"

    @property
    def database(self) -> Path:
        """Database file of the chosen workspace."""
        return self.folder / "workspace.db"

    def environment(self) -> dict[str, str]:
        """The same settings as variables for a child process."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            f"FORELAND_{name.upper()}": str(value)
            for name, value in values.items()
            if value is not None
        }


def read_settings(
    environment: Mapping[str, str] | None = None, *, workspace: str | None = None
) -> Settings:
    """Settings from the environment and the settings file; raises SettingsError."""
    variables = os.environ if environment is None else environment
    home = Path(variables.get("FORELAND_HOME", "var")).expanduser().resolve()
    raw = _from_file(home / "foreland.toml")
    for known in fields(Settings):
        value = variables.get(f"FORELAND_{known.name.upper()}")
        if value is not None:
            raw[known.name] = value
    if workspace is not None:
        raw["workspace"] = workspace
    raw["home"] = str(home)
    raw.setdefault("data", str(data_folder()))
    return _checked(raw)


def data_folder() -> Path:
    """The project's data: beside the code in a checkout, in the package when installed."""
    beside = Path(__file__).resolve().parents[1] / "data"
    return beside if beside.is_dir() else Path(str(files("foreland_data")))


def _from_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    known = {f.name for f in fields(Settings)} - {"home"}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: is no readable TOML file ({error})") from error
    unknown = set(raw) - known
    if unknown:
        raise SettingsError(
            f"{path}: unknown setting {', '.join(sorted(unknown))};"
            f" known are {', '.join(sorted(known))}"
        )
    return {name: str(value) for name, value in raw.items()}


def _checked(raw: Mapping[str, str]) -> Settings:
    workspace = raw.get("workspace", "demo")
    if not _WORKSPACE.fullmatch(workspace):
        raise SettingsError(
            f"workspace {workspace!r}: use 1 to 63 lower-case letters, digits, - and _"
        )
    return Settings(
        home=Path(raw["home"]),
        data=Path(raw["data"]).expanduser().resolve(),
        workspace=workspace,
        host=raw.get("host", "127.0.0.1"),
        api_port=_port(raw, "api_port", 8600),
        console_port=_port(raw, "console_port", 8601),
        console_login=_login(raw.get("console_login", "auto")),
        api_key_required=_flag(raw, "api_key_required", default=True),
        api_limit=_limit(raw.get("api_limit", str(USUAL_LIMIT))),
        api_streams=_streams(raw.get("api_streams", "200")),
        asr_model=raw.get("asr_model", "small"),
        coqui_model=raw.get("coqui_model") or None,
        encoder=raw.get("encoder") or None,
        tags_model=raw.get("tags_model") or None,
        sentiment_model=raw.get("sentiment_model") or None,
        entity_sentiment_model=raw.get("entity_sentiment_model") or None,
        events_model=raw.get("events_model") or None,
        relations_model=raw.get("relations_model") or None,
        four_eyes=_flag(raw, "four_eyes", default=True),
        wrong_answers=_share(raw, "wrong_answers", 0.02),
        outside_answered=_share(raw, "outside_answered", 0.04),
        outside_clarified=_share(raw, "outside_clarified", 0.15),
        webhook_private=_flag(raw, "webhook_private", default=False),
        news_meaning=_flag(raw, "news_meaning", default=False),
        search_half_life=_number(raw, "search_half_life", 30.0),
        search_fading=_number(raw, "search_fading", 0.2),
        search_tiers=raw.get("search_tiers", "1.1,1.0,0.95,0.85"),
        log_level=_level(raw.get("log_level", "WARNING")),
        actions_secret=raw.get("actions_secret") or None,
    )


def _port(raw: Mapping[str, str], name: str, default: int) -> int:
    value = raw.get(name, str(default))
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise SettingsError(f"{name} {value!r}: give a port from 1 to 65535")
    return int(value)


def _login(value: str) -> ConsoleLogin:
    try:
        return ConsoleLogin(value.lower())
    except ValueError as error:
        raise SettingsError(f"console_login {value!r}: give auto or required") from error


def _limit(value: str) -> RateLimit:
    try:
        return RateLimit.parse(value)
    except RateLimitError as error:
        raise SettingsError(f"api_{error}") from error


def _streams(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 10_000):
        raise SettingsError(f"api_streams {value!r}: give a number from 1 to 10000")
    return int(value)


def _share(raw: Mapping[str, str], name: str, default: float) -> float:
    value = raw.get(name, str(default))
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 0.5:
        raise SettingsError(f"{name} {value!r}: give a share from 0 to 0.5, as 0.02 for 2%")
    return share


def _number(raw: Mapping[str, str], name: str, default: float) -> float:
    value = raw.get(name, str(default))
    try:
        return float(value)
    except ValueError as error:
        raise SettingsError(f"{name} {value!r}: give a number such as {default}") from error


def _flag(raw: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = raw.get(name, str(default)).lower()
    if value not in ("true", "false", "1", "0", "yes", "no"):
        raise SettingsError(f"{name} {value!r}: give true or false")
    return value in ("true", "1", "yes")


def _level(value: str) -> str:
    allowed = ("DEBUG", "INFO", "WARNING", "ERROR")
    if value.upper() not in allowed:
        raise SettingsError(f"log_level {value!r}: give one of {', '.join(allowed)}")
    return value.upper()
