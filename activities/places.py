"""Where mails lead, and how they look and speak: what an installation is set to."""

from collections.abc import Callable
from urllib.parse import quote
from uuid import UUID

from domain.values import Value
from notifications.look import Look


class Places(Value):
    """The business reads `language`, and so does a customer whose language nobody told us.

    `page_of` gives the address of a subject's page for its customer, where customers have pages;
    `runs` is where Temporal's UI shows the runs of our namespace, where it is known.
    """

    public_url: str
    language: str = "en"
    look: Look = Look()
    page_of: Callable[[UUID], str] | None = None
    runs: str | None = None

    def record(self, path: str) -> str:
        return f"{self.public_url.rstrip('/')}{path}"

    def page(self, subject_id: UUID, path: str = "") -> str:
        """What opens a subject as its customer, and leads on to a page of it."""
        if self.page_of is None:
            return ""
        return self.page_of(subject_id) + (f"?then={path}" if path else "")

    def run(self, workflow_id: str) -> str:
        return f"{self.runs}/{quote(workflow_id, safe='')}" if self.runs else ""
