"""The errors of the news package.

NewsError
├── SourceError      a file, page or feed that cannot be read
├── DataFileError    a lexicon, master file or fact table that is broken
├── StoreError       the workspace's database refuses
└── SearchError      a search request that makes no sense
"""

from __future__ import annotations


class NewsError(Exception):
    """Base of every error that news/ raises; the message says what to do next.

    `retryable` tells a caller whether the same call can succeed later.
    """

    retryable = False


class SourceError(NewsError):
    """A source of articles cannot be read; names the file or address and the place in it."""


class SourceUnavailableError(SourceError):
    """The source did not answer in time or answered with a passing fault.

    `retry_after`: seconds that the source asks to be left alone, where it says so.
    """

    retryable = True

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DataFileError(NewsError):
    """A data file of the project is missing or malformed; names the file and line."""


class StoreError(NewsError):
    """The database cannot be opened or written."""


class SearchError(NewsError):
    """A search request is invalid; names the parameter and what is allowed."""
