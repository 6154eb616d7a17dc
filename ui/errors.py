"""The errors of the ui package.

UiError
├── SettingsError   a setting, port or service that cannot be used
└── ApiKeyError     a key that cannot be made or revoked
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
