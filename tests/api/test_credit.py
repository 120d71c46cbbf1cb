"""An account is read with what was booked on it, and a booking is taken back."""

from datetime import UTC, datetime
from uuid import uuid4

from domain.ledger import Counter, Occasion, Posting, Transaction
from domain.money import Money
from storage import credit
from storage.invariants import violations
from tests.api.conftest import Shop
from tests.api.test_cancellations import a_body, ask, until
from use_cases.actors import Scope


def moved(account: str, minor: int) -> Transaction:
    """A transaction out of the opening counter."""
    amounts = {account: minor, Counter.OPENING: -minor}
    return Transaction(
        id=uuid4(),
        occasion=Occasion.OPENING,
        postings=tuple(
            Posting(account=name, amount=Money(minor=amount, currency="EUR"))
            for name, amount in amounts.items()
        ),
        at=datetime(2026, 3, 1, tzinfo=UTC),
    )


async def test_an_account_shows_its_balance_and_its_entries_page_by_page(shop: Shop) -> None:
    async with shop.context.sessions.begin() as session:
        for minor in (500, 300, -200):
            await credit.post(session, moved("credit/anna", minor))
    reader = await shop.as_key(Scope.READ)
    first = (await reader.get("/v1/credit/credit/anna?limit=2")).json()
    assert first["balances"] == [{"minor": 600, "currency": "EUR"}]
    rest = (await reader.get("/v1/credit/credit/anna", params={"cursor": first["next"]})).json()
    found = [entry["amount"]["minor"] for entry in first["entries"] + rest["entries"]]
    assert found == [-200, 300, 500]
    assert rest["next"] is None
    unknown = await reader.get("/v1/credit/nobody")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "account_not_found")


async def test_a_mistaken_booking_is_taken_back_by_its_opposite_unless_it_was_spent(
    live: Shop,
) -> None:
    staff = await live.as_key(Scope.ADMIN)
    order = await live.order()
    asked = (await ask(staff, a_body(order))).json()
    done = await until(staff, f"/v1/cancellations/{asked['id']}", "cancelled")
    refund = done["refunds"][0]["id"]
    for _ in range(2):
        answer = await staff.post("/v1/credit/reversals", json={"refund_id": refund})
        assert answer.status_code == 204
    read = (await staff.get(f"/v1/refunds/{refund}")).json()
    assert (read["state"], read["failure"], read["attention"]) == ("failed", "taken_back", "refund")
    account = (await staff.get("/v1/credit/credit/c1")).json()
    assert account["balances"] == [{"minor": 0, "currency": "EUR"}]
    assert [entry["occasion"] for entry in account["entries"]] == ["reversal", "refund"]
    note = (await staff.get(f"/v1/refunds/{refund}/credit-note")).json()
    assert note["reversed_by"]

    again = await staff.post(f"/v1/refunds/{refund}/accept-credit")
    assert again.status_code in (200, 202)
    async with live.context.sessions() as session:
        assert await credit.balance(session, "credit/c1", "EUR") == 5_400
        assert await violations(session) == []
    async with live.context.sessions.begin() as session:
        await credit.post(session, moved("credit/c1", -5_400))
    spent = await staff.post("/v1/credit/reversals", json={"refund_id": refund})
    assert (spent.status_code, spent.json()["code"]) == (409, "credit_spent")
