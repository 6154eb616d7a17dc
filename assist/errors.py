"""The errors of the assist package.

AssistError
├── KnowledgeError    a knowledge base, lexicon or labelled file that is broken
├── ReviewError       a draft cannot take this step now
│   ├── ConflictError     somebody else published the entry meanwhile
│   └── OwnDraftError     the four-eyes rule: nobody approves what they wrote
├── FlowError         flows that are broken, or started without what they need
├── HandoverError     a handover cannot take this step now
│   ├── TakenError        another agent has it
│   ├── UnknownHandoverError   there is none with that id
│   └── HandoverInputError     a group, a wording or a repeated request that cannot be taken
├── ActionError       an action in another system was not done
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


class ReviewError(AssistError):
    """A draft cannot take this step; the message says which it can take, and who may."""


class ConflictError(ReviewError):
    """What a change is based on is no longer what is published; nothing was overwritten."""


class OwnDraftError(ReviewError):
    """Nobody approves a draft of which they wrote any wording."""


class FlowError(AssistError):
    """A flow is broken, unknown or lacks a value; names the file and line, or the value."""


class HandoverError(AssistError):
    """A handover or its conversation cannot take this step; the message says which it can take."""


class TakenError(HandoverError):
    """Another agent has the handover; names who."""


class UnknownHandoverError(HandoverError):
    """There is no handover with that id."""


class HandoverInputError(HandoverError):
    """What was given cannot be taken: an unknown group, forbidden words, a key used before."""


class ActionError(AssistError):
    """An action was not done; `again`: it may be tried once more. Never holds a customer's data."""

    def __init__(self, message: str, *, again: bool = False) -> None:
        super().__init__(message)
        self.retryable = again


class StoreError(AssistError):
    """The database cannot be read or written; a lock held by another process passes."""

    retryable = True


class EncoderError(AssistError):
    """A sentence encoder is not installed, not found or gives unusable vectors."""
