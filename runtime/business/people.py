"""The staff, and the keys that the example business hands out."""

from collections.abc import Mapping

from use_cases.actors import Scope

STAFF = (
    ("s-mara", "Mara Lindenhof", "mara@lindenhof.example", "admin"),
    ("s-anna", "Anna Berg", "anna@lindenhof.example", "agent"),
    ("s-ben", "Ben Ortmann", "ben@lindenhof.example", "agent"),
    ("s-ines", "Ines Falk", "ines@lindenhof.example", "approver"),
    ("s-paul", "Paul Reuter", "paul@lindenhof.example", "policy_editor"),
    ("s-tom", "Tom Wirth", "tom@lindenhof.example", "viewer"),
)
"""Id, name, address and role."""

KEYS: Mapping[str, tuple[Scope, ...]] = {
    "admin": (Scope.ADMIN,),
    "desk": (Scope.READ, Scope.CANCEL),
    "approver": (
        *(Scope.READ, Scope.CANCEL, Scope.DECIDE, Scope.RESOLVE, Scope.MONEY, Scope.GOODWILL),
    ),
    "shop": (Scope.READ, Scope.RECORDS, Scope.IMPORTS, Scope.CANCEL),
}
"""What each key may do. Two people with two keys can do what takes a second person."""
