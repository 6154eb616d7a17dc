"""The file tab of the knowledge page: download the base, upload a changed one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from assist.errors import AssistError, ReviewError
from assist.knowledge import FaqEntry
from assist.knowledge_csv import write_csv
from assist.knowledge_diff import field_changes
from assist.knowledge_file import KINDS, Loaded, Severity, load
from assist.knowledge_xlsx import write_xlsx
from assist.knowledge_yaml import write_yaml
from ui.console.escape import escape_markdown
from ui.console.knowledge_edit import bring_up_to_date, explained, person, refused
from ui.wiring import Wiring, now

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COLUMNS = "编号、类别、标准问、相似问、答案、依据、生效日期、失效日期、风险提示、版本"
_SHOWN = 200
_DONE = "upload_done"


def files(wiring: Wiring, entries: Sequence[FaqEntry]) -> None:
    """Download and upload side by side."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        _download(wiring, entries)
    with right:
        _upload(wiring, entries)


def _download(wiring: Wiring, entries: Sequence[FaqEntry]) -> None:
    st.subheader("导出")
    st.caption(f"在用的 {len(entries)} 个条目；一行一个条目，相似问在一个单元格里每行一个。")
    name, lines = wiring.settings.workspace, wiring.knowledge_store.out_of_scope()
    kinds: tuple[tuple[str, str, Callable[[], bytes]], ...] = (
        ("xlsx", _XLSX, lambda: write_xlsx(entries)),
        ("csv", "text/csv", lambda: write_csv(entries)),
        ("yaml", "application/yaml", lambda: write_yaml(entries, lines)),
    )
    with st.container(horizontal=True):
        for kind, mime, made in kinds:
            # A callable is only run when the button is pressed.
            st.download_button(
                kind.upper(), made, f"knowledge-{name}.{kind}", mime, icon=":material/download:"
            )


def _upload(wiring: Wiring, entries: Sequence[FaqEntry]) -> None:
    st.subheader("导入")
    if told := st.session_state.pop(_DONE, None):
        st.success(escape_markdown(told))
    st.caption(
        f"列：{_COLUMNS}。一行一个条目，或一行一个问法（同一编号的行合为一个条目）。"
        "表里没有的列和库里多出的条目保持不变。"
    )
    count = st.session_state.setdefault("uploads", 0)
    file = st.file_uploader(
        "文件", [kind[1:] for kind in KINDS], max_upload_size=50, key=f"upload-{count}"
    )
    if file is None:
        return
    loaded = _read(Path(file.name).name, file.getvalue(), entries)
    _problems(loaded)
    changed = _changed(loaded, entries)
    if not changed:
        st.info(f"读取 {len(loaded.entries)} 条，与在用内容没有差别。")
        return
    st.dataframe(
        [{"编号": e.id, "标准问": e.question, "改动": what} for e, what in changed[:_SHOWN]],
        hide_index=True,
        width="stretch",
    )
    st.caption(f"读取 {len(loaded.entries)} 条，{len(changed)} 条有改动。")
    _keep(wiring, [entry for entry, _ in changed], count)


def _read(name: str, raw: bytes, entries: Sequence[FaqEntry]) -> Loaded:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(raw)
        return load(path, entries)


def _problems(loaded: Loaded) -> None:
    for severity, show in ((Severity.ERROR, st.error), (Severity.WARNING, st.warning)):
        lines = [str(p) for p in loaded.problems if p.severity is severity]
        if lines:
            more = [f"……另有 {len(lines) - 20} 处"] if len(lines) > 20 else []
            show("  \n".join(escape_markdown(line) for line in lines[:20] + more))


def _changed(loaded: Loaded, entries: Sequence[FaqEntry]) -> list[tuple[FaqEntry, str]]:
    """Entries that differ from what is published, made from the version the file names."""
    published = {entry.id: entry for entry in entries}
    found = []
    for entry in loaded.entries:
        live = published.get(entry.id)
        fields = [change.label for change in field_changes(live, entry)]
        if fields:
            version = entry.version or (live.version if live else 0)
            what = "、".join(fields) if live else "新条目"
            found.append((replace(entry, version=version), what))
    return found


def _keep(wiring: Wiring, entries: Sequence[FaqEntry], count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = person("姓名（必填）", "upload-by")
        submit = st.button("全部提交审核", type="primary", key="upload-submit")
        publish = not wiring.settings.four_eyes and st.button("直接发布", key="upload-publish")
    if not (submit or publish) or refused([] if name else ["请填写姓名。"]):
        return
    if publish:
        bases = {entry.id: entry.version for entry in entries}
        try:
            done = wiring.knowledge_store.publish(entries, name, now(), bases=bases)
        except AssistError as error:
            refused([explained(error)])
            return
        told = f"已发布 {done} 条，{bring_up_to_date(wiring)}"
    else:
        done, wrong = _submit(wiring, entries, name)
        if wrong:
            refused(wrong)
            return
        told = f"已提交 {done} 份草稿，见「审核」。"
    st.session_state["uploads"] = count + 1
    st.session_state[_DONE] = told
    st.rerun()


def _submit(wiring: Wiring, entries: Sequence[FaqEntry], name: str) -> tuple[int, list[str]]:
    """How many drafts were submitted, and why the others were not."""
    done, wrong = 0, []
    for entry in entries:
        try:
            item = wiring.draft_desk.write(entry, name, now())
            wiring.draft_desk.submit(item.number, name, now())
            done += 1
        except ReviewError as error:
            wrong.append(f"{entry.id}：{explained(error)}")
    return done, wrong
