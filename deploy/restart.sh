#!/bin/sh
# Restart the web servers one after the other without one refused request. A process that ends cuts off who has just
# been connected to it, so nginx is told first to send nobody there, and what is under way may come to its end.
set -eu

conf=${CONF:-/etc/nginx/conf.d/undersigned.conf}
reload=${RELOAD:-systemctl reload nginx}
restart=${RESTART:-systemctl restart undersigned-web@}
drain=${DRAIN:-5}

all_up() {
    sed -i 's/^\( *server 127\.0\.0\.1:[0-9]* max_fails=0\) down;/\1;/' "$conf"
}
trap all_up EXIT

for port in ${PORTS:-8001 8002}; do
    sed -i "s/^\( *server 127\.0\.0\.1:$port max_fails=0\);/\1 down;/" "$conf"
    $reload
    sleep "$drain"
    $restart"$port"
    tries=0
    until curl --silent --fail --output /dev/null --max-time 2 "http://127.0.0.1:$port/healthz"; do
        tries=$((tries + 1))
        [ $tries -lt 240 ] || { echo "The web server on port $port does not answer: journalctl -u undersigned-web@$port" >&2; exit 1; }
        sleep 0.25
    done
    all_up
    $reload
done
