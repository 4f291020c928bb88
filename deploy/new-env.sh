#!/bin/sh
# Writes .env for docker-compose.yml, with new secrets, once:
#
#     sh deploy/new-env.sh                                a trial on this machine: tokens are signed by Concord itself
#     sh deploy/new-env.sh https://concord.example.com    an installation that people rely on, at this public address
set -eu

origin=${1:-http://127.0.0.1:8000}
env=${1:+production}

if [ -e .env ]; then
	echo ".env is there already, and the database knows its passwords: it stays as it is." >&2
	exit 1
fi

secret() {
	od -A n -N 32 -t x1 /dev/urandom | tr -d ' \n'
}

umask 077
cat >.env <<END
CONCORD_ENV=${env:-development}
CONCORD_ORIGIN=$origin
CONCORD_SECRET=$(secret)
CONCORD_OPERATOR_KEY=$(secret)
CONCORD_SIGNING_KEY=$(secret)
CONCORD_DATABASE_PASSWORD=$(secret)
POSTGRES_PASSWORD=$(secret)
END
echo "Wrote .env. Keep it: the database knows its passwords, and what was signed rests on its secret."
