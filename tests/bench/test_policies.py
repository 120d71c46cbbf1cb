"""The bench of policies on a small file."""

from pathlib import Path

import pytest

from bench import results, simulating


def test_a_simulation_is_timed_with_all_its_processes(tmp_path: Path) -> None:
    policy, bookings = tmp_path / "half.yaml", tmp_path / "bookings.csv"
    policy.write_text("title: Half\nrules: [{keep: 50%}]")
    bookings.write_text("price_minor,cancelled_at,starts_at\n100,2026-03-01,2026-03-02\n")
    found = simulating.measure(policy, bookings, 3)
    assert (found.policy, found.rows, found.cancellations) == ("half", 3, 3)
    assert found.seconds > 0
    assert 0 < found.pss <= found.rss


def test_a_section_takes_the_place_of_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "RESULTS.md"
    monkeypatch.setattr(results, "RESULTS", file)
    results.keep("policies", "one")
    results.keep("other", "else")
    results.keep("policies", "two")
    text = file.read_text()
    assert "two" in text
    assert "else" in text
    assert "one" not in text
