#!/bin/bash
# An update that the gate is ordered to make. The gate runs `ask`; root's parkmeter-update.service runs `serve`.
# The gate itself may change nothing: it leaves a request beside the bundle, and root installs what is signed.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$HERE/lib.sh"

WAIT_S=1800 WORD=${1:-}
shift || true
UPDATE=()
while [ $# -gt 0 ]; do
    case "$1" in
        --root) ROOT=$(a_folder --root "${2:-}"); UPDATE+=("$1" "${2:-}"); shift ;;
        *) UPDATE+=("$1") ;; # update.sh's own
    esac
    shift
done
FOLDER=$ROOT/var/lib/parkmeter/update
RESULTS=$ROOT/run/parkmeter-update

ask() {
    local id told
    [ -r "$FOLDER/bundle.tar.gz" ] || die "there is no bundle: expected $FOLDER/bundle.tar.gz"
    id=$(od -An -N16 -tx1 /dev/urandom | tr -dc 0-9a-f)
    printf '%s\n' "$id" > "$FOLDER/request.new"
    mv "$FOLDER/request.new" "$FOLDER/request"
    # an update that succeeds ends the gate and this with it; what is heard here is how it did not
    for ((second = 0; second < WAIT_S; second++)); do
        if told=$(cat "$RESULTS/$id" 2> /dev/null) && [ -n "$told" ]; then
            say "${told#* }"
            exit "${told%% *}"
        fi
        sleep 1
    done
    die "nothing came of the request in $WAIT_S s: is parkmeter-update.path enabled?"
}

serve() {
    local id="" status=0
    if [ -f "$FOLDER/request" ] && [ ! -L "$FOLDER/request" ]; then
        id=$(head -c 100 "$FOLDER/request" | tr -dc 0-9a-f)
    fi
    rm -f "$FOLDER/request"
    [ ${#id} = 32 ] || die "$FOLDER/request: expected 32 hexadecimal digits"
    mkdir -p "$RESULTS"
    "$HERE/update.sh" --signed "${UPDATE[@]}" "$FOLDER/bundle.tar.gz" 2>&1 | tee "$RESULTS/log" || status=${PIPESTATUS[0]}
    printf '%s %s\n' "$status" "$(tail -n 1 "$RESULTS/log")" > "$RESULTS/.new"
    mv "$RESULTS/.new" "$RESULTS/$id"
    exit "$status"
}

case "$WORD" in
    ask) ask ;;
    serve) serve ;;
    *) die "expected ask or serve" ;;
esac
