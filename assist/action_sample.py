"""Sample actions over invented customers, so that every flow runs from an empty clone.

Nothing is sent: what would have been stands in the workspace's outbox.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path

from assist.action import CUSTOMER, ActionOrder
from assist.action_store import ActionOutbox
from assist.errors import ActionError, KnowledgeError
from assist.trading_days import TradingDays
from news.published import CHINA

CHINEXT_ASSETS = Decimal(100_000)
CHINEXT_MONTHS = 24
"""创业板投资者适当性管理实施办法（2020年修订）: 20 days' assets in yuan, months."""
_CHINEXT_RISK = ("C3", "C4", "C5")
_DESK_HOURS = (time(9, 0), time(17, 30))


@dataclass(frozen=True, slots=True)
class SampleCustomer:
    """A row of customers.sample.tsv. Money in yuan, `average` over 20 trading days.

    `permissions`, `positions` and `orders` are texts as they are said; `system` is `ok`, or `down`
    for a customer whose every account request fails.
    """

    customer: str
    name: str
    id_number: str
    phone: str
    fund_account: str
    available: Decimal
    frozen: Decimal
    market_value: Decimal
    average: Decimal
    first_trade: date
    risk: str
    permissions: tuple[str, ...]
    positions: tuple[str, ...]
    orders: tuple[str, ...]
    system: str


def read_customers(path: Path) -> tuple[SampleCustomer, ...]:
    """Read the file; raises KnowledgeError with the line of what is wrong."""
    names = [field.name for field in fields(SampleCustomer)]
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path}: cannot be read ({error})") from error
    found = []
    for line, row in enumerate(rows, start=2):
        if list(row) != names or None in row.values():
            raise KnowledgeError(f"{path}:{line}: columns must be {', '.join(names)}")
        try:
            found.append(_customer(row))
        except (ValueError, InvalidOperation) as error:
            raise KnowledgeError(f"{path}:{line}: {error or 'a sum is no number'}") from error
    return tuple(found)


def _customer(row: Mapping[str, str]) -> SampleCustomer:
    def several(name: str) -> tuple[str, ...]:
        return tuple(part for part in row[name].split("；") if part)

    return SampleCustomer(
        row["customer"], row["name"], row["id_number"], row["phone"], row["fund_account"],
        Decimal(row["available"]), Decimal(row["frozen"]), Decimal(row["market_value"]),
        Decimal(row["average"]), date.fromisoformat(row["first_trade"]), row["risk"],
        several("permissions"), several("positions"), several("orders"), row["system"],
    )  # fmt: skip


class SampleActions:
    """Every published action over sample customers."""

    def __init__(
        self,
        customers: tuple[SampleCustomer, ...],
        outbox: ActionOutbox,
        trading_days: TradingDays | None = None,
    ) -> None:
        self._customers = {c.customer: c for c in customers}
        self._outbox = outbox
        self._trading_days = trading_days
        self._doers: dict[str, Callable[[ActionOrder], Mapping[str, str]]] = {
            "verify_customer": self._verify,
            "contact_record": self._contact,
            "send_reset_link": self._reset,
            "account_assets": self._assets,
            "account_positions": self._positions,
            "recent_orders": self._orders,
            "chinext_check": self._chinext,
            "book_callback": self._callback,
            "file_complaint": self._complaint,
        }

    def run(self, order: ActionOrder) -> Mapping[str, str]:
        """What the sample system returns; raises ActionError for what it does not do."""
        doer = self._doers.get(order.action)
        if doer is None:
            raise ActionError(
                f"the sample system has no action {order.action!r}; it has"
                f" {', '.join(self._doers)}: give the action `adapter: http`"
            )
        return doer(order)

    def _verify(self, order: ActionOrder) -> Mapping[str, str]:
        asked = order.arguments
        for known in self._customers.values():
            if (known.id_number, known.phone) == (asked["id_number"], asked["phone"]):
                return {"verified": "yes", CUSTOMER: known.customer}
        return {"verified": "no"}

    def _contact(self, order: ActionOrder) -> Mapping[str, str]:
        return {"phone_tail": self._of(order).phone[-4:]}

    def _reset(self, order: ActionOrder) -> Mapping[str, str]:
        tail = self._of(order).phone[-4:]
        line = f"短信（尾号{tail}）：重置交易密码的链接，十分钟内有效"
        return self._outbox.once(order.key, order.action, line, lambda number: {}, order.now)

    def _assets(self, order: ActionOrder) -> Mapping[str, str]:
        known = self._of(order)
        total = known.available + known.frozen + known.market_value
        return {
            "account_tail": known.fund_account[-4:],
            "available": f"{known.available:.2f}",
            "frozen": f"{known.frozen:.2f}",
            "market_value": f"{known.market_value:.2f}",
            "total": f"{total:.2f}",
        }

    def _positions(self, order: ActionOrder) -> Mapping[str, str]:
        known = self._of(order)
        return {"count": str(len(known.positions)), "positions": _listed(known.positions)}

    def _orders(self, order: ActionOrder) -> Mapping[str, str]:
        known = self._of(order)
        return {"count": str(len(known.orders)), "orders": _listed(known.orders)}

    def _chinext(self, order: ActionOrder) -> Mapping[str, str]:
        known = self._of(order)
        day = order.now.astimezone(CHINA).date()
        months = (day.year - known.first_trade.year) * 12 + day.month - known.first_trade.month
        months -= day.day < known.first_trade.day
        return {
            "opened": _yes("创业板" in known.permissions),
            "average": f"{known.average:.2f}",
            "months": str(max(0, months)),
            "assets_ok": _yes(known.average >= CHINEXT_ASSETS),
            "experience_ok": _yes(months >= CHINEXT_MONTHS),
            "risk_ok": _yes(known.risk in _CHINEXT_RISK),
        }

    def _callback(self, order: ActionOrder) -> Mapping[str, str]:
        at = datetime.fromisoformat(order.arguments["at"])
        at = at if at.tzinfo else at.replace(tzinfo=CHINA)
        at = at.astimezone(CHINA)
        first, last = _DESK_HOURS
        works = self._trading_days.is_open(at.date()) if self._trading_days else at.weekday() < 5
        if not (works and first <= at.time() <= last and at > order.now):
            return {"booked": "no", "ticket": "-"}
        line = f"预约回电：{at:%Y-%m-%d %H:%M}，尾号{order.arguments['phone'][-4:]}"

        def results(number: int) -> Mapping[str, str]:
            return {"booked": "yes", "ticket": _ticket("HD", order.now, number)}

        return self._outbox.once(order.key, order.action, line, results, order.now)

    def _complaint(self, order: ActionOrder) -> Mapping[str, str]:
        if not order.arguments["text"].strip():
            raise ActionError("a complaint without words cannot be filed")
        line = f"投诉工单：{order.arguments['category']}，尾号{order.arguments['phone'][-4:]}"
        return self._outbox.once(
            order.key, order.action, line,
            lambda number: {"ticket": _ticket("TS", order.now, number)}, order.now,
        )  # fmt: skip

    def _of(self, order: ActionOrder) -> SampleCustomer:
        known = self._customers.get(order.customer)
        if known is None:
            raise ActionError(f"action {order.action}: no such customer")
        if known.system != "ok":
            raise ActionError(f"action {order.action}: the account system does not answer")
        return known


def _listed(texts: tuple[str, ...]) -> str:
    return "；".join(texts) or "无"


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _ticket(kind: str, now: datetime, number: int) -> str:
    return f"{kind}{now.astimezone(CHINA):%Y%m%d}{number:04d}"
