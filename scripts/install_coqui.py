"""Install Coqui TTS into the running virtual environment, on CPU, and prove that it speaks.

    python scripts/install_coqui.py          install what is missing, then check
    python scripts/install_coqui.py --check  only check

Running it again is harmless. torch stays at the version that is there. The torchaudio wheel on
PyPI links CUDA: beside a CPU torch its import fails until the linked libraries are moved aside
(`*.so.cuda`); nothing that Coqui's synthesis uses lives in them.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

TORCH = "2.13.0"
COQUI = "coqui-tts[zh]==0.28.*"
# Coqui asks whether torchcodec is installed but calls it only to clone voices from files.
BESIDE_TORCH = ("torchaudio==2.11.*", "torchcodec>=0.8")
# What the library's Mandarin front end writes: sounds, tones 1 to 5, and letters read as English.
PHONEMES = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ12345æøœɑɕəɤɥɨɪɯŋʂʈʏʌʐʒʰʲˠːɔɛɹθðʃʊɖɡʑɵ"
)
SENTENCE = "您好，请问有什么可以帮您？"


def main() -> int:
    """Install and check; the exit code is 0 when speech came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="install nothing, only check")
    arguments = parser.parse_args()
    if sys.prefix == sys.base_prefix:
        print("Refusing to install outside a virtual environment; run: .venv/bin/python", *sys.argv)
        return 2
    if not arguments.check:
        install()
    return check()


def install() -> None:
    """pip, with torch held at its version, then the CUDA libraries of torchaudio moved aside."""
    torch = _version("torch") or TORCH
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text(f"torch=={torch.partition('+')[0]}\n", encoding="utf-8")
        _pip("-c", str(constraints), f"torch=={torch.partition('+')[0]}", COQUI, "six")
        # Without their dependencies: those would replace a CPU torch by a CUDA build.
        _pip("--no-deps", *BESIDE_TORCH)
    move_cuda_libraries_aside()


def move_cuda_libraries_aside() -> None:
    """Rename torchaudio's shared libraries until it can be imported."""
    folder = Path(sysconfig.get_path("platlib")) / "torchaudio" / "lib"
    for pattern in ("_torchaudio*.so", "*.so"):
        if _imports("torchaudio"):
            return
        for library in sorted(folder.glob(pattern)):
            library.replace(library.with_name(library.name + ".cuda"))
            print(f"moved aside: {library.name} (it links CUDA)")


def check() -> int:
    """Build a small VITS with random weights and let the library speak through it."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            seconds = speak(tiny_vits(Path(folder)))
    except (ImportError, OSError, RuntimeError) as error:
        print(f"Coqui TTS does not work here: {type(error).__name__}: {error}")
        print("run this script without --check; if that was done, send its output with a report")
        return 1
    versions = ", ".join(
        f"{name} {_version(name)}" for name in ("coqui-tts", "torch", "torchaudio")
    )
    print(f"Coqui TTS works: {seconds:.1f} s of sound from a random model ({versions})")
    return 0


def speak(model: Path) -> float:
    """Seconds of sound that the project's own adapter makes with the model in the folder."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from speech.coqui import CoquiSynthesizer

    return CoquiSynthesizer(model).synthesize(SENTENCE).seconds


def tiny_vits(folder: Path, *, speakers: tuple[str, ...] = ()) -> Path:
    """Write `config.json` and `model.pth` of a small random Mandarin VITS into `folder`.

    It speaks noise, but through all of the real code: pinyin, text encoder, flow, decoder.
    """
    import torch
    from TTS.tts.configs.shared_configs import CharactersConfig
    from TTS.tts.configs.vits_config import VitsConfig
    from TTS.tts.models.vits import Vits, VitsArgs

    small = VitsArgs(
        num_layers_text_encoder=1,
        hidden_channels=32,
        hidden_channels_ffn_text_encoder=32,
        num_heads_text_encoder=2,
        num_layers_flow=1,
        num_layers_posterior_encoder=1,
        upsample_initial_channel_decoder=32,
        use_sdp=False,
        init_discriminator=False,
        use_speaker_embedding=bool(speakers),
        speaker_embedding_channels=16,
    )
    config = VitsConfig(
        model_args=small,
        use_phonemes=True,
        phonemizer="zh_cn_phonemizer",
        phoneme_language="zh-cn",
        text_cleaner="basic_cleaners",
        characters=CharactersConfig(
            characters_class="TTS.tts.models.vits.VitsCharacters",
            pad="_",
            characters=PHONEMES,
            punctuations="，。？！；：、 ",
            phonemes=None,
        ),
        use_speaker_embedding=bool(speakers),
    )
    if speakers:
        config.model_args.speakers_file = config.speakers_file = str(folder / "speakers.json")
        (folder / "speakers.json").write_text(
            json.dumps({name: number for number, name in enumerate(speakers)}), encoding="utf-8"
        )
    torch.manual_seed(0)
    model = Vits(config)
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    config.save_json(str(folder / "config.json"))
    return folder


def _pip(*arguments: str) -> None:
    print("pip install", *arguments, flush=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *arguments], check=True)


def _imports(module: str) -> bool:
    command = [sys.executable, "-c", f"import {module}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
