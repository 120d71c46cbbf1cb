"""The embedded PostgreSQL: closed to others, and never stopped by an old pid file."""

import os
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from runtime import leftover
from runtime.migrations import migrate
from storage.database import async_url


async def test_nobody_gets_in_without_the_password(postgres_url: str) -> None:
    url = make_url(postgres_url)
    for password in (None, "rescind"):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(
                host=url.host,
                port=url.port,
                user=url.username,
                password=password,
                database="postgres",
            )


async def test_a_pid_that_now_belongs_to_another_program_is_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    await leftover.clear(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()


async def test_migrating_again_changes_nothing(database: str) -> None:
    await migrate(database)


def test_addresses_of_libpq_are_read_for_our_driver() -> None:
    assert async_url("postgresql://u:p%40w@h:5/db?sslmode=require") == (
        "postgresql+asyncpg://u:p%40w@h:5/db?ssl=require"
    )
    with pytest.raises(ValueError, match="must begin with postgresql"):
        async_url("mysql://u@h/db")
