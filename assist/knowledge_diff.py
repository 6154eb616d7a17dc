"""What differs between two wordings of an entry, field by field."""

from __future__ import annotations

from dataclasses import dataclass

from assist.knowledge import FaqEntry


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs; `label` is its name in Chinese, as editors know it."""

    label: str
    old: str
    new: str

    @property
    def lines(self) -> tuple[str, ...]:
        """Lines that went, after “- ”, and lines that came, after “+ ”, in their order."""
        old, new = self.old.splitlines(), self.new.splitlines()
        gone, come = set(old) - set(new), set(new) - set(old)
        if not gone and not come:
            return ("  （仅顺序不同）",)
        return (
            *(f"- {line}" for line in old if line in gone),
            *(f"+ {line}" for line in new if line in come),
        )


def field_changes(old: FaqEntry | None, new: FaqEntry) -> tuple[FieldChange, ...]:
    """The fields that differ; every filled one where there was no entry before."""
    before = _fields(old) if old else ("",) * len(_LABELS)
    rows = zip(_LABELS, before, _fields(new), strict=True)
    return tuple(FieldChange(*row) for row in rows if row[1] != row[2])


_LABELS = ("分类", "标准问", "相似问", "答案", "依据", "生效日期", "失效日期", "风险提示")


def _fields(entry: FaqEntry) -> tuple[str, ...]:
    return (
        entry.category,
        entry.question,
        "\n".join(entry.similar),
        entry.answer.strip(),
        entry.source,
        entry.valid_from.isoformat(),
        entry.valid_until.isoformat() if entry.valid_until else "",
        entry.risk_notice or "",
    )
