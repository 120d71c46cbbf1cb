"""The API as the command line calls it: where it is, with which key, its errors in plain words."""

import os
from collections.abc import Mapping
from typing import Any

import click
import httpx

from runtime import running, seeds
from runtime.ports import LOOPBACK
from runtime.settings import Settings

_PATIENCE = httpx.Timeout(15.0, read=120.0)
_WAYS_OUT = {
    "unauthenticated": "Set RESCIND_KEY to a key that the API knows.",
    "not_allowed": "Set RESCIND_KEY to a key with that scope.",
    "reason_required": "Name one with --reason; `--reason help` lists them.",
    "reason_unknown": "`--reason help` lists them.",
    "note_required": "Add it with --note.",
    "part_of_order": "That is `rescind cancel order ID --line LINE`.",
    "line_not_found": "`rescind show` lists the lines.",
    "quantity_too_high": "`rescind show` says how many are left.",
    "subject_busy": "Look at it with `rescind show`, or try again in a moment.",
    "quote_outdated": "Ask again for a price that holds now.",
    "amount_required": "Name one with --amount.",
    "second_person_required": "Set RESCIND_KEY to another person's key.",
    "service_unavailable": "Try again in a moment.",
    "maintenance": "`rescind maintenance off` ends it.",
    "database_unavailable": "Try again in a moment.",
}


class Refused(click.ClickException):
    """The API said no; `code` is its stable word for why."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.code = str(problem.get("code", ""))
        self.problem = problem
        places = [f"{one['place']}: {one['detail']}" for one in problem.get("errors") or ()]
        sentence = "; ".join(places) or str(problem.get("detail", "The API gave no reason"))
        text = sentence[:1].upper() + sentence[1:].rstrip(".") + "."
        super().__init__(f"{text} {_WAYS_OUT.get(self.code, '')}".strip())


class Client:
    """Calls the API, and turns what stands in the way into a sentence with the way out."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=_PATIENCE)

    def get(self, path: str, **params: Any) -> Any:
        return self._json("GET", path, params=params)

    def read(self, path: str, language: str = "en") -> bytes:
        """What isn't JSON, such as a PDF."""
        return self._call("GET", path, headers={"Accept-Language": language}).content

    def post(self, path: str, body: Mapping[str, Any], **headers: str) -> Any:
        return self._json("POST", path, json=body, headers=headers)

    def send(self, path: str, lines: bytes) -> str:
        """Post lines of JSON and read the answers to them."""
        headers = {"Content-Type": "application/x-ndjson"}
        return self._call("POST", path, content=lines, headers=headers).text

    def _json(self, method: str, path: str, **options: Any) -> Any:
        answer = self._call(method, path, **options)
        try:
            return answer.json()
        except ValueError as error:
            raise click.ClickException(f"{self.url} is no Rescind: set RESCIND_URL.") from error

    def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **options)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise click.ClickException(
                f"Nothing answers at {self.url}. Start it with `rescind up`, or set RESCIND_URL."
            ) from error
        except httpx.HTTPError as error:
            raise click.ClickException(
                f"{self.url} broke off: {type(error).__name__}. What it had done stays; try again."
            ) from error
        if answer.is_error:
            raise Refused(_problem(answer))
        return answer


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    fallback = {"detail": f"{answer.url} answered {answer.status_code}"}
    return problem if isinstance(problem, dict) else fallback


def connect() -> Client:
    """Reach RESCIND_URL with RESCIND_KEY, else what `rescind up` runs on the data folder.

    The folder's own key never goes to an address from elsewhere, nor through the proxy that
    customers come through.
    """
    url, key = os.environ.get("RESCIND_URL"), os.environ.get("RESCIND_KEY")
    if url:
        if not key:
            raise click.UsageError("Set RESCIND_KEY too: RESCIND_URL names an API elsewhere.")
        return Client(url.rstrip("/"), key)
    settings = running.fill(Settings())
    key = key or seeds.read_keys(settings.data).get("admin")
    if not key:
        raise click.UsageError(
            f"There is no key in {seeds.key_file(settings.data)}. Start with `rescind up`, "
            "or set RESCIND_URL and RESCIND_KEY."
        )
    return Client(f"http://{LOOPBACK}:{settings.port}", key)
