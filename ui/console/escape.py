"""Making texts of articles and customers harmless: they are shown as they are, never interpreted.

HTML goes through `html.escape`; what Streamlit reads as Markdown (labels, error lines) through
`escape_markdown`.
"""

from __future__ import annotations

import re
from html import escape as escape_html
from urllib.parse import urlsplit

__all__ = ["escape_html", "escape_markdown", "web_address"]

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Streamlit replaces these after Markdown has taken its backslashes away: `:smile:`, `:material/x:`,
# `->`, `--` … An invisible word joiner keeps them from being recognised.
_REPLACED = re.compile(r":(?=[a-z0-9_+-]+:|material/)|(?<=[-<>=~])(?=[-<>=~])", re.IGNORECASE)
_JOINER = "\u2060"


def escape_markdown(text: str) -> str:
    """The text on one line, so that Streamlit's Markdown shows it literally.

    Links, HTML, `$formulas$`, `:red[colours]`, `:icons:` and lists lose their meaning.
    """
    one_line = " ".join(text.split())
    return _PUNCTUATION.sub(r"\\\1", _REPLACED.sub(rf"\g<0>{_JOINER}", one_line))


def web_address(url: str | None) -> str | None:
    """The address where it is safe to link to (http, https), else None."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
