#!/bin/sh
# PostgreSQL in its container: makes the cluster on first start, then serves with the settings of deploy/postgres.
set -eu
bin=$(echo /usr/lib/postgresql/*/bin)
if [ ! -s /data/cluster/PG_VERSION ]; then
    "$bin/initdb" -D /data/cluster -U postgres --auth-local=peer --auth-host=reject --data-checksums --encoding=UTF8 --no-locale >/dev/null
    echo "CREATE DATABASE sealdrop" | "$bin/postgres" --single -D /data/cluster postgres >/dev/null
fi
exec "$bin/postgres" -D /data/cluster -c config_file=/opt/postgres/postgresql.conf \
    -c hba_file=/opt/postgres/pg_hba.conf -c listen_addresses='*'
