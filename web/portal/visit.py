"""One visit of a page: who comes, in which language, and what they may reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse

from domain.subjects import Kind, SubjectRef
from use_cases.context import Context
from use_cases.customers import Customer
from web.portal.portal import Portal
from web.portal.withdrawal_labels import Labels, labels_of
from web.shared.fields import Fields
from web.shared.pages import HEADERS, Words
from web.shared.paths import ROOT

SESSION, LANGUAGE, ZONE, SCHEME = "rescind", "language", "zone", "scheme"
CLOCK = "clock"
"""Cookies: the session's secret, what a visitor prefers, and the zone that their device has."""

SESSION_LIFE = timedelta(hours=12)
PLURALS = {Kind.ORDER: "orders", Kind.APPOINTMENT: "appointments"}


class SignInNeeded(Exception):
    """Nobody is signed in, or no longer."""


class FormRefused(Exception):
    """A form that wasn't sent from one of this session's own pages."""


@dataclass(frozen=True)
class Visit:
    """`customer` and `session_id` are None for somebody who has not signed in."""

    portal: Portal
    request: Request
    words: Words
    scheme: str
    customer: Customer | None = None
    session_id: UUID | None = None

    @property
    def context(self) -> Context:
        return self.portal.context

    @property
    def has_session(self) -> bool:
        """Whether the browser says that it has one; it may be over."""
        return self.portal.cookie(SESSION) in self.request.cookies

    @property
    def languages(self) -> list[str]:
        return [self.words.language]

    @property
    def withdrawal(self) -> Labels:
        """The labels of the way to withdraw, which no catalogue has."""
        return labels_of(self.words.language)

    @property
    def form_token(self) -> str:
        return self.portal.signing.form(self.session_id) if self.session_id else ""

    @property
    def is_fragment(self) -> bool:
        """Whether a part of the page is asked for, by the script that runs on it."""
        return self.request.headers.get("hx-request") == "true"

    def show(
        self,
        template: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        headers: Mapping[str, str] = {},
        **facts: Any,
    ) -> HTMLResponse:
        return self.portal.pages.show(
            template, self.words, status=status, headers=headers, visit=self, **facts
        )

    async def fields(self) -> Fields:
        """The fields of the form that was sent."""
        return Fields((await self.request.form()).multi_items())

    async def check_form(self, fields: Fields | None = None) -> None:
        """Let in only what this session's own pages sent. Raises FormRefused."""
        token = (fields or await self.fields()).one("form_token")
        if self.session_id is None or not self.portal.signing.is_form_of(self.session_id, token):
            raise FormRefused


def go(path: str) -> RedirectResponse:
    """To a page that may be loaded again without doing anything again."""
    return RedirectResponse(f"{ROOT}{path}", HTTPStatus.SEE_OTHER, headers=HEADERS)


def own_path(path: str, otherwise: str = "/") -> str:
    """A path below ours, as an address may name it; whatever else is named leads elsewhere."""
    is_ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if is_ours and path.isprintable() else otherwise


def path_of(subject: SubjectRef) -> str:
    return f"/{PLURALS[subject.kind]}/{subject.id}"
