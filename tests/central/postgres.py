"""A private PostgreSQL for tests: a cluster in a temporary folder, on a Unix socket, never run as root."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """The folder of initdb and postgres; None where there is no server."""
    found = shutil.which("initdb") or next(
        iter(sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), reverse=True)), None
    )
    return Path(found).resolve().parent if found else None


@contextmanager
def cluster() -> Iterator[str]:
    """The address of its `postgres` database, without the name: "postgresql://.../"."""
    bin_dir = binaries()
    if bin_dir is None:
        raise RuntimeError("no PostgreSQL server found: apt install postgresql")
    # a socket's address must be short, and the server's user must reach it
    folder = Path(tempfile.mkdtemp(prefix="pm-pg-", dir="/tmp"))
    user = _server_user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    run = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    if user is not None:
        run |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    data = folder / "data"
    try:
        subprocess.run([bin_dir / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-N", "-E", "UTF8"], **run)
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=40"
        subprocess.run([bin_dir / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], **run)
        try:
            yield f"postgresql://tests@/{{name}}?host={folder}"
        finally:
            subprocess.run([bin_dir / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], **run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as where we are root, which it refuses to run as."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("run the tests as an ordinary user: PostgreSQL will not run as root")
