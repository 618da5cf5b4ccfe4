#!/bin/sh
# A private Docker engine for the compose test: installs it on Debian 12 where it is missing, starts it on a socket and
# a data directory of its own, and stops it again.   engine.sh install | start DIR | stop DIR
# Debian 12's own engine knows no `docker compose`; five packages of the next release need nothing newer from the system.
set -eu

install_engine() {
    [ -x /usr/sbin/dockerd ] && [ -x /usr/libexec/docker/cli-plugins/docker-compose ] && command -v mmdebstrap >/dev/null && return
    uri=$(awk '/^URIs:/ {print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
    [ -n "$uri" ] || uri=$(awk '/^deb / {print $2; exit}' /etc/apt/sources.list)
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri trixie main" >/etc/apt/sources.list.d/zz-sealdrop-engine.list
    cat >/etc/apt/preferences.d/zz-sealdrop-engine <<'PIN'
Package: *
Pin: release n=trixie
Pin-Priority: -1

Package: docker.io docker-cli docker-compose docker-buildx containerd
Pin: release n=trixie
Pin-Priority: 990
PIN
    trap 'rm -f /etc/apt/sources.list.d/zz-sealdrop-engine.list /etc/apt/preferences.d/zz-sealdrop-engine; apt-get update -qq' EXIT
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        docker.io docker-cli docker-compose docker-buildx containerd runc iptables mmdebstrap >/dev/null
}

start_engine() {
    dir=$1
    mkdir -p "$dir"
    cat >"$dir/daemon.json" <<JSON
{"data-root": "$dir/data", "exec-root": "$dir/exec", "pidfile": "$dir/pid", "hosts": ["unix://$dir/docker.sock"],
 "bip": "10.202.0.1/24", "default-address-pools": [{"base": "10.203.0.0/16", "size": 24}]}
JSON
    setsid nohup dockerd --config-file "$dir/daemon.json" >"$dir/log" 2>&1 </dev/null &
    for _ in $(seq 100); do
        DOCKER_HOST="unix://$dir/docker.sock" docker version >/dev/null 2>&1 && return
        sleep 0.2
    done
    tail -n 20 "$dir/log" >&2
    return 1
}

stop_engine() {
    [ -f "$1/pid" ] || return 0
    kill "$(cat "$1/pid")" || true
    for _ in $(seq 50); do [ -f "$1/pid" ] || return 0; sleep 0.2; done
}

case "${1:-}" in
    install) install_engine ;;
    start) start_engine "$2" ;;
    stop) stop_engine "$2" ;;
    *) sed -n '2,3p' "$0"; exit 2 ;;
esac
