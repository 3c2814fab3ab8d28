#!/bin/sh
# A lock in a shell script, on any CI system or on none: cli-in-shell.sh COMMAND [ARGUMENT...]
# LEASEHOLD_STORE says where the locks are: s3://acme-locks/ci?region=eu-west-1, or a directory.
set -eu

leasehold=${LEASEHOLD:-npx --yes leasehold}
name=${LOCK_NAME:-prod/api}

# 1. The usual case. The exit code is the command's; 75 says that somebody else had the lock all the time.
status=0
$leasehold run "$name" --wait-timeout 10m --reason "$*" -- "$@" || status=$?
case $status in
  0) ;;
  75) echo "Somebody else holds $name." >&2; exit "$status" ;;
  *) exit "$status" ;;
esac

# 2. A hold over several commands. A keeper renews the lease until it is released, until this shell is gone (--pid), or
#    for --max-hold at most. The lease's id is in what acquire prints.
held=$($leasehold acquire "$name" --pid $$ --max-hold 1h --reason 'checks after the deploy')
lease=$(printf '%s\n' "$held" | sed 's/.*"lease":"\([0-9a-f]*\)".*/\1/')
trap '$leasehold release "$name" --lease "$lease"' EXIT

$leasehold status "$name"
