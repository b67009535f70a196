#!/bin/bash
# What the scripts beside this one share: words to the person, steps that a dry run only prints, versions. Sourced.

DRY_RUN=""  # "yes": print every step, change nothing
ROOT=""     # everything is done below this folder; "" is the machine itself

say() { printf '%s\n' "$*"; }

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# step TEXT: what comes next, for the person who watches
step() { say "==> $*"; }

# run COMMAND...: does it, or in a dry run says it
run() {
    if [ -n "$DRY_RUN" ]; then
        printf '    would run:'
        printf ' %q' "$@"
        printf '\n'
    else
        "$@"
    fi
}

# put FILE MODE [GROUP]: writes stdin there, whole or not at all; leaves a file that says the same alone
put() {
    local file="$ROOT$1" mode="$2" group="${3:-}" new
    if [ -n "$DRY_RUN" ]; then
        cat > /dev/null
        say "    would write: $file"
        return
    fi
    mkdir -p "${file%/*}"
    new=$(mktemp "$file.XXXXXX")
    cat > "$new"
    chmod "$mode" "$new"
    [ -z "$group" ] || chgrp "$group" "$new"
    if [ -e "$file" ] && cmp -s "$new" "$file"; then
        rm "$new"
    else
        sync "$new"
        mv "$new" "$file"
    fi
}

# point NAME TARGET: a link that is changed in one step
point() {
    local link="$ROOT$1" target="$2"
    if [ -n "$DRY_RUN" ]; then
        say "    would point: $link -> $target"
        return
    fi
    ln -sfn "$target" "$link.new"
    mv -T "$link.new" "$link"
}

need_root() {
    [ "$(id -u)" = 0 ] || [ -n "$DRY_RUN" ] || [ -n "$ROOT" ] ||
        die "needs root: run sudo $0, or add --dry-run to see what it would do"
}

# a_folder OPTION PATH: that folder without its trailing slash; "" for the machine's own root
a_folder() {
    [ -d "$2" ] || die "$1: there is no folder $2"
    local folder
    folder=$(cd "$2" && pwd)
    [ "$folder" = / ] || printf '%s' "$folder"
}

has_systemd() { [ -z "$ROOT" ] && [ -d /run/systemd/system ]; }

# version_of FOLDER: its version and what it holds, as in 1.2.0-3fa94b12: the same content has the same name
version_of() {
    local version sum
    version=$(sed -n 's/^VERSION = "\([0-9A-Za-z.+]*\)"$/\1/p' "$1/edge/version.py" 2> /dev/null) || true
    [ -n "$version" ] || die "$1 is no ParkMeter: expected edge/version.py with a line VERSION = \"1.2.0\""
    sum=$(cd "$1" && find "${PROGRAM[@]}" -type f ! -name '*.pyc' -print0 2> /dev/null | LC_ALL=C sort -z |
        xargs -0 sha256sum | sha256sum)
    printf '%s-%s' "$version" "${sum:0:8}"
}

# what of a ParkMeter is installed
# shellcheck disable=SC2034  # used by who sources this
PROGRAM=(parkmeter edge central config docs firmware_scripts requirements.txt README.md)

# install_version SOURCE NAME: copies the program into versions/NAME, whole or not at all
install_version() {
    local place="/opt/parkmeter/versions/$2" there=() part
    if [ -d "$ROOT$place" ]; then
        say "    $ROOT$place is there already"
        return
    fi
    for part in "${PROGRAM[@]}"; do
        [ ! -e "$1/$part" ] || there+=("$part")
    done
    run mkdir -p "$ROOT/opt/parkmeter/versions"
    if [ -n "$DRY_RUN" ]; then
        say "    would copy: $1 -> $ROOT$place"
        return
    fi
    rm -rf "$ROOT$place.new"
    mkdir "$ROOT$place.new"
    tar -C "$1" --exclude=__pycache__ --exclude='*.pyc' -cf - "${there[@]}" | tar -C "$ROOT$place.new" --no-same-owner -xf -
    chmod -R go-w,a+rX "$ROOT$place.new"
    sync -f "$ROOT$place.new"
    mv "$ROOT$place.new" "$ROOT$place"
}

# make_environment NAME: the Python environment of versions/NAME; versions with the same requirements share one
make_environment() {
    local version="$ROOT/opt/parkmeter/versions/$1" sum name python
    if [ -n "$DRY_RUN" ]; then
        say "    would make: a Python environment with the system's own packages, filled from requirements.txt"
        return
    fi
    python=$(readlink -f "$(command -v python3)")
    sum=$(printf '%s\n' "$python" | cat - "$version/requirements.txt" | sha256sum)
    name="/opt/parkmeter/venvs/${sum:0:12}"
    [ -x "$ROOT$name/bin/python" ] || python3 -m venv --system-site-packages "$ROOT$name"
    ln -sfn "../../venvs/${sum:0:12}" "$version/.venv"
    # the launcher fills it, or says in one line why it can't; a second time it finds nothing to do
    PARKMETER_VENV="$ROOT$name" "$version/parkmeter" gate --help > /dev/null ||
        die "the Python environment could not be filled, see above; run the same command again"
}

# compile_version NAME: Python's files beforehand, as the gate may not write beside them
compile_version() {
    local version="$ROOT/opt/parkmeter/versions/$1"
    # what can't be compiled is a package's test data for another Python
    run "$version/.venv/bin/python" -m compileall -q "$version/edge" "$version/central" "$version/.venv/lib" || true
}
