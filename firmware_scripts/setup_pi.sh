#!/bin/bash
# Makes a Raspberry Pi a gate of ParkMeter, or a machine its central service. Run it again at any time: it does what lacks.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$HERE/lib.sh"

usage() {
    cat << 'USAGE'
usage: setup_pi.sh [options]

  --central         central, with mosquitto, instead of a gate
  --dry-run         print every step and change nothing
  --root DIR        set up the system below DIR instead of this one
  --any-debian      any Debian on any processor, not only Raspberry Pi OS (64-bit)
  --skip-packages   leave out apt: the packages are there already
  --skip-venv       leave out the Python environment
  --wheels DIR      Python packages from this folder, without a network
  --no-compile      leave out compiling Python's files beforehand
  --start           start the service at the end

Settings in /etc/parkmeter are made when missing and never overwritten.
USAGE
}

ROLE=gate ANY_DEBIAN="" PACKAGES=yes VENV=yes COMPILE=yes START=""
while [ $# -gt 0 ]; do
    case "$1" in
        --central) ROLE=central ;;
        --dry-run) DRY_RUN=yes ;;
        --root) ROOT=$(a_folder --root "${2:-}"); shift ;;
        --any-debian) ANY_DEBIAN=yes ;;
        --skip-packages) PACKAGES="" ;;
        --skip-venv) VENV="" ;;
        --wheels) PIP_FIND_LINKS=$(a_folder --wheels "${2:-}"); export PIP_FIND_LINKS PIP_NO_INDEX=1; shift ;;
        --no-compile) COMPILE="" ;;
        --start) START=yes ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
    shift
done
need_root
umask 022

SOURCE=${HERE%/*}
UNIT=parkmeter-$ROLE.service

check_system() {
    step "which system this is"
    local file="$ROOT/etc/os-release" id="" codename="" arch
    [ -r "$file" ] || die "$file can't be read: expected Raspberry Pi OS or Debian"
    id=$(sed -n 's/^ID=//p' "$file" | tr -d '"')
    codename=$(sed -n 's/^VERSION_CODENAME=//p' "$file" | tr -d '"')
    case "$id" in debian | raspbian) ;; *) die "this is ${id:-an unknown system}: expected Raspberry Pi OS or Debian" ;; esac
    case "$codename" in
        bookworm | trixie) ;;
        *) die "this is $id ${codename:-of an unknown release}: expected bookworm or trixie" ;;
    esac
    CODENAME=$codename
    if [ -z "$ANY_DEBIAN" ]; then
        arch=$(dpkg --print-architecture 2> /dev/null || uname -m)
        [ "$arch" = arm64 ] || die "this processor is $arch: expected arm64, the 64-bit Raspberry Pi OS (or --any-debian)"
        [ -e "$ROOT/etc/rpi-issue" ] || die "this is no Raspberry Pi OS: expected /etc/rpi-issue (or --any-debian)"
    fi
    say "    $id $codename"
}

install_packages() {
    step "packages"
    local wanted=(python3 python3-venv ca-certificates openssl systemd systemd-timesyncd) optional=() missing=() name
    if [ "$ROLE" = gate ]; then
        wanted+=(mosquitto-clients)
        optional+=(python3-lgpio python3-gpiozero python3-picamera2)
    else
        wanted+=(mosquitto)
    fi
    if [ -n "$ROOT" ]; then
        say "    left to the system below $ROOT: ${wanted[*]} ${optional[*]}"
        return
    fi
    # without recommendations: a gate has no desktop
    run env DEBIAN_FRONTEND=noninteractive apt-get update -q
    for name in "${optional[@]}"; do
        if [ -n "$DRY_RUN" ] || apt-cache show "$name" > /dev/null 2>&1; then
            wanted+=("$name")
        else
            [ -n "$ANY_DEBIAN" ] || die "apt has no $name: expected the package sources of Raspberry Pi OS"
            missing+=("$name")
        fi
    done
    run env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${wanted[@]}"
    [ ${#missing[@]} = 0 ] || say "    NOT INSTALLED, this Debian has none: ${missing[*]}; what needs them says so"
}

make_user() {
    step "user parkmeter, who runs it"
    local below=() group
    if [ -n "$ROOT" ]; then below=(--prefix "$ROOT"); fi
    for group in gpio video; do
        grep -q "^$group:" "$ROOT/etc/group" 2> /dev/null || run groupadd "${below[@]}" --system "$group"
    done
    grep -q '^parkmeter:' "$ROOT/etc/passwd" 2> /dev/null ||
        run useradd "${below[@]}" --system --user-group --home-dir /var/lib/parkmeter --no-create-home \
            --shell /usr/sbin/nologin parkmeter
    run usermod "${below[@]}" -a -G gpio,video parkmeter
    GROUP=$(sed -n 's/^parkmeter:[^:]*:\([0-9]*\):.*/\1/p' "$ROOT/etc/group" 2> /dev/null)
    [ -n "$GROUP" ] || [ -n "$DRY_RUN" ] || die "$ROOT/etc/group has no group parkmeter: useradd made none"
}

install_program() {
    NAME=$(version_of "$SOURCE")
    step "program, version $NAME"
    install_version "$SOURCE" "$NAME"
    if [ -n "$VENV" ]; then
        step "Python environment (minutes on the first start)"
        make_environment "$NAME"
        mend_camera_package
        [ -z "$COMPILE" ] || compile_version "$NAME"
    fi
    point /opt/parkmeter/current "versions/$NAME"
}

# Bookworm's simplejpeg, which its picamera2 imports, was built for numpy 1 and dies beside our numpy 2
mend_camera_package() {
    [ "$CODENAME" = bookworm ] && [ -e "$ROOT/usr/lib/python3/dist-packages/picamera2" ] || return 0
    run "$ROOT/opt/parkmeter/versions/$NAME/.venv/bin/python" -m pip install -q --no-deps --only-binary :all: \
        simplejpeg==1.9.0
}

make_settings() {
    step "settings in $ROOT/etc/parkmeter (never overwritten)"
    run mkdir -p "$ROOT/etc/parkmeter"
    run chmod 0750 "$ROOT/etc/parkmeter"
    if [ "$(id -u)" = 0 ]; then run chgrp "${GROUP:-parkmeter}" "$ROOT/etc/parkmeter"; fi
    local file=/etc/parkmeter/edge.toml example="$SOURCE/config/edge.toml" data='data_dir = "/var/lib/parkmeter"'
    if [ "$ROLE" = central ]; then
        file=/etc/parkmeter/central.toml example="$SOURCE/config/central.toml"
        data='data_dir = "/var/lib/parkmeter-central"'
    fi
    if [ -e "$ROOT$file" ]; then
        say "    $ROOT$file is kept as it is"
        return
    fi
    sed "s|^data_dir = \"[^\"]*\"|$data|" "$example" | put "$file" 0640 "$([ "$(id -u)" != 0 ] || printf %s "$GROUP")"
    say "    $ROOT$file is the example: fill in site, id, broker and keys (or let enroll do it)"
}

install_units() {
    step "services"
    local unit names=("$UNIT")
    if [ "$ROLE" = gate ]; then
        names+=(parkmeter-safe-mode.service parkmeter-update.service parkmeter-update.path)
    else
        put /etc/systemd/system/mosquitto.service.d/parkmeter.conf 0644 \
            < "$HERE/systemd/mosquitto.service.d/parkmeter.conf"
    fi
    for unit in "${names[@]}"; do
        put "/etc/systemd/system/$unit" 0644 < "$HERE/systemd/$unit"
    done
    step "the machine's watchdog, logs in memory, time from the network"
    put /etc/systemd/system.conf.d/parkmeter-watchdog.conf 0644 < "$HERE/system/watchdog.conf"
    put /etc/systemd/journald.conf.d/parkmeter.conf 0644 < "$HERE/system/journald.conf"
    local boot="$ROOT/boot/firmware/config.txt"
    if [ -e "$boot" ] && ! grep -q '^dtparam=watchdog=on' "$boot"; then
        if [ -n "$DRY_RUN" ]; then
            say "    would add to $boot: dtparam=watchdog=on"
        else
            printf 'dtparam=watchdog=on\n' >> "$boot"
        fi
    fi
    local below=() wanted=("$UNIT")
    if [ -n "$ROOT" ]; then below=("--root=$ROOT"); fi
    [ "$ROLE" = central ] || wanted+=(parkmeter-update.path)
    if has_systemd; then run systemctl daemon-reload; fi
    run systemctl "${below[@]}" -q enable "${wanted[@]}"
    if [ -e "$ROOT/usr/sbin/chronyd" ]; then
        say "    chrony keeps the time"
    elif [ -e "$ROOT/usr/lib/systemd/system/systemd-timesyncd.service" ]; then
        run systemctl "${below[@]}" -q enable systemd-timesyncd.service
    else
        say "    NOT DONE: nothing here keeps the time; install systemd-timesyncd or chrony"
    fi
    if has_systemd && [ -n "$START" ]; then run systemctl restart "$UNIT"; fi
}

say_what_is_left() {
    step "done; left for a person"
    local word=gate
    [ "$ROLE" = gate ] || word=central
    cat << LEFT
    1. fill in $ROOT/etc/parkmeter/$([ $word = gate ] && printf edge || printf central).toml, or enroll the gate
    2. systemctl start $UNIT; systemctl status $UNIT
LEFT
    [ "$ROLE" = gate ] || return 0
    cat << 'LEFT'
    3. a power cut must not hurt the card: give the journal a partition of its own and make the rest read-only
         mkfs.ext4 -L parkmeter /dev/mmcblk0p3      # a partition you made for it, or a USB disk
         echo 'LABEL=parkmeter /var/lib/parkmeter ext4 noatime,nodev,nosuid,noexec 0 2' >> /etc/fstab
         raspi-config nonint do_overlayfs 0         # then put overlayroot=tmpfs:recurse=0 into /boot/firmware/cmdline.txt
         raspi-config nonint do_overlayfs 1         # makes it writable again, before an update; reboot after each
LEFT
}

check_system
if [ -n "$PACKAGES" ]; then install_packages; fi
make_user
install_program
make_settings
install_units
say_what_is_left
