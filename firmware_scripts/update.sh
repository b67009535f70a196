#!/bin/bash
# Puts another version of ParkMeter in place of the one that runs; back again when the new one does not come up well.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$HERE/lib.sh"

usage() {
    cat << 'USAGE'
usage: update.sh [options] BUNDLE.tar.gz
       update.sh [options] --back

  --back            back to the version before this one
  --sha256 HEX      the bundle's SHA-256; default: BUNDLE.tar.gz.sha256 beside it
  --signed          a good signature is a must, also where there is no /etc/parkmeter/update.pub
  --wait S          how long the gate may take to come up well (default 180)
  --token-file F    one line, a token that may read the gate's status
                    (default: /etc/parkmeter/update.token, else http.token_file of the settings)
  --gate-is-down    the gate does not answer: go on without asking whether its boom is idle
  --dry-run         check the bundle and the gate, print every step and change nothing
  --root DIR        the system below DIR instead of this one
  --restart-with C  command that starts the gate anew (default: systemctl restart parkmeter-gate.service)
  --skip-venv       the new version uses the environment of the one that runs

The bundle holds one folder with a ParkMeter; wheels/ in it makes the network needless. Where /etc/parkmeter/update.pub
(an Ed25519 key, PEM) exists, BUNDLE.tar.gz.sig must be its signature of the bundle.
USAGE
}

BUNDLE="" BACK="" SHA256="" SIGNED="" WAIT_S=180 TOKEN="" DOWN="" RESTART="" VENV=yes
while [ $# -gt 0 ]; do
    case "$1" in
        --back) BACK=yes ;;
        --sha256) SHA256=${2:-}; shift ;;
        --signed) SIGNED=yes ;;
        --wait) WAIT_S=${2:-}; shift ;;
        --token-file) TOKEN=${2:-}; shift ;;
        --gate-is-down) DOWN=yes ;;
        --dry-run) DRY_RUN=yes ;;
        --root) ROOT=$(a_folder --root "${2:-}"); shift ;;
        --restart-with) RESTART=${2:-}; shift ;;
        --skip-venv) VENV="" ;;
        -h | --help) usage; exit 0 ;;
        -*) usage >&2; die "unknown option $1" ;;
        *) [ -z "$BUNDLE" ] || die "one bundle, not $BUNDLE and $1"; BUNDLE=$1 ;;
    esac
    shift
done
[[ "$WAIT_S" =~ ^[0-9]+$ ]] || die "--wait $WAIT_S: expected whole seconds"
if [ -n "$BACK" ]; then
    [ -z "$BUNDLE" ] || die "--back takes no bundle"
elif [ -z "$BUNDLE" ]; then
    usage >&2
    die "expected a bundle"
fi
need_root
umask 022

BASE=$ROOT/opt/parkmeter
CONFIG=$ROOT/etc/parkmeter/edge.toml
KEY=$ROOT/etc/parkmeter/update.pub
[ -L "$BASE/current" ] || die "$BASE/current is missing: expected a machine that setup_pi.sh has set up"
[ -r "$CONFIG" ] || die "$CONFIG can't be read: expected the gate's settings"
RUNS=$(basename "$(readlink "$BASE/current")")
# two updates at once would undo one another
exec 9< "$BASE"
flock -n 9 || die "another update is under way"

scratch=$(mktemp -d "$BASE/.update.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/came" "$scratch/new"

# gate WHAT [OPTIONS]: asks the gate, see edge/life/asking.py
gate() {
    local token=() word=$1
    shift
    if [ -n "$TOKEN" ]; then
        token=(--token-file "$TOKEN")
    elif [ -e "$ROOT/etc/parkmeter/update.token" ]; then
        token=(--token-file "$ROOT/etc/parkmeter/update.token")
    fi
    PYTHONPATH="$BASE/current" PYTHONSAFEPATH=1 "$BASE/current/.venv/bin/python" -m edge.life.asking "$word" \
        --config "$CONFIG" "${token[@]}" "$@"
}

check_bundle() {
    step "the bundle"
    [ -r "$BUNDLE" ] || die "$BUNDLE can't be read"
    local sum listed modes part came="$scratch/came/bundle"
    # a copy that nobody else can change between the check and the use
    for part in "" .sig .sha256; do
        [ ! -r "$BUNDLE$part" ] || cat < "$BUNDLE$part" > "$came$part"
    done
    sum=$(sha256sum < "$came")
    sum=${sum%% *}
    if [ -z "$SHA256" ] && [ -e "$came.sha256" ]; then
        SHA256=$(awk 'NR == 1 {print $1}' "$came.sha256")
    elif [ -z "$SHA256" ]; then
        [ -e "$KEY" ] || die "no checksum: expected --sha256 HEX or $BUNDLE.sha256"
        SHA256=$sum # the signature says it all
    fi
    [ "${SHA256,,}" = "$sum" ] || die "$BUNDLE is damaged or another file: its SHA-256 is $sum, expected $SHA256"
    if [ -e "$KEY" ]; then
        [ -e "$came.sig" ] || die "no signature: expected $BUNDLE.sig, for $KEY"
        openssl pkeyutl -verify -pubin -inkey "$KEY" -rawin -in "$came" -sigfile "$came.sig" > /dev/null 2>&1 ||
            die "$BUNDLE is not signed by the key of $KEY"
        say "    signed by the key of $KEY"
    else
        [ -z "$SIGNED" ] || die "$KEY is missing: expected the key that signs bundles"
        say "    its SHA-256 is right; no signature asked for (there is no $KEY)"
    fi
    # nothing may land outside of its folder
    listed=$(tar -tzf "$came" 2> /dev/null) || die "$BUNDLE is no gzipped tar"
    if grep -qE '^/|(^|/)\.\.(/|$)' <<< "$listed"; then die "$BUNDLE holds a path that leads out of it"; fi
    modes=$(tar -tvzf "$came")
    if grep -qv '^[-d]' <<< "$modes"; then die "$BUNDLE holds links or devices: expected files and folders"; fi
    [ "$(cut -d/ -f1 <<< "$listed" | sort -u | wc -l)" = 1 ] || die "$BUNDLE: expected one folder in it"
    tar -C "$scratch/new" --no-same-owner --no-same-permissions -xzf "$came"
    SOURCE=$(find "$scratch/new" -mindepth 1 -maxdepth 1)
    NAME=$(version_of "$SOURCE")
    [ "$NAME" != "$RUNS" ] || { say "version $NAME is in place already"; exit 0; }
}

check_idle() {
    step "whether the boom is idle"
    local told status=0
    told=$(gate idle 2>&1) || status=$?
    case $status in
        0) say "    $told" ;;
        3)
            [ -n "$DOWN" ] || die "$told; add --gate-is-down if it is known not to run"
            say "    $told; going on, as told"
            ;;
        *) die "not now: $told" ;;
    esac
    BOOT=$(gate boot 2> /dev/null) || BOOT=""
    VISION=()
    if gate vision > /dev/null 2>&1; then VISION=(--with-vision); fi
}

start_anew() {
    if [ -n "$RESTART" ]; then
        run bash -c "$RESTART" 9>&-
    elif has_systemd; then
        run systemctl reset-failed parkmeter-gate.service || true
        # Type=notify: returns once every thread of the gate is well, or with its failure
        run systemctl restart parkmeter-gate.service
    else
        say "    NOT DONE: there is no systemd to start the gate with"
    fi
}

# switch NAME: makes it current and starts it; its status says whether it came up well
switch() {
    local version
    version=$(sed -n 's/^VERSION = "\(.*\)"$/\1/p' "$BASE/versions/$1/edge/version.py" 2> /dev/null) || true
    point /opt/parkmeter/current "versions/$1"
    start_anew || return 1
    [ -n "$DRY_RUN" ] || gate well --wait "$WAIT_S" --version "$version" --not-boot "$BOOT" "${VISION[@]}"
}

keep_two() {
    step "versions that are kept: this one and the one before"
    local folder name
    for folder in "$BASE"/versions/*; do
        name=${folder##*/}
        [ "$name" = "$1" ] || [ "$name" = "$2" ] || run rm -rf "$folder"
    done
    for folder in "$BASE"/venvs/*; do
        [ -e "$folder" ] || continue
        for name in "$BASE"/versions/*/.venv; do
            [ "$(readlink -f "$name")" != "$(readlink -f "$folder")" ] || continue 2
        done
        run rm -rf "$folder"
    done
}

if [ -n "$BACK" ]; then
    NAME=$(cat "$BASE/versions/$RUNS/.before" 2> /dev/null) || NAME=""
    if [ -z "$NAME" ] || [ ! -d "$BASE/versions/$NAME" ]; then die "there is no version before $RUNS to go back to"; fi
    check_idle
else
    check_bundle
    check_idle
    step "version $NAME beside $RUNS"
    if [ -d "$SOURCE/wheels" ]; then export PIP_FIND_LINKS="$SOURCE/wheels" PIP_NO_INDEX=1; fi
    install_version "$SOURCE" "$NAME"
    if [ -n "$VENV" ]; then
        make_environment "$NAME"
        compile_version "$NAME"
    elif [ -z "$DRY_RUN" ]; then
        ln -sfn "$(readlink "$BASE/versions/$RUNS/.venv")" "$BASE/versions/$NAME/.venv"
    fi
    if [ -z "$DRY_RUN" ]; then
        printf '%s\n' "$RUNS" > "$BASE/versions/$NAME/.before"
        step "whether it understands this gate's settings"
        PYTHONPATH="$BASE/versions/$NAME" PYTHONSAFEPATH=1 "$BASE/versions/$NAME/.venv/bin/python" -m edge gate \
            --config "$CONFIG" --check || { rm -rf "${BASE:?}/versions/$NAME"; die "it does not: nothing was changed"; }
        check_idle # making the environment took its time
    fi
fi

step "switch from $RUNS to $NAME"
if switch "$NAME"; then
    keep_two "$NAME" "$RUNS"
    step "done: $NAME"
    exit 0
fi
step "it did not come up well: back to $RUNS"
# what ran before is owed the time that vision takes to load
[ -z "$BOOT" ] || WAIT_S=$((WAIT_S < 60 ? 60 : WAIT_S))
BOOT=$(gate boot 2> /dev/null) || BOOT=""
if switch "$RUNS"; then
    [ -n "$BACK" ] || rm -rf "${BASE:?}/versions/$NAME"
    die "version $NAME did not come up well; $RUNS runs again"
fi
die "neither $NAME nor $RUNS comes up well: look at journalctl -u parkmeter-gate"
