#!/bin/sh
# Makes the Debian base of all images, sealdrop/base:bookworm, from the packages this host's apt is set up for.
set -eu
docker image inspect sealdrop/base:bookworm >/dev/null 2>&1 && exit 0
uri=$(awk '/^URIs:/ {print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
[ -n "$uri" ] || uri=$(awk '/^deb / {print $2; exit}' /etc/apt/sources.list)
tar=$(mktemp --suffix=.tar)
trap 'rm -f "$tar"' EXIT
mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include=ca-certificates bookworm "$tar" "$uri"
docker import -c 'CMD ["sh"]' "$tar" sealdrop/base:bookworm >/dev/null
