"""Prices of cancellations, promised for a while."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Canceller, Ctx, Reader
from api.schemas import QuoteAnswer, QuoteRequest
from use_cases import quotes

router = APIRouter(prefix="/quotes", tags=["quotes"])


@router.post("", status_code=HTTPStatus.CREATED, operation_id="quoteCancellation")
async def quote(
    body: QuoteRequest, context: Ctx, actor: Canceller, response: Response
) -> QuoteAnswer:
    """Decide without doing anything; the price holds against the clock until it expires.

    Name the quote in a cancellation that says the same, once.
    """
    answer = QuoteAnswer.of(await quotes.quote(context, actor, body.asked()))
    response.headers["Location"] = answer.links.self
    return answer


@router.get("/{quote_id}", operation_id="getQuote")
async def get_quote(quote_id: UUID, context: Ctx, _: Reader) -> QuoteAnswer:
    """Read a quote again."""
    return QuoteAnswer.of(await quotes.get_quote(context, quote_id))
