#!/usr/bin/env bash
# Runs a command beside a throwaway PostgreSQL and passes its exit code on:
#
#   scripts/with-postgres.sh cargo test
#
# The command finds the server in PERENNIAL_TEST_POSTGRES, a URL without a database name. The cluster lives in a temporary
# folder, listens on a free port of 127.0.0.1 and is gone afterwards, also after Ctrl-C. It does not wait for the disk,
# and lives in memory where there is room, unless PERENNIAL_POSTGRES_DURABLE=1. On Debian and Ubuntu, root gets PostgreSQL installed when it is missing.
set -euo pipefail

if [ $# -eq 0 ]; then
    echo "usage: scripts/with-postgres.sh COMMAND [ARGUMENT...]" >&2
    exit 2
fi

say() { echo "with-postgres: $*" >&2; }

# Prints the folder that holds initdb and postgres; the newest, where there are several.
find_postgres() {
    local folder
    for folder in "$(pg_config --bindir 2>/dev/null || true)" \
        $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | sort -Vr); do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
            echo "$folder"
            return
        fi
    done
    if folder=$(command -v initdb); then
        dirname "$folder"
        return
    fi
    return 1
}

install_postgres() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "PostgreSQL is needed for the tests: install its server, so that initdb is on PATH"
        exit 1
    fi
    say "installing PostgreSQL"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null >&2
    apt-get install -y -qq --no-install-recommends postgresql </dev/null >&2
}

bin=$(find_postgres) || { install_postgres && bin=$(find_postgres); } || {
    say "PostgreSQL was installed but initdb is not where it is expected"
    exit 1
}

# What does not wait for the disk need not be on one: tests copy and drop some hundreds of databases, which takes a file
# system longer than the tests themselves.
place=${TMPDIR:-/tmp}
memory=/dev/shm
if [ "${PERENNIAL_POSTGRES_DURABLE:-0}" != 1 ] && [ -w "$memory" ] &&
    [ "$(df -Pk "$memory" 2>/dev/null | awk 'NR == 2 { print $4 }')" -ge 4194304 ] 2>/dev/null; then
    place=$memory
fi
folder=$(mktemp -d "$place/perennial-postgres.XXXXXX")
starter=
command=

# Ends the command with what it started, stops this server, and no other, then removes its folder. Runs once, whatever ends
# the script.
clean_up() {
    trap - EXIT INT TERM HUP
    local server
    if [ -n "$command" ]; then
        kill -TERM -- "-$command" 2>/dev/null || true
        wait "$command" 2>/dev/null || true
    fi
    for server in "$(head -1 "$folder/data/postmaster.pid" 2>/dev/null || true)" "$starter"; do
        [ -n "$server" ] || continue
        # SIGINT is PostgreSQL's fast shutdown. The folder goes anyway, so a server that hangs is killed.
        kill -INT "$server" 2>/dev/null || continue
        for _ in $(seq 100); do
            kill -0 "$server" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$server" 2>/dev/null || true
    done
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# PostgreSQL refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as=(runuser -u postgres --)
fi

# As Debian and the usual images have it: letters beyond ASCII have capitals.
locale=C
if locale -a 2>/dev/null | grep -qi '^C\.utf'; then locale=C.UTF-8; fi

settings=(
    "listen_addresses = '127.0.0.1'"
    "unix_socket_directories = '$folder'"
    "max_connections = 300"
    "logging_collector = off"
)
if [ "${PERENNIAL_POSTGRES_DURABLE:-0}" != 1 ]; then
    settings+=("fsync = off" "synchronous_commit = off" "full_page_writes = off"
        "wal_level = minimal" "max_wal_senders = 0" "max_wal_size = 256MB")
fi

(
    cd "$folder"
    if ! ${as[@]+"${as[@]}"} "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust \
        --encoding=UTF8 --locale="$locale" --no-sync >"$folder/initdb.log" 2>&1; then
        cat "$folder/initdb.log" >&2
        exit 1
    fi
)
printf '%s\n' "${settings[@]}" >>"$folder/data/postgresql.conf"

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port that is free now may be taken a moment later, so a start that fails is tried on another one.
start() {
    local attempt
    for attempt in 1 2 3 4 5; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        is_free "$port" || continue
        (cd "$folder" && exec ${as[@]+"${as[@]}"} "$bin/postgres" -D "$folder/data" -p "$port" \
            </dev/null >"$folder/server.log" 2>&1) &
        starter=$!
        for _ in $(seq 300); do
            if [ "$(sed -n 8p "$folder/data/postmaster.pid" 2>/dev/null | tr -d ' ')" = ready ]; then
                return
            fi
            kill -0 "$starter" 2>/dev/null || break
            sleep 0.1
        done
        kill -TERM "$starter" 2>/dev/null || true
        wait "$starter" 2>/dev/null || true
    done
    cat "$folder/server.log" >&2
    say "PostgreSQL did not start"
    exit 1
}
start

export PERENNIAL_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port"
# For tests that stop and kill a server of their own.
export PERENNIAL_TEST_POSTGRES_PROGRAMS="$bin"

# In the background and waited for, so that a signal is acted on at once; in a process group of its own (`set -m`), so that
# it can be ended with everything it started.
set -m
"$@" </dev/null &
command=$!
set +m
code=0
wait "$command" || code=$?
command=
exit "$code"
