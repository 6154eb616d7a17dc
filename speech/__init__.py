"""Sound, speech recognition, speech synthesis, and how written Chinese is said.

The engines are imported by their own modules, when chosen: `speech.whisper_transcriber`,
`speech.espeak`, `speech.coqui`.
"""

from __future__ import annotations

from speech.audio import AudioClip, decode_wav, encode_wav, read_wav, write_wav
from speech.errors import (
    AudioError,
    EngineMissingError,
    ModelMissingError,
    SpeechError,
    SynthesizerError,
    TranscriberError,
)
from speech.spoken import spoken
from speech.synthesize import Synthesizer, Voice, sentences
from speech.transcribe import Segment, Transcriber, Transcript

__all__ = [
    "AudioClip",
    "AudioError",
    "EngineMissingError",
    "ModelMissingError",
    "Segment",
    "SpeechError",
    "Synthesizer",
    "SynthesizerError",
    "Transcriber",
    "TranscriberError",
    "Transcript",
    "Voice",
    "decode_wav",
    "encode_wav",
    "read_wav",
    "sentences",
    "spoken",
    "write_wav",
]
