"""What happens to one order: partial cancellations, attempts, faults, late failures, people."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from domain.attention import Choice, refund_choices
from domain.contracts import Settlement
from domain.errors import RefundTooHigh
from domain.lifecycle import CANCELLATION_AT_REST, REFUND_AT_REST, CancellationState
from domain.requests import Initiator
from sandbox import control
from sandbox.cards import Cards
from sandbox.control import Behaviour, Operation
from sandbox.records import CardRefund
from storage import refunds, subjects
from storage.cancellations import of_subject
from storage.refunds import RefundRow
from tests.end_to_end.conftest import DESK
from tests.refunds.purchases import PLACED_AT, Purchase, some_lines
from use_cases import cancellations, refund_requests
from use_cases.context import Context
from use_cases.intake import Asked, AskedLine
from use_cases.refund_intake import AskedRefund

NOES = ("declined", "expired_or_canceled_card", "insufficient_funds", "lost_or_stolen_card")
MOST_ROUNDS = 40
"""Rounds in which a refund comes to rest: its attempts, a few silences, a late failure."""

A_DAY = timedelta(hours=25)


class Clock:
    """The time of one story. It only goes on."""

    def __init__(self) -> None:
        self.now = PLACED_AT + timedelta(hours=1)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Story:
    """What happens to one order.

    `day` is shared with all who use the provider: its clock is theirs too, and no day passes while
    two ask for one refund at the same time, for between them it would forget the key of both.
    """

    purchase: Purchase
    context: Context
    cards: Cards
    clock: Clock
    chance: Random
    subject_id: UUID
    day: asyncio.Lock
    log: list[str] = field(default_factory=list)

    async def play(self) -> None:
        """Let a few things happen, then see to it that everything comes to rest."""
        for _ in range(self.chance.randint(3, 10)):
            (move,) = self.chance.choices(MOVES, WEIGHTS)
            await move(self)
        await self.come_to_rest()

    # What customers and staff do

    async def cancel(self) -> None:
        """Cancel some of what is left, now and then all of it, while the card may misbehave."""
        left = await self._open_lines()
        if not left:
            return
        await self._script()
        all_of_it = self.chance.random() < 0.25
        lines = {} if all_of_it else some_lines(self.chance, left)
        self.log.append(f"cancel {lines or 'the rest'}")
        asked = Asked(
            subject=self.purchase.ref,
            lines=tuple(AskedLine(id=id_, quantity=count) for id_, count in lines.items()),
        )
        await cancellations.request_cancellation(self.context, DESK, asked)

    async def give(self) -> None:
        """Staff return something without cancelling, or the customer asks for it: now and then more
        than there is, which is refused. Some of it waits for a second person's yes."""
        initiator = self.chance.choice((Initiator.STAFF, Initiator.CUSTOMER))
        most = self.purchase.paid // self.chance.choice((1, 5, 20))
        asked = AskedRefund(
            subject=self.purchase.ref,
            amount_minor=self.chance.randint(1, max(1, most)),
            reason="goodwill",
            initiator=initiator,
        )
        self.log.append(f"{initiator} ask for {asked.amount_minor} back")
        with suppress(RefundTooHigh):
            await refund_requests.request_refund(self.context, DESK, asked)

    async def answer(self) -> None:
        """A person or the customer says what is to become of a refund that waits."""
        rows = [row for row in await self.rows() if row.attention]
        if rows:
            row = self.chance.choice(rows)
            await self._say(row, sorted(refund_choices(row.state, row.attention)))

    async def look(self) -> None:
        """A webhook's hint or a poll, now and then two at once."""
        rows = [row for row in await self.rows() if row.state not in REFUND_AT_REST]
        if rows:
            row = self.chance.choice(rows)
            self.log.append(f"look at {row.id} {row.state}")
            looks = self.chance.choice((1, 1, 2))
            async with self.day:
                await asyncio.gather(*(self.context.runs.follow(row.id) for _ in range(looks)))

    # What the provider does

    async def move_on(self) -> None:
        """A refund that waits goes on at the provider, and a hint of it comes, or doesn't."""
        waiting = [one for one in await self._at_provider() if one.state in _WAITING]
        if waiting:
            await self._announce(self.chance.choice(waiting), self.chance.choice(_NEXT))

    async def fail_late(self) -> None:
        """A refund that had succeeded fails, and a hint of it comes."""
        done = [one for one in await self._at_provider() if one.state == "succeeded"]
        if done:
            refund = self.chance.choice(done)
            await self._announce(refund, "fail", hint=True)

    async def wait_a_day(self) -> None:
        """The provider forgets our keys, also an error 500 that it kept under one."""
        self.log.append("a day passes")
        self.clock.now += A_DAY
        async with self.day:
            await control.advance(self.cards, A_DAY)

    async def _announce(self, refund: CardRefund, what: str, hint: bool | None = None) -> None:
        self.log.append(f"provider: {what} {refund.key}")
        if what == "succeed":
            await control.succeed_later(self.cards, refund.id)
        elif what == "require action":
            await control.require_action_later(self.cards, refund.id)
        elif what == "cancel":
            await control.cancel_later(self.cards, refund.id)
        else:
            await control.fail_later(self.cards, refund.id, self.chance.choice(NOES))
        if hint if hint is not None else self.chance.random() < 0.7:
            await self.context.runs.follow(id_of(refund))

    async def _script(self) -> None:
        for ref in self.purchase.cards:
            for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
                behaviour, operation = self.chance.choice(_MISBEHAVIOUR)
                self.log.append(f"script {ref} {operation} {behaviour}")
                await control.script(
                    self.cards,
                    behaviour,
                    ref=ref,
                    operation=operation,
                    failure=self.chance.choice(NOES) if behaviour in _NOES else None,
                    retryable=self.chance.random() < 0.5,
                    seconds=0.4 if behaviour is Behaviour.ANSWERS_LATE else 0,
                )

    # The end

    async def come_to_rest(self) -> None:
        """No more faults: what waits at the provider goes on, and who is asked answers."""
        for ref in self.purchase.cards:
            await control.clear_scripts(self.cards, ref)
        for refund in await self._at_provider():  # as the nightly comparison finds it
            if refund.state == "failed":
                await self.context.runs.follow(id_of(refund))
        live: Sequence[RefundRow] = ()
        for _ in range(MOST_ROUNDS):
            live = await self._live()
            if not live:
                return
            if self.chance.random() < 0.3:
                await self.wait_a_day()
            for one in await self._at_provider():
                if one.state in _WAITING:
                    await control.succeed_later(self.cards, one.id)
            for row in live:
                await self._bring_on(row)
        raise AssertionError(f"never at rest: {[(r.id, r.state, r.attention) for r in live]}")

    async def _bring_on(self, row: RefundRow) -> None:
        offered = refund_choices(row.state, row.attention) if row.attention else frozenset()
        if not row.attention:
            await self.context.runs.follow(row.id)
        elif Choice.RETRY in offered and self.chance.random() < 0.3:
            await self._say(row, [Choice.RETRY])
        else:
            await self._say(row, sorted(offered))

    async def _say(self, row: RefundRow, offered: Sequence[Choice]) -> None:
        choice = self.chance.choice(offered)
        self.log.append(f"{choice} for {row.id} {row.state} {row.attention}")
        word = Settlement(refund_id=row.id, choice=choice, actor="staff/anna")
        await self.context.runs.settle(word)

    # Reading

    async def rows(self) -> list[RefundRow]:
        async with self.context.sessions() as session:
            return await refunds.of_subject(session, self.subject_id)

    async def _live(self) -> list[RefundRow]:
        """Refunds that must still come to rest: not those dropped with their cancellation."""
        async with self.context.sessions() as session:
            known = await of_subject(session, self.subject_id)
        dropped = {one.id for one in known if one.state in _PUT_BACK}
        return [
            row
            for row in await self.rows()
            if row.state not in REFUND_AT_REST and row.cancellation_id not in dropped
        ]

    async def _open_lines(self) -> list[tuple[str, int]]:
        async with self.context.sessions() as session:
            lines = await subjects.lines_of(session, self.subject_id)
        left = [(line.id, line.quantity - line.quantity_cancelled) for line in lines]
        return [(id_, open_) for id_, open_ in left if open_]

    async def _at_provider(self) -> list[CardRefund]:
        found = [await control.refunds_of(self.cards, ref) for ref in self.purchase.cards]
        return [refund for of_card in found for refund in of_card]


def id_of(refund: CardRefund) -> UUID:
    """Our refund behind one at the provider, by the key it was asked with."""
    return UUID(refund.key.split(":")[1])


_PUT_BACK = CANCELLATION_AT_REST - {CancellationState.CANCELLED}
_WAITING = ("pending", "requires_action")
_NEXT = ("succeed", "succeed", "fail", "require action", "cancel")
_NOES = (Behaviour.REJECTS, Behaviour.FAILS)
_MISBEHAVIOUR = [
    *((behaviour, Operation.CREATE) for behaviour in Behaviour if behaviour != Behaviour.HANGS),
    (Behaviour.REJECTS, Operation.CREATE),
    (Behaviour.ACCEPTS_PENDING, Operation.CREATE),
    (Behaviour.UNAVAILABLE, Operation.FIND),
    (Behaviour.UNAVAILABLE, Operation.GET),
]

Move = Callable[[Story], Awaitable[None]]
MOVES: tuple[Move, ...] = (
    *(Story.cancel, Story.give, Story.look, Story.answer),
    *(Story.move_on, Story.fail_late, Story.wait_a_day),
)
WEIGHTS = (12, 2, 6, 6, 6, 4, 1)
