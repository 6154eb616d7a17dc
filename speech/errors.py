"""The error tree of `speech/`.

    SpeechError
    ├── AudioError            a clip or a sound file that cannot be used
    ├── TranscriberError      speech recognition failed
    │   └── ModelMissingError the weights are neither here nor to be had
    └── SynthesizerError      speech synthesis failed
        └── EngineMissingError the chosen engine is not installed

Every message gives the value, what was allowed and the next step.
"""

from __future__ import annotations

from typing import ClassVar


class SpeechError(Exception):
    """Base of every error that `speech/` raises on purpose.

    `retryable` says whether the same call may succeed later with nothing changed.
    """

    retryable: ClassVar[bool] = False


class AudioError(SpeechError):
    """A clip or a sound file is missing, empty, damaged, too long or not finite."""


class TranscriberError(SpeechError):
    """A recogniser cannot load its weights or cannot decode a clip."""


class ModelMissingError(TranscriberError):
    """The weights are not on this machine and could not be downloaded now.

    Retryable: the network may be back, or the file copied over, at the next call.
    """

    retryable: ClassVar[bool] = True


class SynthesizerError(SpeechError):
    """A synthesizer cannot be built, or refuses the text or the voice."""


class EngineMissingError(SynthesizerError):
    """The Python packages of the chosen engine are not installed."""
