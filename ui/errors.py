"""The errors of the ui package.

UiError
├── SettingsError   a setting, port or service that cannot be used
├── ApiKeyError     a key that cannot be made, changed or revoked
├── RateLimitError  a limit of requests that cannot be read
├── ConversationUnknownError   no conversation of this caller has that id
└── ConversationLostError      others were faster, again and again
"""

from __future__ import annotations


class UiError(Exception):
    """Base of every error that ui/ raises on purpose; the message says what to do next.

    `retryable` tells a caller whether the same call can succeed later.
    """

    retryable = False


class SettingsError(UiError):
    """A setting is wrong; names the setting, its value and what is allowed."""


class ApiKeyError(UiError):
    """A key cannot be made or revoked; the message says why and what to do."""


class RateLimitError(UiError):
    """A limit of requests is no number a period; names it and how to write one."""


class ConversationUnknownError(UiError):
    """There is no such conversation, or another key began it."""


class ConversationLostError(UiError):
    """The conversation changed each time that a step was to be written; nothing was written."""

    retryable = True
