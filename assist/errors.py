"""The errors of the assist package.

AssistError
├── KnowledgeError    a knowledge base, lexicon or labelled file that is broken
├── StoreError        the workspace's database refuses
└── EncoderError      a sentence encoder that cannot be loaded
"""

from __future__ import annotations


class AssistError(Exception):
    """Base of every error that assist/ raises; the message says what to do next.

    `retryable` tells a caller whether the same call can succeed later.
    """

    retryable = False


class KnowledgeError(AssistError):
    """A data file is missing or malformed; names the file and the place in it."""


class StoreError(AssistError):
    """The database cannot be read or written; a lock held by another process passes."""

    retryable = True


class EncoderError(AssistError):
    """A sentence encoder is not installed, not found or gives unusable vectors."""
