"""`rescind policy simulate` on files of bookings."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from runtime.cli import rescind
from runtime.policies import booking_files, simulation
from runtime.policies.booking_files import PIECE, Piece
from runtime.policies.simulation import Plan

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("RESCIND_DATASETS", ROOT.parent / "shared" / "data"))
HOTELS = DATA / "hotel_bookings.csv.gz"

HEADER = "id,price_minor,cancelled_at,starts_at,status,zone,currency,note"
EARLY = "1,10000,2026-03-01T10:00:00Z,2026-03-10T10:00:00Z,booked,UTC,EUR,"
LATE = "2,5000,2026-03-10T09:00:00Z,2026-03-10T10:00:00Z,booked,UTC,EUR,"
AHEAD = "3,7000,,2026-03-10T10:00:00Z,done,UTC,EUR,"
YEN = '4,3000,2026-03-01T10:00:00Z,2026-03-10T10:00:00Z,booked,UTC,JPY,"two\nlines"'


@pytest.fixture
def half(tmp_path: Path) -> Path:
    return policy(tmp_path, "half", {"when": {"notice": {"under": "24h"}}, "keep": "50%"}, FREE)


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    return policy(tmp_path, "strict", {"when": {"notice": {"under": "24h"}}, "refuse": "late"}, ALL)


FREE, ALL = {"keep": "nothing"}, {"keep": "everything"}


def policy(folder: Path, name: str, *rules: dict[str, Any]) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps({"title": name, "rules": rules}))
    return path


def bookings(folder: Path, *rows: str) -> Path:
    path = folder / "bookings.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def run(policy: Path, *words: object) -> Result:
    return CliRunner().invoke(rescind, ["policy", "simulate", str(policy), *map(str, words)])


def told(policy: Path, *words: object) -> dict[str, Any]:
    done = run(policy, *words, "--processes", 1, "--json")
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_it_tells_what_is_refunded_and_kept_by_rule(half: Path, tmp_path: Path) -> None:
    answer = told(half, "--bookings", bookings(tmp_path, EARLY, LATE, AHEAD))
    assert (answer["rows"], answer["cancellations"], answer["went_ahead"]) == (3, 2, 1)
    new = answer["currencies"]["EUR"]["new"]
    assert (new["paid_minor"], new["refunded_minor"], new["kept_minor"]) == (15_000, 12_500, 2_500)
    assert [(rule["count"], rule["kept_minor"]) for rule in new["rules"]] in (
        [(1, 2_500), (1, 0)],
        [(1, 0), (1, 2_500)],
    )


def test_it_compares_with_another_policy(half: Path, strict: Path, tmp_path: Path) -> None:
    file = bookings(tmp_path, EARLY, LATE)
    answer = told(half, "--bookings", file, "--against", strict)
    present = answer["currencies"]["EUR"]["present"]
    assert (present["refunded_minor"], present["kept_minor"]) == (0, 15_000)
    changes = answer["currencies"]["EUR"]["changes"]
    assert {(one["before"], one["after"], one["refunded_minor"]) for one in changes} == {
        ("declined", "allowed", 2_500),
        ("allowed", "allowed", 10_000),
    }
    shown = run(half, "--bookings", file, "--against", strict, "--processes", 1).output
    assert "declined → allowed" in shown
    assert "get back more" in shown


def test_money_of_two_currencies_is_never_added(half: Path, tmp_path: Path) -> None:
    answer = told(half, "--bookings", bookings(tmp_path, EARLY, YEN))
    assert [*answer["currencies"]] == ["EUR", "JPY"]
    assert answer["currencies"]["JPY"]["new"]["paid_minor"] == 3_000


def test_the_chart_fits_80_columns_without_colours(
    half: Path, strict: Path, tmp_path: Path
) -> None:
    file = bookings(tmp_path, EARLY, LATE, AHEAD, YEN)
    output = run(half, "--bookings", file, "--against", strict, "--processes", 1).output
    assert "█" in output
    assert "\x1b" not in output
    assert max(map(len, output.splitlines())) < 80


def test_a_row_that_cannot_be_read_is_named_and_the_rest_counts(half: Path, tmp_path: Path) -> None:
    file = bookings(tmp_path, EARLY, "5,-1,2026-03-01,,,,,", "6", '7,"x"y,', LATE)
    answer = told(half, "--bookings", file)
    assert (answer["cancellations"], answer["unreadable"]) == (2, 3)
    assert [fault["row"] for fault in answer["faults"]] == [3, 4, 5]
    assert "price_minor" in answer["faults"][0]["detail"]
    assert "row 3: price_minor" in run(half, "--bookings", file, "--processes", 1).output


@pytest.mark.slow
def test_several_processes_say_the_same_as_one(half: Path, strict: Path, tmp_path: Path) -> None:
    file = bookings(tmp_path, *[EARLY, LATE, AHEAD, YEN, "bad"] * 700)
    asked = ("--bookings", file, "--against", strict, "--repeat", 2)
    one = told(half, *asked)
    done = run(half, *asked, "--processes", 3, "--json")
    several = json.loads(done.stdout)
    for answer in (one, several):
        del answer["seconds"], answer["rows_a_second"]
    assert one["rows"] == 2 * 5 * 700
    assert several == one


def test_only_the_first_so_many_are_taken(half: Path, tmp_path: Path) -> None:
    file = bookings(tmp_path, EARLY, LATE, AHEAD)
    assert told(half, "--bookings", file, "--limit", 2)["rows"] == 2


def test_a_bounded_number_of_pieces_is_under_way(half: Path, tmp_path: Path) -> None:
    handed = 0

    def endless() -> Iterator[Piece]:
        nonlocal handed
        while True:
            handed += 1
            yield Piece(2, [EARLY], 0)

    plan = Plan(half, None, tuple(HEADER.split(",")))
    with simulation.workers(2) as workers:
        found = next(simulation.run(plan, endless(), workers))
    assert found.cancellations == 1
    assert handed < 10


def test_rows_come_a_piece_at_a_time(tmp_path: Path) -> None:
    file = bookings(tmp_path, *[EARLY, YEN] * PIECE)
    pieces = list(booking_files.pieces(file))
    assert [(piece.first, len(piece.rows)) for piece in pieces] == [(2, PIECE), (2 + PIECE, PIECE)]
    assert pieces[-1].at == file.stat().st_size


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty"),
        (b"id,price\n1,2\n", "lacks cancelled_at, price_minor"),
        (gzip.compress(f"{HEADER}\n{EARLY}\n".encode() * 99)[:-20], "can't be read"),
        (b"no gzip at all", "can't be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    half: Path, tmp_path: Path, content: bytes, fault: str
) -> None:
    file = tmp_path / ("bookings.csv" if content[:2] in (b"", b"id") else "bookings.csv.gz")
    file.write_bytes(content)
    done = run(half, "--bookings", file, "--processes", 1)
    assert done.exit_code == 2
    assert fault in done.output


def test_a_quote_that_never_ends_is_told(half: Path, tmp_path: Path) -> None:
    done = run(half, "--bookings", bookings(tmp_path, '1,"', EARLY), "--processes", 1)
    assert done.exit_code == 2
    assert "a quote is never closed" in done.output


def test_a_source_has_to_be_named(half: Path, tmp_path: Path) -> None:
    assert run(half).exit_code == 2
    both = run(half, "--history", "--bookings", bookings(tmp_path, EARLY))
    assert both.exit_code == 2


def test_a_kind_that_the_policy_does_not_serve_is_counted_apart(tmp_path: Path) -> None:
    orders = tmp_path / "orders.yaml"
    orders.write_text(json.dumps({"title": "orders", "kinds": ["order"], "rules": [FREE]}))
    answer = told(orders, "--bookings", bookings(tmp_path, EARLY))
    assert (answer["cancellations"], answer["other_kind"]) == (0, 1)


@pytest.mark.skipif(not HOTELS.exists(), reason="needs hotel_bookings.csv.gz in $RESCIND_DATASETS")
def test_real_bookings_of_two_hotels_are_all_read(half: Path) -> None:
    answer = told(half, "--bookings", HOTELS)
    assert (answer["rows"], answer["cancellations"]) == (14_938, 8_000)
    assert answer["unreadable"] == 0
    new = answer["currencies"]["EUR"]["new"]
    assert new["refunded_minor"] + new["kept_minor"] + new["open_minor"] == new["paid_minor"]
