# shellcheck shell=bash
# What must be installed, from Debian, crates.io and PyPI. A part of ./dev.

# Installs Debian packages, or says which ones are needed.
apt_install() {
  local as_root=()
  if ((EUID != 0)); then
    if ! has sudo; then die "please install: $* (there is no sudo here)"; fi
    as_root=(sudo)
    [[ -t 0 ]] || as_root+=(-n)
  fi
  if ! has apt-get; then die "please install what these Debian packages hold: $*"; fi
  say "installing $*"
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq </dev/null || say "apt-get update failed; trying with the lists that are here"
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@" </dev/null || die "could not install: $*"
}

# Prints the folder of the server programs: the one chosen, else on PATH, else the newest installed.
pg_bin() {
  local folder candidates=()
  if [[ -n ${LANDFALL_PG_BIN:-} ]]; then
    candidates=("$LANDFALL_PG_BIN")
  else
    IFS=: read -ra candidates <<<"$PATH"
    while IFS= read -r folder; do candidates+=("$folder"); done < <(
      printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin | sort -rV
    )
  fi
  for folder in "${candidates[@]}"; do
    if [[ -x $folder/initdb && -x $folder/postgres ]]; then
      # Distributions link single programs into the PATH; the others lie beside the real ones.
      dirname "$(readlink -f "$folder/initdb")"
      return
    fi
  done
  return 1
}

has_postgis() { [[ -f "$("$1/pg_config" --sharedir 2>/dev/null)/extension/postgis.control" ]]; }

setup_server() {
  local bin major
  pg_bin >/dev/null || apt_install postgresql
  bin=$(pg_bin) || die "no initdb and postgres found: install postgresql, or set LANDFALL_PG_BIN to their folder"
  if ! has_postgis "$bin"; then
    major=$("$bin/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    apt_install "postgresql-$major-postgis-3"
  fi
}

setup_tests() {
  has python3 || apt_install python3 # the oracle of some tests
  cargo nextest --version >/dev/null 2>&1 || install_cargo_tool cargo-nextest
}

# Sets LANDFALL_MINISTACK; tells where that cannot be.
setup_ministack() {
  if [[ -n ${LANDFALL_MINISTACK:-} ]] || has ministack; then return; fi
  install_python_tools "$MINISTACK"
  if ! has_python_tool "$MINISTACK"; then
    say "SKIPPED: ministack could not be installed, so neither SQS nor the AWS stack is tested, and S3 not against a second store"
    return
  fi
  export LANDFALL_MINISTACK=$TOOLS/$MINISTACK
}

setup_deny() { cargo deny --version >/dev/null 2>&1 || install_cargo_tool cargo-deny; }

setup_lambda() { install_python_tools "$CARGO_LAMBDA"; }
setup_template() { install_python_tools "${TEMPLATE_TOOLS[@]}"; }

# Installs programs from PyPI, each into a virtual environment of its own, at the same time. Where the registry cannot be
# reached this does not fail: what is missing is told when it is wanted.
install_python_tools() {
  local tool missing=()
  for tool; do has_python_tool "$tool" || missing+=("$tool"); done
  ((${#missing[@]})) || return 0
  # Debian keeps what makes virtual environments in a package of its own.
  python3 -c 'import ensurepip' 2>/dev/null || (apt_install python3 python3-venv) || return 0
  for tool in "${missing[@]}"; do install_python_tool "$tool" & done
  wait
}

# The mark is set last: a folder without it was left by an installation that broke off.
has_python_tool() { [[ -f $TOOLS/$1/complete ]]; }

install_python_tool() {
  local folder=$TOOLS/$1
  say "installing $1, once"
  rm -rf -- "$folder"
  python3 -m venv "$folder" >&2 || return
  local packages
  IFS=+ read -ra packages <<<"$1"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --retries 1 "${packages[@]}" </dev/null >&2 || return
  touch "$folder/complete"
}

install_cargo_tool() {
  say "building $1, once (some minutes)"
  cargo install --locked --quiet "$1" </dev/null
}

cmd_setup() {
  local part
  (($#)) || set -- server tests ministack
  for part; do
    case $part in
      server | tests | ministack | deny | lambda | template) "setup_$part" ;;
      *) die "setup knows the parts server, tests, ministack, deny, lambda and template, not $part" ;;
    esac
  done
  say "set up: $*"
}
