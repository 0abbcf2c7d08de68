# shellcheck shell=bash
# A throw-away Postgres, and .sqlx: the described queries, so that builds need no database. A part of ./dev.

# Runs a command as the user of the server: ourselves, or `postgres` if we are root.
as_server_user() {
  if ((EUID != 0)); then "$@"; else setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; fi
}

# No waiting for the disk: a crash may cost the whole cluster, which is thrown away anyway.
readonly FOR_TESTS="-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal \
  -c max_wal_senders=0"

# Starts a server for this run, on a unix socket in a folder that only its user can enter.
# Sets LANDFALL_TEST_DATABASE_URL, unless the caller gave one. Takes further server settings.
start_cluster() {
  local settings=${1-$FOR_TESTS}
  if [[ -n ${LANDFALL_TEST_DATABASE_URL:-} ]]; then
    say "using the Postgres of LANDFALL_TEST_DATABASE_URL"
    return
  fi
  setup_server
  PG_BIN=$(pg_bin)
  sweep_clusters
  PG_DIR=$(make_cluster_folder)
  say "starting a throw-away Postgres in $PG_DIR"
  (
    cd "$PG_DIR"
    as_server_user "$PG_BIN/initdb" -D "$PG_DIR/data" -U postgres -E UTF8 --locale=C.UTF-8 -A trust \
      --no-sync --no-instructions >"$PG_DIR/initdb.log" 2>&1 </dev/null || { cat "$PG_DIR/initdb.log" >&2; exit 1; }
    as_server_user "$PG_BIN/pg_ctl" -D "$PG_DIR/data" -l "$PG_DIR/data/server.log" -w -s start -o "-k $PG_DIR \
      -c listen_addresses= -c max_connections=400 -c shared_buffers=256MB -c jit=off -c timezone=UTC \
      -c max_wal_size=4GB -c log_checkpoints=off $settings" </dev/null || { cat "$PG_DIR/data/server.log" >&2; exit 1; }
  ) || die "the throw-away Postgres did not start"
  export LANDFALL_TEST_DATABASE_URL="postgres://postgres@localhost/postgres?host=$PG_DIR"
}

# Makes a folder that the server's user can enter, with a path short enough for a socket (107 bytes).
make_cluster_folder() {
  local parent=${TMPDIR:-/tmp} folder
  if ((${#parent} > 70)) || ! (cd / && as_server_user test -x "$parent"); then parent=/tmp; fi
  folder=$(mktemp -d "$parent/landfall-test-pg.XXXXXX")
  echo $$ >"$folder/owner"
  ((EUID != 0)) || chown postgres:postgres "$folder"
  readlink -f "$folder"
}

remove_cluster() {
  if [[ -f $1/data/postmaster.pid ]]; then
    (cd / && as_server_user "$PG_BIN/pg_ctl" -D "$1/data" -m immediate -w -s stop </dev/null) || true
  fi
  rm -rf -- "$1"
}

# Removes what earlier runs of the same user left that were killed.
sweep_clusters() {
  local folder user
  user=$(as_server_user id -u)
  for folder in "${TMPDIR:-/tmp}"/landfall-test-pg.* /tmp/landfall-test-pg.*; do
    if [[ -f $folder/owner && $(stat -c %u "$folder") == "$user" && ! -d /proc/$(cat "$folder/owner") ]]; then
      say "removing $folder, left behind by a killed run"
      remove_cluster "$folder"
    fi
  done
}

# Makes a database of this name with all migrations applied and prints its URL.
migrated_database() {
  local url file
  url=$(url_of_database "$LANDFALL_TEST_DATABASE_URL" "$1")
  psql_quiet "$LANDFALL_TEST_DATABASE_URL" -c "drop database if exists $1" -c "create database $1"
  for file in migrations/[0-9]*.sql; do
    psql_quiet "$url" --single-transaction -f "$file" || die "$file does not apply"
  done
  printf '%s\n' "$url"
}

# The URL with another database. Both libpq and sqlx let the parameter win over the path.
url_of_database() {
  case $1 in
    *\?*) printf '%s&dbname=%s\n' "$1" "$2" ;;
    *) printf '%s?dbname=%s\n' "$1" "$2" ;;
  esac
}

psql_quiet() {
  PGOPTIONS="-c client_min_messages=warning" psql -X -q -v ON_ERROR_STOP=1 -d "$@" >/dev/null </dev/null
}

# ---- .sqlx: the described queries, so that builds need no database ---------------------------------------------

# Uses what is committed, for every cargo command of this script but the one that writes it.
use_offline_queries() {
  if [[ -d .sqlx ]]; then
    export SQLX_OFFLINE=true
    unset DATABASE_URL
  elif [[ -z ${DATABASE_URL:-} ]]; then
    say "there is no .sqlx yet: making it"
    cmd_prepare
    export SQLX_OFFLINE=true
  fi
}

# Writes the description of every query to the folder. Needs a cluster.
describe_queries() {
  local into=$1 url sources file stamps
  url=$(migrated_database landfall_prepare)
  # The macros run when their crate is compiled, so each file that holds some must look changed. Its time is put
  # back afterwards: the next build then finds nothing to do.
  mapfile -t sources < <(grep -rlE '\bquery(_as|_scalar|_file|_file_as|_file_scalar)?(_unchecked)?!' \
    --include='*.rs' shared functions cli tests benches)
  scratch stamps
  stamps=$REPLY
  for file in "${sources[@]}"; do
    touch -r "$file" "$stamps/${file//\//%}"
    touch "$file"
  done
  say "describing the queries of ${#sources[@]} files"
  env -u SQLX_OFFLINE DATABASE_URL="$url" SQLX_OFFLINE_DIR="$into" cargo check --workspace --all-targets --quiet
  for file in "${sources[@]}"; do touch -r "$stamps/${file//\//%}" "$file"; done
}

cmd_prepare() {
  local fresh
  start_cluster
  scratch queries
  fresh=$REPLY
  describe_queries "$fresh"
  rm -rf .sqlx
  mkdir .sqlx
  find "$fresh" -name 'query-*.json' -exec mv -t .sqlx {} +
  say ".sqlx holds $(find .sqlx -name 'query-*.json' | wc -l) queries; commit it"
}

check_queries() {
  local fresh
  scratch queries
  fresh=$REPLY
  describe_queries "$fresh"
  diff -r .sqlx "$fresh" || die ".sqlx does not fit the code and the migrations: run ./dev prepare and commit it"
}
