"""Gift cards and store credit, as our ledger has them."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from api.deps import DEFAULT_LIMIT, Ctx, Cursor, Limit, Payer, Reader
from domain.values import Value
from use_cases import credit
from use_cases.credit import Statement


class Reversal(Value):
    """`refund_id`: whose booking is taken back."""

    refund_id: UUID


router = APIRouter(prefix="/credit", tags=["credit"])

Account = Annotated[
    str,
    Path(
        pattern=r"^[^\x00]{1,300}$",
        description="A gift card's number, or `credit/` and the customer's reference.",
    ),
]


@router.post("/reversals", operation_id="reverseCredit", status_code=HTTPStatus.NO_CONTENT)
async def reverse(body: Reversal, context: Ctx, actor: Payer) -> None:
    """Take a mistaken booking back by its opposite; its refund then waits for a person."""
    await credit.take_back(context, actor, body.refund_id)


@router.get("/{account:path}", operation_id="getCredit")
async def get_credit(
    account: Account, context: Ctx, _: Reader, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Statement:
    """Read what an account holds and what was booked on it, last first."""
    return await credit.statement(context, account, limit, cursor)
