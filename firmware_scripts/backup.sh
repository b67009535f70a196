#!/bin/bash
# Copies what makes this gate itself into one file: settings, keys and its journal, also while the gate runs.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$HERE/lib.sh"

usage() {
    cat << 'USAGE'
usage: backup.sh [options] FILE.tar

  --pictures   the pictures that wait for central too
  --data DIR   where the gate keeps its journal (default /var/lib/parkmeter)
  --root DIR   the system below DIR instead of this one
  --dry-run    print every step and change nothing

FILE.tar holds the gate's private keys: its mode is 0600, keep it where nobody else reads it. A FILE that exists is kept.
USAGE
}

FILE="" PICTURES="" DATA=/var/lib/parkmeter
while [ $# -gt 0 ]; do
    case "$1" in
        --pictures) PICTURES=yes ;;
        --data) DATA=${2:-}; shift ;;
        --root) ROOT=$(a_folder --root "${2:-}"); shift ;;
        --dry-run) DRY_RUN=yes ;;
        -h | --help) usage; exit 0 ;;
        -*) usage >&2; die "unknown option $1" ;;
        *) [ -z "$FILE" ] || die "one file, not $FILE and $1"; FILE=$1 ;;
    esac
    shift
done
[ -n "$FILE" ] || { usage >&2; die "expected a file to write"; }
need_root
umask 077

JOURNAL=$ROOT$DATA/journal.db
[ -d "$ROOT/etc/parkmeter" ] || die "$ROOT/etc/parkmeter is missing: expected a gate that setup_pi.sh has set up"
[ -r "$JOURNAL" ] || die "$JOURNAL can't be read: expected the gate's journal (--data DIR)"
[ ! -e "$FILE" ] || die "$FILE is there already: name another"

if [ -n "$DRY_RUN" ]; then
    step "would copy $ROOT/etc/parkmeter, $JOURNAL${PICTURES:+ and $ROOT$DATA/spool} into $FILE"
    exit 0
fi

scratch=$(mktemp -d "${FILE%/*}/.backup.XXXXXX" 2> /dev/null || mktemp -d)
trap 'rm -rf "$scratch"' EXIT
inside=$scratch/parkmeter-backup
mkdir "$inside"

step "settings and keys"
cp -a "$ROOT/etc/parkmeter" "$inside/etc"
if [ -d "$ROOT$DATA/keys" ]; then cp -a "$ROOT$DATA/keys" "$inside/keys"; fi

step "journal, by SQLite's online backup"
python3 - "$JOURNAL" "$inside/journal.db" << 'COPY'
import contextlib, pathlib, sqlite3, sys

source, target = map(pathlib.Path, sys.argv[1:])
with contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as read:
    with contextlib.closing(sqlite3.connect(target)) as copy:
        read.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        [verdict] = copy.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            sys.exit(f"the journal is damaged: {verdict}")
        [waiting] = copy.execute("SELECT count(*) FROM outbox").fetchone()
        print(f"    {waiting} events wait for central")
COPY

if [ -n "$PICTURES" ] && [ -d "$ROOT$DATA/spool" ]; then
    step "pictures"
    cp -a "$ROOT$DATA/spool" "$inside/spool"
fi
{
    printf 'made %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    printf 'host %s\n' "$(uname -n)"
    printf 'version %s\n' "$(basename "$(readlink "$ROOT/opt/parkmeter/current" 2> /dev/null || echo unknown)")"
} > "$inside/ABOUT"

step "manifest and tar"
(cd "$inside" && find . -type f ! -name MANIFEST.sha256 -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) \
    > "$scratch/MANIFEST.sha256"
mv "$scratch/MANIFEST.sha256" "$inside/"
tar -C "$scratch" --owner=0 --group=0 --numeric-owner -cf "$scratch/whole.tar" parkmeter-backup
sync "$scratch/whole.tar"
mv -n "$scratch/whole.tar" "$FILE"
say "    $FILE: $(sha256sum < "$FILE" | cut -d' ' -f1)"
