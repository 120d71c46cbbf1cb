"""An account is read with what was booked on it."""

from datetime import UTC, datetime
from uuid import uuid4

from domain.ledger import Counter, Occasion, Posting, Transaction
from domain.money import Money
from storage import credit
from tests.api.conftest import Shop
from use_cases.actors import Scope


async def test_an_account_shows_its_balance_and_its_entries_page_by_page(shop: Shop) -> None:
    async with shop.context.sessions.begin() as session:
        for minor in (500, 300, -200):
            amounts = {"credit/anna": minor, Counter.OPENING: -minor}
            postings = tuple(
                Posting(account=account, amount=Money(minor=amount, currency="EUR"))
                for account, amount in amounts.items()
            )
            await credit.post(
                session,
                Transaction(
                    id=uuid4(),
                    occasion=Occasion.OPENING,
                    postings=postings,
                    at=datetime(2026, 3, 1, tzinfo=UTC),
                ),
            )
    reader = await shop.as_key(Scope.READ)
    first = (await reader.get("/v1/credit/credit/anna?limit=2")).json()
    assert first["balances"] == [{"minor": 600, "currency": "EUR"}]
    rest = (await reader.get("/v1/credit/credit/anna", params={"cursor": first["next"]})).json()
    found = [entry["amount"]["minor"] for entry in first["entries"] + rest["entries"]]
    assert found == [-200, 300, 500]
    assert rest["next"] is None
    unknown = await reader.get("/v1/credit/nobody")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "account_not_found")
