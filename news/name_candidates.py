"""Every written form of a listed company's name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from news.ambiguity import AmbiguousName, NameKind, NameRules
from news.comparable import comparable
from news.errors import DataFileError
from news.securities import SecuritiesMaster, Security


class LinkMethod(StrEnum):
    """How a mention names its company, surest first."""

    CODE = "code"
    FULL_NAME = "full_name"
    SHORT_NAME = "short_name"
    FORMER_NAME = "former_name"
    ALIAS = "alias"


_RANK = {method: rank for rank, method in enumerate(LinkMethod)}


@dataclass(frozen=True, slots=True)
class NameEntry:
    """What one written form may mean.

    `companies` holds ids, likeliest bearer first; empty for a phrase that means no company.
    `kind` is None for a name that hardly means anything else. `established` names need the company
    to be known from elsewhere in the text (two-character remains of 退市 and ST names).
    """

    companies: tuple[str, ...]
    method: LinkMethod
    kind: NameKind | None = None
    evidence: tuple[str, ...] = ()
    established: bool = False
    preference: int = 0
    """Order among bearers of one form: a present listing's own name before a stripped one."""


_MARK = re.compile(r"^(?:S\*ST|\*ST|SST|ST|PT|XD|XR|DR|[SNCGUW](?=[\u3400-\u9fff]))")
_CUT_MARK = re.compile(r"^(?:XD|XR|DR)")
_TAIL = re.compile(r"(?<=[\u3400-\u9fff])(?:A退|B退|退|[AB])$")
_LEGAL_FORM = re.compile(r"(?:集团)?(?:股份有限公司|有限责任公司|股份公司|有限公司)(?:\(集团\))?$")
_BRACKETED = re.compile(r"\([^()]*\)")
_PLAIN = re.compile(r"[\u3400-\u9fff]{3,4}")
_MIN_ROOT = 4
_MIN_STOCK_ROOT = 6
_PLACE_BEARERS = 5


def written_forms(master: SecuritiesMaster, rules: NameRules) -> dict[str, NameEntry]:
    """All forms of all names, as `comparable` text, each with what it may mean.

    Raises DataFileError where an alias names a code that the master does not hold.
    """
    found: dict[str, list[NameEntry]] = defaultdict(list)
    for security in master.securities:
        company = master.company_id(security)
        for name, method in _names(security):
            delisted = 2 * (security.list_date is None)
            other = name not in (security.short_name, security.full_name)
            found[comparable(name)].append(_entry(company, name, method, delisted + other))
        for name in _remains(security):
            entry = NameEntry((company,), LinkMethod.SHORT_NAME, NameKind.SHORT, (), True)
            found[comparable(name)].append(entry)
    for name, entry in _roots(master):
        if name not in found:
            found[name].append(entry)
    for prefix, company in _board_forms(master, rules).items():
        if prefix not in found:
            found[prefix].append(NameEntry((company,), LinkMethod.SHORT_NAME))
    forms = {name: _merge(entries) for name, entries in found.items()}
    return _with_rules(forms, master, rules)


def _names(security: Security) -> Iterator[tuple[str, LinkMethod]]:
    if security.full_name:
        for name in _full_forms(security.full_name):
            yield name, LinkMethod.FULL_NAME
    cut = bool(_CUT_MARK.match(security.short_name))
    if not cut:
        yield from ((n, LinkMethod.SHORT_NAME) for n in _short_forms(security.short_name))
    for former in security.former_names:
        # A name that the exchange cut to fit its mark (XD百联股) is still the present one.
        present = cut and former.startswith(_MARK.sub("", security.short_name))
        method = LinkMethod.SHORT_NAME if present else LinkMethod.FORMER_NAME
        yield from ((n, method) for n in _short_forms(former))


def _full_forms(full_name: str) -> tuple[str, ...]:
    name = comparable(full_name).split("(简称")[0]
    return tuple(dict.fromkeys((name, name.replace("(", "").replace(")", ""))))


def _short_forms(name: str) -> tuple[str, ...]:
    """The name itself and, where three characters or more remain, without its board marks."""
    name = name.split("(")[0]
    bare = _TAIL.sub("", name)
    stripped = _TAIL.sub("", _MARK.sub("", name))
    share_class = name[-1] in "AB"
    forms = [name]
    forms += [f for f in (bare, stripped) if len(f) > 2 or (share_class and f == bare)]
    return tuple(dict.fromkeys(f for f in forms if len(f) > 1))


def _remains(security: Security) -> tuple[str, ...]:
    stripped = _TAIL.sub("", _MARK.sub("", security.short_name))
    cut = _CUT_MARK.match(security.short_name)
    return (stripped,) if len(stripped) == 2 and stripped != security.short_name and not cut else ()


def _entry(company: str, name: str, method: LinkMethod, preference: int) -> NameEntry:
    short = len(name) == 2
    kind = NameKind.SHORT if short else None
    remains = short and method is LinkMethod.FORMER_NAME
    return NameEntry((company,), method, kind, (), remains, preference)


def _roots(master: SecuritiesMaster) -> Iterator[tuple[str, NameEntry]]:
    """Full names without their legal form (贵州茅台酒), where only one company has that root."""
    bearers: dict[str, set[str]] = defaultdict(set)
    places = _places(master)
    for security in master.securities:
        forms = _root_forms(security.full_name) | _stock_forms(security.full_name, places)
        for form in forms:
            bearers[form].add(master.company_id(security))
    for root, companies in bearers.items():
        if len(companies) == 1:
            yield root, NameEntry(tuple(companies), LinkMethod.FULL_NAME)


def _root_forms(full_name: str) -> set[str]:
    roots = {_LEGAL_FORM.sub("", form) for form in _full_forms(full_name) if full_name}
    roots |= {_BRACKETED.sub("", root) for root in roots}
    return {root for root in roots if len(root) >= _MIN_ROOT}


def _places(master: SecuritiesMaster) -> frozenset[str]:
    """Beginnings that many full names share: provinces and cities."""
    names = (s.full_name for s in master.securities if s.full_name)
    counts = Counter(name[:k] for name in names for k in (2, 3))
    return frozenset(place for place, n in counts.items() if n >= _PLACE_BEARERS)


def _stock_forms(full_name: str, places: frozenset[str]) -> set[str]:
    """Names as Hong Kong's board writes them: without place and 有限公司 (京城机电股份)."""
    name = comparable(full_name)
    if not name.endswith("股份有限公司"):
        return set()
    whole = name.removesuffix("有限公司")
    cut = {whole[k:] for k in (2, 3) if whole[:k] in places}
    return {form for form in {whole, *cut} if len(form) >= _MIN_STOCK_ROOT}


def _board_forms(master: SecuritiesMaster, rules: NameRules) -> dict[str, str]:
    """Names as the quotation board marks and cuts them, where only one company fits.

    `N` and `C` stand before a new listing (N贝特, C贝特瑞), XD, XR and DR on a day without rights.
    """
    bearers: dict[str, set[str]] = defaultdict(set)
    names = [
        (name, master.company_id(security))
        for security in master.securities
        for name in (security.short_name, *security.former_names)
    ]
    names += [(f.name, _bearer(master, f.name, f.code)) for f in rules.former_names]
    for name, company in names:
        for form in _marked(comparable(name)) if _PLAIN.fullmatch(comparable(name)) else ():
            bearers[form].add(company)
    return {form: next(iter(ids)) for form, ids in bearers.items() if len(ids) == 1}


def _marked(name: str) -> Iterator[str]:
    yield from (f"{mark}{name[:k]}" for mark in ("N", "C", "ST", "*ST") for k in (2, 3))
    yield from (f"{mark}{name[:3]}" for mark in ("XD", "XR", "DR"))


def _merge(entries: Sequence[NameEntry]) -> NameEntry:
    """One entry per form: the surest method decides, its bearers come first."""
    if len(entries) == 1:
        return entries[0]
    ranked = sorted(entries, key=lambda e: (e.established, _RANK[e.method], e.preference))
    companies = dict.fromkeys(company for entry in ranked for company in entry.companies)
    return replace(ranked[0], companies=tuple(companies))


def _with_rules(
    forms: dict[str, NameEntry], master: SecuritiesMaster, rules: NameRules
) -> dict[str, NameEntry]:
    for full in rules.full_names:
        entry = NameEntry((_bearer(master, full.name, full.code),), LinkMethod.FULL_NAME)
        forms |= {form: entry for form in _full_forms(full.name)}
        for root in _root_forms(full.name):
            if root not in forms or forms[root].method is LinkMethod.FULL_NAME:
                forms[root] = entry
    for former in rules.former_names:
        _add_former(forms, former.name, _bearer(master, former.name, former.code))
    for alias in rules.aliases:
        company = _bearer(master, alias.name, alias.code)
        evidence = tuple(comparable(word) for word in alias.evidence)
        forms[comparable(alias.name)] = NameEntry(
            (company,), LinkMethod.ALIAS, alias.kind, evidence
        )
    for name in rules.names:
        _mark_ambiguous(forms, name)
    for phrase in rules.phrases:
        forms[comparable(phrase)] = NameEntry((), LinkMethod.ALIAS)
    return forms


def _add_former(forms: dict[str, NameEntry], name: str, company: str) -> None:
    """A former name that the master lacks; who bears the name now comes first."""
    for short in _short_forms(name):
        form, entry = comparable(short), _entry(company, short, LinkMethod.FORMER_NAME, 1)
        known = forms.get(form)
        if known is None:
            forms[form] = entry
        elif company not in known.companies:
            forms[form] = replace(known, companies=(*known.companies, company))


def _bearer(master: SecuritiesMaster, name: str, code: str) -> str:
    security = master.by_code(code)
    if security is None:
        raise DataFileError(
            f"name {name!r}: no security has the code {code!r}; correct the code or remove the name"
        )
    return master.company_id(security)


def _mark_ambiguous(forms: dict[str, NameEntry], name: AmbiguousName) -> None:
    form = comparable(name.name)
    # A name of a company that has left the master stays in the table without effect.
    if form in forms:
        evidence = tuple(comparable(word) for word in name.evidence)
        forms[form] = replace(forms[form], kind=name.kind, evidence=evidence, established=False)
