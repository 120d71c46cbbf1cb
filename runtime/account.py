"""An unprivileged account for the database server, which refuses to run as root."""

import logging
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from runtime.errors import StartupError

NAME = "rescind"

log = logging.getLogger(__name__)


def for_server(folder: Path, wheel: Path) -> pwd.struct_passwd | None:
    """Find who shall run the server: nobody else for an ordinary user, `rescind` for root.

    For root the account is made if missing, owns `folder`, and may read the programs in `wheel`;
    folders on the way get passing through for others, never listing.
    """
    if os.geteuid() != 0:
        return None
    account = _ensure_account()
    _own(folder, account)
    _allow_passing(folder)
    _allow_passing(wheel)
    _allow_reading(wheel)
    return account


def _ensure_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        pass
    tool = shutil.which("useradd", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if tool is None:
        raise StartupError(
            "PostgreSQL won't run as root and there is no `useradd` to make an account for it. "
            f"Make a user called {NAME}, start Rescind as an ordinary user, or set DATABASE_URL."
        )
    command = [tool, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    subprocess.run(command, check=True, capture_output=True)
    return pwd.getpwnam(NAME)


def _own(folder: Path, account: pwd.struct_passwd) -> None:
    if folder.stat().st_uid == account.pw_uid:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def _allow_passing(path: Path) -> None:
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            log.warning("%s: other users may now pass through it, PostgreSQL's must", folder)
            folder.chmod(mode | stat.S_IXOTH)


def _allow_reading(wheel: Path) -> None:
    for path in (wheel, *wheel.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | stat.S_IROTH
        if path.is_dir() or mode & stat.S_IXUSR:
            wanted |= stat.S_IXOTH
        if wanted != mode:
            path.chmod(wanted)
