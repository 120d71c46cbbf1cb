"""Who asks, and what they may do. Nothing is allowed that no scope grants."""

from enum import StrEnum

from domain.errors import NotAllowed
from domain.values import Value


class Scope(StrEnum):
    """What a key may be given. `admin` includes all others."""

    READ = "read"
    RECORDS = "records"
    CANCEL = "cancel"
    DECIDE = "decide"
    RESOLVE = "resolve"
    MONEY = "money"
    GOODWILL = "goodwill"
    BACKDATE = "backdate"
    POLICIES = "policies"
    IMPORTS = "imports"
    ADMIN = "admin"


class Actor(Value):
    """An API key, or later a person. `id` is kept with all they do and never is a name."""

    id: str
    scopes: frozenset[Scope]

    def can(self, scope: Scope) -> bool:
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def require(self, scope: Scope) -> None:
        if not self.can(scope):
            raise NotAllowed(f"this takes the scope {scope}", scope=scope)
