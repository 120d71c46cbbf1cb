"""Gift cards and store credit, as our ledger has them."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.deps import DEFAULT_LIMIT, Ctx, Cursor, Limit, Reader
from use_cases import credit
from use_cases.credit import Statement

router = APIRouter(prefix="/credit", tags=["credit"])

Account = Annotated[
    str,
    Path(
        pattern=r"^[^\x00]{1,300}$",
        description="A gift card's number, or `credit/` and the customer's reference.",
    ),
]


@router.get("/{account:path}", operation_id="getCredit")
async def get_credit(
    account: Account, context: Ctx, _: Reader, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Statement:
    """Read what an account holds and what was booked on it, last first."""
    return await credit.statement(context, account, limit, cursor)
