#!/bin/sh
# Bring the PHP that runs the WordPress plugin in the tests: Debian's own, where this user may install it.
#
# Otherwise say exactly what to install. Those tests are then skipped; where CI is set that is a failure.
set -u

command -v php >/dev/null 2>&1 && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing PHP for the tests of the WordPress plugin"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if apt-get update >"$log" 2>&1 && apt-get install --yes --no-install-recommends php-cli >>"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -5 "$log" >&2
    rm -f "$log"
fi

cat >&2 <<'TEXT'

There is no PHP on this machine, so the tests of the WordPress plugin are SKIPPED.
Install it and run the same command again:

    Debian, Ubuntu:  sudo apt install php-cli

TEXT
[ -z "${CI:-}" ] || exit 1
