"""What a site asks of programs that read it: robots.txt (RFC 9309), read by protego and kept.

Each scheme, host and port has its own file. It is kept for a day, as the standard says; a site
that has none (4xx) asks for nothing, and one whose file cannot be got now (5xx, silence) is left
alone until it can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from protego import Protego

from news.decode import decode
from news.errors import SourceError, SourceUnavailableError
from news.fetch import USER_AGENT, Getter, shown

KEPT = timedelta(hours=24)
TRIED_AGAIN = timedelta(minutes=30)
"""After this time a file that could not be got is asked for again."""

_MOST_BYTES = 512 * 1024
_AGENT = USER_AGENT.partition("/")[0]


@dataclass(frozen=True, slots=True)
class _Known:
    """A site's rules until a moment; None where its file could not be got."""

    rules: Protego | None
    until: datetime
    problem: str = ""


class Robots:
    """Rules of the sites that were asked about, fetched when needed."""

    def __init__(
        self, fetcher: Getter, clock: Callable[[], datetime], *, agent: str = _AGENT
    ) -> None:
        """`agent` is the name that the files are searched for."""
        self._fetcher, self._clock, self._agent = fetcher, clock, agent
        self._known: dict[str, _Known] = {}

    def check(self, url: str) -> None:
        """Raise SourceError where the site wants this address left alone.

        Raises SourceUnavailableError where that cannot be known now.
        """
        known = self._rules(url)
        if known.rules is None:
            raise SourceUnavailableError(
                f"{shown(url)}: left alone, because robots.txt of its site cannot be read"
                f" ({known.problem})",
                retry_after=max(0.0, (known.until - self._clock()).total_seconds()),
            )
        if not known.rules.can_fetch(url, self._agent):
            raise SourceError(
                f"{shown(url)}: its site forbids this address to programs (robots.txt); ask its"
                " operator for consent or a feed"
            )

    def delay(self, url: str) -> float:
        """Seconds between requests that the site asks for; 0 where it asks for none."""
        rules = self._rules(url).rules
        return float(rules.crawl_delay(self._agent) or 0.0) if rules else 0.0

    def _rules(self, url: str) -> _Known:
        site = _site(url)
        known = self._known.get(site)
        if known is None or known.until <= self._clock():
            known = self._known[site] = self._fetched(site)
        return known

    def _fetched(self, site: str) -> _Known:
        now = self._clock()
        try:
            body = self._fetcher.get(f"{site}/robots.txt").body
        except SourceUnavailableError as error:
            wait = timedelta(seconds=min(error.retry_after or 0.0, KEPT.total_seconds()))
            return _Known(None, now + max(TRIED_AGAIN, wait), str(error))
        except SourceError:
            body = b""
        return _Known(Protego.parse(decode(body[:_MOST_BYTES]).text), now + KEPT)


def _site(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceError(f"{url[:200]!r} is no address ({error}); write https://…") from error
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii')}"
