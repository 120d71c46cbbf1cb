"""Whether all that was promised came true: answers, states, money, mails, and nothing else."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

import asyncpg

from bench.asking import Answered
from bench.installed import Installed
from bench.orders import TIMINGS, Ask, Json
from sandbox import control
from sandbox.cards import Cards
from sandbox.control import Operation
from storage.database import make_engine, make_sessions
from storage.invariants import violations

Rows = Mapping[str, list[Any]]


def answers(answered: Sequence[Answered]) -> list[str]:
    """Where an answer is not the published one. What the source leaves open is not compared."""
    wrong = []
    for one in answered:
        ours, right = _told(one.answer), one.ask.expected
        for name, value in ours.items():
            if right.get(name) is not None and right[name] != value:
                wrong.append(f"{one.ask.order}: {name} is {value}, not {right[name]}")
        if one.ask.is_eligible and _promised(one.answer) != _right(one.ask):
            wrong.append(f"{one.ask.order}: refunds {_promised(one.answer)}, not {_right(one.ask)}")
    return wrong


def _told(answer: Json) -> Json:
    tenders = answer["decision"]["tenders"]
    return {
        "eligible": answer["outcome"] in ("accepted", "needs_approval"),
        "refund_minor": answer["refund_minor"],
        "fee_minor": answer["fee_minor"],
        "needs_approval": answer["outcome"] == "needs_approval",
        "refund_method": tenders[0]["form"] if tenders else None,
    }


def _promised(answer: Json) -> list[tuple[str, str, int, str]]:
    return [
        (one["id"], one["method"], one["amount_minor"], one["timing"])
        for one in answer["decision"]["tenders"]
    ]


def _right(ask: Ask) -> list[tuple[str, str, int, str]]:
    return [
        (one["ref"], one["method"], one["amount_minor"], TIMINGS[one["timing"]])
        for one in ask.refunds
    ]


async def ends(installed: Installed, answered: Sequence[Answered]) -> list[str]:
    """Where the data is not as the answers promised: states, lines, refunds, ledger, mails."""
    connection = await asyncpg.connect(installed.database)
    try:
        found = {name: await _by_order(connection, query) for name, query in _QUERIES.items()}
    finally:
        await connection.close()
    files = _mail_files(installed.data / "mail")
    wrong = [fault for one in answered for fault in _faults(one, found, files)]
    wrong += await _provider(installed, [one.ask for one in answered])
    return wrong + await _broken_promises(installed.database)


def _faults(one: Answered, found: Mapping[str, Rows], files: Counter[str]) -> Iterator[str]:
    ask = one.ask
    seen = {name: rows.get(ask.order, []) for name, rows in found.items()}
    (order,) = seen["orders"]
    expected = _cancelled(ask) if ask.is_eligible else _untouched(order)
    ours = {
        "state": order["state"],
        "cancelled quantity": order["cancelled"],
        "hold": order["held"],
        "cancellations": [(row["state"], row["reason"]) for row in seen["cancellations"]],
        "refunds": [tuple(row)[1:] for row in seen["refunds"]],
        "credit": [tuple(row)[1:] for row in seen["credit"]],
        "mails": sorted(tuple(row)[1:] for row in seen["mails"]),
        "mail files": files[one.id],
    }
    expected["cancellations"] = [(expected.pop("ending"), ask.reason)]
    expected["cancelled quantity"] = order["quantity"] if ask.is_eligible else 0
    for name, value in expected.items():
        if ours[name] != value:
            yield f"{ask.order}: {name} {ours[name]}, not {value}"


def _cancelled(ask: Ask) -> dict[str, Any]:
    ledger = [one for one in ask.refunds if one["method"] == "gift_card"]
    return {
        "state": "cancelled",
        "hold": False,
        "ending": "cancelled",
        "refunds": [
            (
                *(one["ref"], one["method"], one["amount_minor"], "original"),
                *("succeeded", ask.payment_ref(one["ref"]), one["amount_minor"]),
            )
            for one in ask.refunds
        ],
        "credit": [(ask.payment_ref(one["ref"]), one["amount_minor"]) for one in ledger],
        "mails": [("business", "cancelled", "sent"), ("customer", "cancelled", "sent")],
        "mail files": 2,
    }


def _untouched(order: Any) -> dict[str, Any]:
    return {
        "state": "cancelled" if order["elsewhere"] else "none",
        "hold": False,
        "ending": "declined",
        "refunds": [],
        "credit": [],
        "mails": [],
        "mail files": 0,
    }


async def _by_order(connection: Any, query: str) -> Rows:
    found = defaultdict(list)
    for row in await connection.fetch(query):
        found[row["order"]].append(row)
    return found


_QUERIES = {
    "orders": """
        SELECT s.ref AS order, s.cancellation_state AS state,
            s.cancelled_elsewhere_at IS NOT NULL AS elsewhere, h.subject_id IS NOT NULL AS held,
            sum(l.quantity)::int AS quantity, sum(l.quantity_cancelled)::int AS cancelled
        FROM subjects s JOIN lines l ON l.subject_id = s.id LEFT JOIN holds h ON h.subject_id = s.id
        WHERE s.kind = 'order' GROUP BY s.id, h.subject_id
    """,
    "cancellations": """
        SELECT s.ref AS order, c.state, c.reason
        FROM cancellations c JOIN subjects s ON s.id = c.subject_id
    """,
    "refunds": """
        SELECT s.ref AS order, r.tender_id, r.method, r.amount_minor, r.form, r.state,
            r.payment_ref, t.returned_minor
        FROM refunds r JOIN subjects s ON s.id = r.subject_id
        JOIN tenders t ON t.subject_id = r.subject_id AND t.id = r.tender_id
    """,
    "credit": """
        SELECT s.ref AS order, e.account, e.amount_minor
        FROM ledger_postings e JOIN tenders t ON t.payment_ref = e.account
        JOIN subjects s ON s.id = t.subject_id
    """,
    "mails": """
        SELECT s.ref AS order, n.audience, n.template, n.state
        FROM notifications n JOIN subjects s ON s.id = n.subject_id
    """,
}


def _mail_files(folder: Path) -> Counter[str]:
    """How many mails the catcher has for each cancellation."""
    read = BytesHeaderParser()
    caught: Counter[str] = Counter()
    for file in folder.glob("*.eml"):
        with file.open("rb") as mail:
            caught[str(read.parse(mail)["X-Rescind-Cancellation"])] += 1
    return caught


async def _provider(installed: Installed, asks: Iterable[Ask]) -> list[str]:
    """Where the card processor's own records differ: one refund each, and no other."""
    wrong = []
    async with Cards.open(installed.database) as cards:
        created = Counter(call.ref for call in await control.calls(cards, None, Operation.CREATE))
        for ask in asks:
            back = {one["ref"]: one["amount_minor"] for one in ask.refunds}
            for tender in ask.tenders:
                if tender["method"] != "gift_card":
                    ref = ask.payment_ref(tender["id"])
                    right = [back[tender["id"]]] if tender["id"] in back else []
                    wrong += await _payment(cards, ref, right, created[ref])
    return wrong


async def _payment(cards: Cards, ref: str, right: list[int], created: int) -> list[str]:
    made = [(one.amount, one.state) for one in await control.refunds_of(cards, ref)]
    payment = await control.payment(cards, ref)
    if payment is None:
        return [f"{ref}: the card processor does not know it"]
    wanted = [(amount, "succeeded") for amount in right]
    if (made, payment.refunded, created) != (wanted, sum(right), len(right)):
        return [f"{ref}: the processor has {made} in {created} calls, not {wanted}"]
    return []


async def _broken_promises(database: str) -> list[str]:
    engine = make_engine(database, connections=2)
    async with make_sessions(engine)() as session:
        found = await violations(session)
    await engine.dispose()
    return [f"broken: {one.promise}: {one.where}" for one in found]
