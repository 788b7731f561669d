#!/bin/sh
# Make .venv and install one lock file into it: `sh local/bootstrap.sh dev`.
#
# Runs before every target, so a warm run must cost nothing: the lock file that was installed last is kept inside
# .venv, and when it is the same there is nothing to do. It is copied after the installation, so one that was
# interrupted is simply done again. Nothing outside .venv is touched: Debian's own Python stays as it is.
set -eu

cd "$(dirname "$0")/.."
venv=.venv
python=$venv/bin/python

fail() {
    printf '\n%s\n\n' "$*" >&2
    exit 1
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

make_venv() {
    base=$(find_python)
    [ -n "$base" ] || fail "Undersigned needs Python 3.11 or newer. Install it (Debian, Ubuntu: apt install python3 python3-venv), \
or say which to take: make PYTHON=/path/to/python3.11"
    if ! "$base" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "$base cannot make a virtual environment. Install what is missing: apt install python3-venv \
(or python$version-venv), then run the same command again."
    fi
    echo "Making .venv with $("$base" --version)"
    "$base" -m venv --clear $venv || fail "The virtual environment could not be made; the lines above say why."
}

# uv does not read pip's configuration, so a machine whose packages come from elsewhere is asked through pip.
pip_setting() {
    for scope in global install :env:; do
        "$python" -m pip config get "$scope.$1" 2>/dev/null && return
    done || true
}

tell_uv_where() {
    index=${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-${PIP_INDEX_URL:-$(pip_setting index-url)}}}
    links=${UV_FIND_LINKS:-${PIP_FIND_LINKS:-$(pip_setting find-links)}}
    trusted=${UV_INSECURE_HOST:-${PIP_TRUSTED_HOST:-$(pip_setting trusted-host)}}
    certificate=${SSL_CERT_FILE:-${PIP_CERT:-$(pip_setting cert)}}
    if [ -n "$index" ]; then export UV_DEFAULT_INDEX="$index"; fi
    if [ -n "$links" ]; then UV_FIND_LINKS=$(echo "$links" | tr -s ' \n' ','); export UV_FIND_LINKS; fi
    if [ -n "$trusted" ]; then export UV_INSECURE_HOST="$trusted"; fi
    if [ -n "$certificate" ]; then export SSL_CERT_FILE="$certificate"; fi
    export UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-180}"
}

install_uv() {
    cmp -s requirements/uv.txt $venv/installed-uv.txt && return
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
    cp requirements/uv.txt $venv/installed-uv.txt
}

install_lock() {
    lock=requirements/$1.txt
    cmp -s "$lock" "$venv/installed-$1.txt" && return
    echo "Installing what $lock lists"
    install_uv
    tell_uv_where
    $venv/bin/uv pip install --quiet --no-config --python "$python" --require-hashes -r "$lock" ||
        fail "The packages could not be installed; the lines above say why. Run the same command again to go on."
    cp "$lock" "$venv/installed-$1.txt"
}

# A .venv whose Python went away (an upgrade, a moved folder) is made anew.
"$python" -c 'import pip' 2>/dev/null || make_venv
install_lock "$1"
