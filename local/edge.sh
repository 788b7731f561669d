#!/bin/sh
# Bring what stands round the site in deploy/: Debian's nginx, Caddy, HAProxy and promtool, as programs and no services.
#
# Where this user may not install them, say exactly what to install; that is a failure, for these tests never sleep.
set -u

packages=
wants() {
    command -v "$1" >/dev/null 2>&1 || packages="$packages $2"
}
# The folders of system programs are in no ordinary user's path.
PATH=$PATH:/usr/sbin:/sbin
wants nginx nginx-light
wants caddy caddy
wants haproxy haproxy
wants promtool prometheus
wants logrotate logrotate
wants systemd-analyze systemd
wants curl curl
[ -n "$packages" ] || exit 0

as_root=
[ "$(id -u)" = 0 ] || as_root="sudo -n"
if command -v apt-get >/dev/null 2>&1 && $as_root true 2>/dev/null; then
    echo "Installing$packages for the tests of deploy/"
    log=$(mktemp)
    # Nothing that is installed here is started: each test starts its own.
    policy=/usr/sbin/policy-rc.d
    made=
    [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null; $as_root chmod 755 $policy; made=yes; }
    # shellcheck disable=SC2086 - several names
    $as_root apt-get update >"$log" 2>&1 &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $packages >>"$log" 2>&1
    status=$?
    [ -z "$made" ] || $as_root rm -f $policy
    [ $status = 0 ] || tail -5 "$log" >&2
    rm -f "$log"
    [ $status = 0 ] && exit 0
fi

cat >&2 <<TEXT

The tests of deploy/ need programs that are not on this machine. Install them and run the same command again:

    sudo apt install --no-install-recommends$packages

TEXT
exit 1
