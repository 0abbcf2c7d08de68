#!/usr/bin/env bash
# Measures the SQL of tickets: benches/tickets/run.sh URL [apply|read]
# URL: a server on which databases may be made, as a superuser, e.g. postgres://postgres@127.0.0.1:5432/postgres
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly URL=${1:?usage: run.sh URL [apply|read]} WHAT=${2:-all}
readonly NAME=landfall_bench_tickets_$$
if [[ $URL == *\?* ]]; then JOINT='&'; else JOINT='?'; fi
readonly DB=$URL${JOINT}dbname=$NAME
readonly STORE=../../shared/store/src/tickets
readonly ONE=00000000-0000-0000-0000-000000000001 TWO=00000000-0000-0000-0000-000000000002
export PGOPTIONS='-c client_min_messages=warning -c statement_timeout=300s'

run() { psql "$DB" -XqAt -v ON_ERROR_STOP=1 "$@"; }

fresh() {
  psql "$URL" -Xqc "drop database if exists $NAME with (force)" -c "create database $NAME"
  for file in ../../migrations/[0-9]*.sql; do run -1 -f "$file" >/dev/null; done
  run -f places.sql
}
trap 'psql "$URL" -Xqc "drop database if exists $NAME with (force)"' EXIT

# stage RUN DATASET FIRST COUNT NOW OPEN_IN_1000
stage() {
  run -v run="$1" -v dataset="$2" -v first="$3" -v count="$4" -v now="$5" -v open_in_1000="$6" -f generate.sql
}

# Prints a statement of the store with its arguments: statement FILE TABLE RUN
statement() { sed "/^--/d; s/{table}/$2/g; s/\$1/'$3'::uuid/g; s/\$2/'k'/g; s/\$3/false/g" "$1"; }

# apart TABLE RUN: what landfall_store::tickets::apply runs
apart() {
  echo "begin; select set_config('tickets.places', 'given', true) \\g /dev/null"
  for part in dedupe update insert; do
    echo "select pg_temp.timed('$part', \$s\$$(statement "$STORE/apply_$part.sql" "$1" "$2")\$s\$, 1);"
  done
  echo 'commit;'
}
upsert() { echo "select pg_temp.timed('upsert', \$s\$$(statement upsert.sql "$1" "$2")\$s\$, 1);"; }

apply() {
  local way
  for way in upsert apart; do
    fresh
    stage $ONE inc 0 100000 '2026-06-25 08:20:00' 100
    stage $TWO inc 50000 100000 '2026-06-25 08:40:00' 100
    echo "$way, 100,000 new tickets"
    { echo '\ir time.sql'; $way tickets.inc $ONE; } | run
    run -c 'vacuum analyze tickets.inc'
    echo "$way, 50,000 new and 50,000 known"
    { echo '\ir time.sql'; $way tickets.inc $TWO; } | run
  done
}

reading() {
  local open
  for open in 20 50; do
    fresh
    stage $ONE inc 0 200000 '2026-06-25 08:20:00' $open
    stage $TWO crq 0 20000 '2026-06-25 08:20:00' $open
    { echo '\ir time.sql'; apart tickets.inc $ONE; apart tickets.crq $TWO; } | run >/dev/null
    run -c 'truncate tickets.stage' -c 'vacuum analyze tickets.inc' -c 'vacuum analyze tickets.crq'
    echo "200,000 incidents, 20,000 change requests, $open of 1000 open"
    run -f time.sql -f read.sql
  done
}

if [[ $WHAT != read ]]; then apply; fi
if [[ $WHAT != apply ]]; then reading; fi
