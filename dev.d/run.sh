# shellcheck shell=bash
# What is built and run here: demo, benches, watch, psql. A part of ./dev.

build_fast() {
  use_offline_queries
  say "building with release speed (the first time takes some minutes)"
  cargo build "${FAST[@]}" "$@"
}

# Sets FUNCTIONS to what chooses all functions for cargo.
choose_functions() {
  local manifest
  FUNCTIONS=()
  for manifest in functions/*/Cargo.toml; do FUNCTIONS+=(-p "$(basename "$(dirname "$manifest")")"); done
}

cmd_demo() {
  setup_server
  build_fast
  clean_up # nothing is left to do it after exec
  local data=(--data "$DEMO") argument
  for argument; do
    case $argument in --data | --data=*) data=() ;; esac
  done
  exec "$TARGET/fast/landfall" demo "${data[@]}" "$@"
}

cmd_bench() {
  local argument peers=()
  for argument; do
    case $argument in
      lambda) choose_functions ;; # it starts their programs
      tickets | change-files)
        install_python_tools "$PANDAS"
        if has_python_tool "$PANDAS"; then
          peers=(--python "$TOOLS/$PANDAS/bin/python")
        else
          say "SKIPPED: pandas could not be installed, so nothing is measured beside it"
        fi
        ;;
    esac
  done
  build_fast "${FUNCTIONS[@]}"
  start_cluster "" # as durable as in production, so that the figures hold
  "$TARGET/fast/landfall-benches" "$@" "${peers[@]}"
}

# Where functions under `cargo lambda watch` are called; this is its own port.
readonly CALLED_AT=127.0.0.1:9000
readonly SOURCES=(Cargo.toml Cargo.lock cli shared migrations)
WATCHED_PLACES=("${SOURCES[@]}" functions) # an edit there starts all that `watch` runs again
WATCHED_FUNCTIONS= # process id of the `cargo lambda watch` that `watch` runs

cmd_watch() {
  local folder=.landfall/dev argument next=
  for argument; do
    [[ $next != data ]] || folder=$argument
    case $argument in --data=*) folder=${argument#*=} ;; --data) next=data ;; *) next= ;; esac
  done
  setup_server
  setup_lambda
  use_offline_queries
  local stamp
  scratch watch
  stamp=$REPLY/stamp
  while true; do
    touch "$stamp"
    # All at once, so that the functions find what they are built of.
    if cargo build --workspace --bins; then start_watched "$folder" --data "$folder" "$@"; fi
    until changed_since "$stamp"; do sleep 1; done
    say "a source changed: building and starting again"
    stop_watched
  done
}

# Starts the platform, and its functions under cargo-lambda where that is installed.
start_watched() {
  # In a session of its own: Ctrl-C would reach it twice, from the terminal and from here, and the second stops at once.
  local folder=$1 up=(setsid "$TARGET/debug/landfall" up)
  shift
  if ! has_python_tool "$CARGO_LAMBDA"; then
    say "cargo-lambda could not be installed: the functions run within \`landfall up\`, and an edit starts all of it again"
    WATCHED_PLACES=("${SOURCES[@]}" functions)
    "${up[@]}" "$@" &
    WATCHED=$!
    return
  fi
  # What a function is built of by itself, cargo-lambda watches.
  WATCHED_PLACES=("${SOURCES[@]}")
  rm -f -- "$folder/functions.env"
  "${up[@]}" --functions "http://$CALLED_AT" "$@" &
  WATCHED=$!
  until [[ -f $folder/functions.env ]]; do
    kill -0 "$WATCHED" 2>/dev/null || return 0 # it has said why
    sleep 0.2
  done
  PATH="$TOOLS/$CARGO_LAMBDA/bin:$PATH" cargo lambda watch --invoke-address "${CALLED_AT%:*}" \
    --invoke-port "${CALLED_AT#*:}" --env-file "$folder/functions.env" &
  WATCHED_FUNCTIONS=$!
  say "functions are built when they are called first; docs/develop.md shows how to try one by itself"
}

stop_watched() {
  local process
  for process in $WATCHED $WATCHED_FUNCTIONS; do kill "$process" 2>/dev/null || true; done
  for process in $WATCHED $WATCHED_FUNCTIONS; do wait "$process" || true; done
  WATCHED='' WATCHED_FUNCTIONS=''
}

changed_since() {
  [[ -n $(find "${WATCHED_PLACES[@]}" -newer "$1" \( -name '*.rs' -o -name '*.toml' -o -name '*.sql' -o -name Cargo.lock \) \
    -print -quit) ]]
}

cmd_psql() {
  local url=$DEMO/postgres/url
  [[ -r $url ]] || die "the demo's database does not run: start it with ./dev demo"
  exec psql "$(url_of_database "$(cat "$url")" landfall)" "$@"
}
