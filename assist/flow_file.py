"""Flows as YAML files: one file a flow, read with the line of everything that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from assist.errors import FlowError
from assist.flow import Flow
from assist.flow_form import FIRST_KEYS, FlowForm, known_fields
from assist.knowledge_found import Problem, Severity


@dataclass(frozen=True, slots=True)
class FlowLines:
    """In which line of which file each step of a flow stands; `of("")` is the flow itself."""

    file: str
    steps: Mapping[str, int]

    def of(self, step_id: str) -> str:
        """The place of a step, as `file.yaml:12`."""
        return f"{self.file}:{self.steps.get(step_id, 1)}"


@dataclass(frozen=True, slots=True)
class LoadedFlows:
    """What a folder holds: the flows that could be read, their places, and what is wrong."""

    flows: tuple[Flow, ...]
    lines: Mapping[str, FlowLines]
    problems: tuple[Problem, ...]


def load_flows(source: Path) -> LoadedFlows:
    """Read a file or every *.yaml file of a folder; problems are values, not errors."""
    if source.is_dir():
        files = sorted(p for p in source.iterdir() if p.suffix in (".yaml", ".yml"))
    else:
        files = [source]
    found: dict[str, Flow] = {}
    lines: dict[str, FlowLines] = {}
    problems: list[Problem] = []
    for path in files:
        flow, places, wrong = read_flow(path)
        problems += wrong
        if flow is None:
            continue
        if flow.id in found:
            other = lines[flow.id].file
            problems.append(_error(path.name, f"flow {flow.id!r} stands in {other} too"))
            continue
        found[flow.id] = flow
        lines[flow.id] = places
    if not found and not problems:
        problems.append(_error(str(source), "holds no flow; add a file as reset-password.yaml"))
    return LoadedFlows(tuple(found.values()), lines, tuple(problems))


def sound_flows(source: Path) -> tuple[Flow, ...]:
    """The flows of a file or folder; raises FlowError that lists what is wrong."""
    loaded = load_flows(source)
    if loaded.problems:
        listed = "\n  ".join(str(problem) for problem in loaded.problems)
        raise FlowError(f"{source}: {len(loaded.problems)} problems\n  {listed}")
    return loaded.flows


def read_flow(path: Path) -> tuple[Flow | None, FlowLines, tuple[Problem, ...]]:
    """The flow of one file with the lines of its steps, or None and what is wrong."""
    nothing = FlowLines(path.name, {})
    try:
        text = path.read_bytes().decode("utf-8-sig")
        node = yaml.compose(text, Loader=_Loader)
        raw = yaml.load(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        message = f"is no UTF-8 text (byte {error.start}); save the file as UTF-8"
        return None, nothing, (_error(path.name, message),)
    except yaml.YAMLError as error:
        return None, nothing, (_broken_yaml(path, error),)
    except (OSError, ValueError, RecursionError) as error:
        return None, nothing, (_error(path.name, f"cannot be read ({error})"),)
    repeated = tuple(_repeated(path.name, node)) if node else ()
    if repeated:
        return None, nothing, repeated
    if not isinstance(raw, dict):
        return None, nothing, (_error(path.name, "must hold a flow, beginning with `id:`"),)
    try:
        flow = FlowForm.model_validate(raw).flow()
    except ValidationError as error:
        return None, nothing, tuple(_problems(path.name, node, error))
    return flow, FlowLines(path.name, _step_lines(node)), ()


class _Loader(yaml.SafeLoader):
    """Reads only true, false, whole numbers and null as such: yes, no, dates and 1.50 are text."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile("^(?:0|-?[1-9][0-9]{0,15})$"), list("-0123456789")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^(?:~|null|)$"), ["~", "n", ""])


def _error(place: str, message: str) -> Problem:
    return Problem(Severity.ERROR, place, message)


def _broken_yaml(path: Path, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    place = f"{path.name}:{mark.line + 1}" if mark else path.name
    what = str(getattr(error, "problem", None) or error).splitlines()[0]
    hint = "; indent with blanks, YAML takes no tabs" if "\\t" in what or "\t" in what else ""
    return _error(place, f"is no valid YAML: {what}{hint}")


def _repeated(file: str, node: yaml.Node) -> Iterable[Problem]:
    """Fields that stand twice in one place: YAML would silently keep the last one."""
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    first = seen[key.value]
                    message = f"{key.value!r} stands in line {first} already; keep one of them"
                    yield _error(f"{file}:{line}", message)
                seen.setdefault(key.value, line)
            yield from _repeated(file, value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(file, item)


def _problems(file: str, node: yaml.Node | None, error: ValidationError) -> Iterable[Problem]:
    for item in error.errors():
        loc = item["loc"]
        line, name = _placed(node, loc)
        kind, message = item["type"], item["msg"].removeprefix("Value error, ")
        if kind == "missing":
            message = "is missing"
        elif kind == "extra_forbidden":
            known = ", ".join(known_fields(loc))
            message = "is no known field" + (f"; known are {known}" if known else "")
        elif kind in ("union_tag_not_found", "union_tag_invalid"):
            message = f"is no step; give it one of {', '.join(FIRST_KEYS)}"
        elif kind == "string_pattern_mismatch":
            message = f"{item['input']!r} must be lower-case letters, digits, - or _"
        elif isinstance(item["input"], str | int):
            message = f"{message} (given {str(item['input'])[:40]!r})"
        yield _error(f"{file}:{line}", f"{name}: {message}")


def _placed(node: yaml.Node | None, loc: Sequence[str | int]) -> tuple[int, str]:
    """Line of what an error is about, and its name without the tags of step kinds."""
    line, named = 1, []
    if loc and loc[0] == "steps":
        loc = (*loc[:2], *loc[3:])  # the third part is only the tag of the step's kind
    for part in loc:
        found = _child(node, part)
        if found is None:
            if part == loc[-1]:
                named.append(str(part))
            continue  # a field that is missing
        mark, node = found
        line = mark + 1
        step = _scalar(node, "id") if isinstance(part, int) else None
        named.append(f"{part + 1} ({step})" if isinstance(part, int) and step else _shown(part))
    return line, ".".join(named) or "the file"


def _shown(part: str | int) -> str:
    return str(part + 1) if isinstance(part, int) else part


def _child(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item = node.value[part]
        return item.start_mark.line, item
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line, value
    return None


def _scalar(node: yaml.Node, name: str) -> str | None:
    found = _child(node, name)
    return found[1].value if found and isinstance(found[1], yaml.ScalarNode) else None


def _step_lines(node: yaml.Node | None) -> dict[str, int]:
    found = _child(node, "steps")
    steps = found[1].value if found and isinstance(found[1], yaml.SequenceNode) else ()
    return {_scalar(step, "id") or "": step.start_mark.line + 1 for step in steps}
