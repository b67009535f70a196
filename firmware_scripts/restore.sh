#!/bin/bash
# Puts a backup back: on the same machine, or on the new one that takes a broken gate's place.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$HERE/lib.sh"

usage() {
    cat << 'USAGE'
usage: restore.sh [options] FILE.tar

  --journal    its journal too: what it had not sent is sent by this machine, under a new journal UUID
  --replace    settings and a journal that are here already are set aside, and the backup's take their place
  --data DIR   where the gate keeps its journal (default /var/lib/parkmeter)
  --root DIR   the system below DIR instead of this one
  --dry-run    check the backup, print every step and change nothing

The machine the backup came from must never run again as this gate: two gates with one identity corrupt each other.
USAGE
}

FILE="" JOURNAL="" REPLACE="" EXAMPLE="" DATA=/var/lib/parkmeter
while [ $# -gt 0 ]; do
    case "$1" in
        --journal) JOURNAL=yes ;;
        --replace) REPLACE=yes ;;
        --data) DATA=${2:-}; shift ;;
        --root) ROOT=$(a_folder --root "${2:-}"); shift ;;
        --dry-run) DRY_RUN=yes ;;
        -h | --help) usage; exit 0 ;;
        -*) usage >&2; die "unknown option $1" ;;
        *) [ -z "$FILE" ] || die "one file, not $FILE and $1"; FILE=$1 ;;
    esac
    shift
done
[ -n "$FILE" ] || { usage >&2; die "expected a backup"; }
[ -r "$FILE" ] || die "$FILE can't be read"
need_root
umask 077

step "the backup"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tar -tf "$FILE" > "$scratch/list" 2> /dev/null || die "$FILE is no tar"
if grep -qvE '^parkmeter-backup(/|$)' "$scratch/list" || grep -qE '(^|/)\.\.(/|$)' "$scratch/list"; then
    die "$FILE is no backup of a gate: expected only parkmeter-backup/ in it"
fi
modes=$(tar -tvf "$FILE")
if grep -qv '^[-d]' <<< "$modes"; then die "$FILE holds links or devices: expected files and folders"; fi
tar -C "$scratch" -xf "$FILE"
inside=$scratch/parkmeter-backup
[ -f "$inside/MANIFEST.sha256" ] || die "$FILE has no MANIFEST.sha256"
(cd "$inside" && sha256sum --status --strict -c MANIFEST.sha256) || die "$FILE is damaged: its manifest does not hold"
listed=$(cut -c67- "$inside/MANIFEST.sha256" | LC_ALL=C sort)
found=$(cd "$inside" && find . -type f ! -name MANIFEST.sha256 | LC_ALL=C sort)
[ "$listed" = "$found" ] || die "$FILE holds files that its manifest does not name"
sed 's/^/    /' "$inside/ABOUT"

mkdir -p "$ROOT$DATA"
if [ -e "$ROOT$DATA/journal.db.lock" ]; then
    exec 8< "$ROOT$DATA/journal.db.lock"
    flock -n 8 || die "the gate runs: systemctl stop parkmeter-gate parkmeter-safe-mode, then again"
fi
if has_systemd && systemctl -q is-active parkmeter-gate.service parkmeter-safe-mode.service; then
    die "the gate runs: systemctl stop parkmeter-gate parkmeter-safe-mode, then again"
fi
STAMP=$(date -u +%Y%m%dT%H%M%S)

# aside PATH: out of the way, or a refusal
aside() {
    [ -e "$1" ] && [ "$1" != "$EXAMPLE" ] || return 0
    [ -n "$REPLACE" ] || die "$1 is here already: --replace sets it aside"
    run mv "$1" "$1.before-$STAMP"
}

# owned PATH...: by who runs the gate, where the system below knows him
owned() {
    local ids
    ids=$(awk -F: '$1 == "parkmeter" {print $3 ":" $4}' "$ROOT/etc/passwd" 2> /dev/null)
    [ -z "$ids" ] || [ "$(id -u)" != 0 ] || run chown -R "$ids" "$@"
}

step "settings and keys"
# what setup_pi.sh made and nobody filled in is no loss
made=$(sed '/^data_dir = /d' "$HERE/../config/edge.toml")
if [ "$(sed '/^data_dir = /d' "$ROOT/etc/parkmeter/edge.toml" 2> /dev/null)" = "$made" ]; then
    EXAMPLE=$ROOT/etc/parkmeter/edge.toml
    run rm -f "$EXAMPLE"
fi
run mkdir -p "$ROOT/etc/parkmeter"
while IFS= read -r name; do
    aside "$ROOT/etc/parkmeter/$name"
    run cp -a "$inside/etc/$name" "$ROOT/etc/parkmeter/$name"
done < <(cd "$inside/etc" && find . -mindepth 1 -maxdepth 1 -printf '%f\n' | LC_ALL=C sort)
group=$(awk -F: '$1 == "parkmeter" {print $3}' "$ROOT/etc/group" 2> /dev/null) || true
if [ -n "$group" ] && [ "$(id -u)" = 0 ]; then
    run chgrp -R "$group" "$ROOT/etc/parkmeter"
    run chmod -R u+rwX,g+rX,g-w,o-rwx "$ROOT/etc/parkmeter"
fi
if [ -d "$inside/keys" ]; then
    aside "$ROOT$DATA/keys"
    run cp -a "$inside/keys" "$ROOT$DATA/keys"
    owned "$ROOT$DATA/keys"
fi

if [ -n "$JOURNAL" ]; then
    step "journal, under a new UUID"
    python="$ROOT/opt/parkmeter/current/.venv/bin/python"
    [ -x "$python" ] || die "$python is missing: run setup_pi.sh first"
    for side in "" -wal -shm; do aside "$ROOT$DATA/journal.db$side"; done
    if [ -z "$DRY_RUN" ]; then
        PYTHONPATH="$ROOT/opt/parkmeter/current" PYTHONSAFEPATH=1 "$python" -m edge.life.new_life "$inside/journal.db"
    fi
    run cp "$inside/journal.db" "$ROOT$DATA/journal.db"
    if [ -d "$inside/spool" ]; then
        run mkdir -p "$ROOT$DATA/spool"
        run cp -an "$inside/spool/." "$ROOT$DATA/spool/"
    fi
else
    say "    its journal stays in the backup: this machine begins one of its own (--journal takes it over)"
fi
owned "$ROOT$DATA"
step "done: systemctl start parkmeter-gate"
