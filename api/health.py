"""Whether the process lives, and whether what it needs can be reached. Open to all."""

import asyncio
from enum import StrEnum
from http import HTTPStatus

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.deps import Ctx
from use_cases.context import Context

router = APIRouter(prefix="/health", tags=["health"])

_PATIENCE = 2.0


class Standing(StrEnum):
    OK = "ok"
    UNREACHABLE = "unreachable"


class Liveness(BaseModel):
    status: Standing


class Readiness(BaseModel):
    """Ready when both are."""

    database: Standing
    temporal: Standing


@router.get("/live", operation_id="live")
async def live() -> Liveness:
    """Say that the process answers."""
    return Liveness(status=Standing.OK)


@router.get("/ready", operation_id="ready", responses={503: {"model": Readiness}})
async def ready(context: Ctx, response: Response) -> Readiness:
    """Say whether the database and Temporal can be reached: 200, or 503 naming which can't."""
    database, temporal = await asyncio.gather(_database_is_up(context), context.runs.is_up())
    if not (database and temporal):
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return Readiness(database=_standing(database), temporal=_standing(temporal))


def _standing(is_up: bool) -> Standing:
    return Standing.OK if is_up else Standing.UNREACHABLE


async def _database_is_up(context: Context) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE), context.sessions() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return False
    return True
