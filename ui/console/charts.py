"""The charts of overview and campaigns, drawn by Altair in the browser: no data leaves the page."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from news.article import Sentiment
from ui.console.article_html import TONES
from ui.console.overview_counts import ToneCount

_COLOURS = {
    Sentiment.POSITIVE: "#1f5a92",
    Sentiment.NEUTRAL: "#c3cfdb",
    Sentiment.NEGATIVE: "#c2571a",
}
_ROW = 20
"""Height of a bar with its gap, in pixels."""


def count_bars(
    counts: Sequence[tuple[str, int]], name: str, unit: str
) -> alt.LayerChart | alt.FacetChart:
    """Horizontal bars in the order given, each with its number.

    `name` and `unit` say in the tooltip what a bar is and what is counted.
    """
    values = [{"tag": label, "count": count} for label, count in counts]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y(
            "tag:N",
            sort=None,
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelFlush=False),
        ),
        x=alt.X("count:Q", title=None, axis=None),
        tooltip=[alt.Tooltip("tag:N", title=name), alt.Tooltip("count:Q", title=unit)],
    )
    bars = base.mark_bar(color="#7fa3c7", cornerRadiusEnd=2)
    numbers = base.mark_text(align="left", dx=4, color="#34495e").encode(text="count:Q")
    return alt.layer(bars, numbers, height=_ROW * max(1, len(values)))


def tone_columns(tones: Sequence[ToneCount]) -> alt.Chart:
    """Stacked columns by month: negative below, where the eye starts."""
    order = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
    values = [
        {
            "month": tone.month.strftime("%Y-%m"),
            "tone": TONES[tone.sentiment],
            "order": order.index(tone.sentiment),
            "count": tone.count,
        }
        for tone in tones
    ]
    colours = alt.Scale(domain=[TONES[s] for s in order], range=[_COLOURS[s] for s in order])
    return alt.Chart(alt.InlineData(values=values), height=190, mark="bar").encode(
        x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        y=alt.Y("count:Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")),
        color=alt.Color("tone:N", title=None, scale=colours, legend=alt.Legend(orient="top")),
        order=alt.Order("order:Q"),
        tooltip=[
            alt.Tooltip("month:O", title="月份"),
            alt.Tooltip("tone:N", title="情感"),
            alt.Tooltip("count:Q", title="篇数"),
        ],
    )
