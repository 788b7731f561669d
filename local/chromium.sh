#!/bin/sh
# Bring the browser of the journeys: Debian's own, where this user may install it.
#
# Otherwise say exactly what to install. The journeys are then skipped; where CI is set that is a failure.
set -u

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser journeys"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if apt-get update >"$log" 2>&1 && apt-get install --yes --no-install-recommends chromium >>"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -5 "$log" >&2
    rm -f "$log"
fi

cat >&2 <<'TEXT'

There is no Chromium on this machine, so the browser journeys are SKIPPED.
Install it and run the same command again:

    Debian:  sudo apt install chromium
    Ubuntu:  sudo snap install chromium

TEXT
[ -z "${CI:-}" ] || exit 1
