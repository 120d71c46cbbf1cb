"""What a part's log shows at the terminal."""

from pathlib import Path

from runtime.logs import Follower


def test_only_new_worries_are_said_and_a_burst_is_cut_short(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("2026-01-01 10:00:00,000 ERROR a: of an earlier run\n")
    follower, said = Follower("worker", log), list[str]()
    with log.open("a") as file:
        file.write("2026-01-02 10:00:00,000 INFO a: fine\n")
        file.writelines(f"2026-01-02 10:00:00,000 WARNING a: {n}\n" for n in range(8))
        file.write("2026-01-02 10:00:01,000 ERROR a: half a li")
    follower.say_worries(said.append)
    assert len(said) == 6
    assert said[0] == "worker: 2026-01-02 10:00:00,000 WARNING a: 0"
    assert said[-1].startswith("worker: 3 more in ")
