#!/bin/sh
# Installs the Debian packages that the tests need, when one is missing: as root or through sudo, otherwise prints the
# line to run and fails. Their daemons are not started; tests start private ones.
set -eu
needed="age chromium firefox-esr fonts-dejavu-core git libarchive-tools openssl p7zip-full postgresql-15 python3-venv
rabbitmq-server socat unzip"

missing=""
for package in $needed; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null; then exec sudo -n "$0"; fi
    echo "The tests need Debian packages that are not installed. As root:  apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    trap 'rm -f $policy' EXIT
fi
echo "Installing Debian packages:$missing" >&2
apt-get update -qq
# shellcheck disable=SC2086  # a list of names
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
