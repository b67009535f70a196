"""`python -m edge.http.token`: makes an access token for a gate's pages, prints it once and keeps only its digest."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from edge.http.keys import Key, Scope, checked_name, checked_scopes, read_keys
from edge.settings.file import SettingsError, load


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status. The token goes to stdout and nothing else does."""
    parser = argparse.ArgumentParser(
        prog="parkmeter token",
        description="Makes an access token for the gate's HTTP API, prints it once and writes its digest into the"
        " token file. The gate reads that file at its start.",
    )
    parser.add_argument("name", metavar="NAME", help="who will use it; a name that exists gets a new token")
    parser.add_argument("scopes", metavar="SCOPE", nargs="*", help=f"what it opens: {', '.join(Scope)}")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--config", type=Path, metavar="FILE", help="the gate's settings, whose http.token_file it is")
    where.add_argument("--file", type=Path, metavar="FILE", help="the token file itself; made when missing")
    parser.add_argument("--remove", action="store_true", help="takes the name's token away instead")
    options = parser.parse_args(argv)
    try:
        path = options.file or _named_by(options.config)
        name = checked_name(options.name)
        keys = {key.name: key for key in (read_keys(path) if _holds_something(path) else ())}
        if options.remove:
            if keys.pop(name, None) is None:
                raise ValueError(f"{path}: no token of {name!r}; there are {', '.join(keys) or 'none'}")
        else:
            token = secrets.token_urlsafe(32)
            keys[name] = Key.of(name, checked_scopes(options.scopes), token)
        _write(path, keys.values())
    except (ValueError, OSError) as error:
        print(f"parkmeter token: {error}", file=sys.stderr)
        return 2
    if not options.remove:
        print(token)
        print(f"parkmeter token: kept for {name} in {path}; it is shown only now", file=sys.stderr)
    print("parkmeter token: restart the gate to let it count", file=sys.stderr)
    return 0


def _named_by(config: Path) -> Path:
    path = load(config).http.token_file
    if path is None:
        raise SettingsError(f"{config}: names no http.token_file; expected one, or --file FILE")
    return path


def _holds_something(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _write(path: Path, keys) -> None:
    """Replaces the file whole, readable for its owner alone: a gate that starts meanwhile reads the old or the new."""
    # beside it, so that the exchange is one rename; mkstemp makes it 0600
    descriptor, beside = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(f"{key.line()}\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())
        before = path.stat() if path.exists() else None
        if os.geteuid() == 0:  # root makes it for the gate's own user
            owner = before or path.absolute().parent.stat()
            os.chown(beside, owner.st_uid, owner.st_gid)
        if before:
            os.chmod(beside, before.st_mode & 0o640)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    sys.exit(main())
