# shellcheck shell=bash
# Tests and checks. A part of ./dev.

cmd_test() {
  setup_tests
  setup_ministack
  start_cluster
  use_offline_queries
  if (($# == 0)); then
    packages_for_tests
    say "running the examples of the documentation"
    cargo test --workspace --doc --quiet
  elif [[ $* == aws ]]; then
    packages_for_tests
    set -- -E 'package(landfall-tests) and test(/^aws::/)'
  fi
  say "running the tests"
  cargo nextest run --workspace --no-fail-fast "$@"
}

# Sets LANDFALL_PACKAGES; tells where that cannot be.
packages_for_tests() {
  if [[ -n ${LANDFALL_PACKAGES:-} ]]; then return; fi
  if [[ -z ${LANDFALL_MINISTACK:-} ]]; then
    say "SKIPPED: the AWS stack is NOT tested, LANDFALL_MINISTACK names no virtual environment"
    return
  fi
  if [[ $(uname -sm) != "Linux x86_64" ]]; then
    say "SKIPPED: the AWS stack is NOT tested, this machine does not run what is built for Lambda on x86-64"
    return
  fi
  if has_fresh_packages; then
    say "testing the packages that ./dev package built"
    LANDFALL_PACKAGES=$(realpath "$TARGET/lambda")
  else
    setup_lambda
    if ! has_python_tool "$CARGO_LAMBDA"; then
      say "SKIPPED: cargo-lambda could not be installed, so the AWS stack is NOT tested"
      return
    fi
    # As all that is tested: a build for release takes the time of all other tests.
    build_packages "$TARGET/lambda-test" --profile dev
    LANDFALL_PACKAGES=$(realpath "$TARGET/lambda-test")
  fi
  export LANDFALL_PACKAGES
}

# Whether ./dev package has built all functions for this machine since the sources changed.
has_fresh_packages() {
  local manifest bootstrap
  for manifest in functions/*/Cargo.toml; do
    bootstrap=$TARGET/lambda/$(basename "$(dirname "$manifest")")/bootstrap
    if [[ ! -f $bootstrap ]] || changed_since "$bootstrap"; then return 1; fi
  done
  [[ $(packed_architecture "$TARGET/lambda") == x86_64 ]]
}

cmd_check() {
  case ${1-} in '' | --deep) ;; *) die "check knows --deep, not $1" ;; esac
  setup_tests
  setup_deny
  start_cluster
  use_offline_queries
  say "lock file"
  cargo metadata --locked --format-version 1 >/dev/null
  say "format"
  cargo fmt --all -- --check
  if has shellcheck; then
    say "shell scripts"
    shellcheck -x -a dev .ci/run
  else
    say "SKIPPED: shell scripts, shellcheck is not installed"
  fi
  say ".sqlx"
  check_queries
  say "lints"
  cargo clippy --workspace --all-targets --quiet -- -D warnings
  say "documentation"
  RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet
  say "bans, licences and sources of dependencies"
  cargo deny --log-level error check bans licenses sources
  check_advisories
  check_template
  say "direction of dependencies, no unsafe code"
  cargo nextest run --workspace dependency_direction unsafe_code
  if [[ ${1-} == --deep ]]; then check_inflate; fi
}

# The inflater against zlib on far more streams than the tests of every day have, damaged ones and random bytes too.
check_inflate() {
  say "inflate against zlib, 20,000 streams of each kind"
  PROPTEST_CASES=20000 cargo test -p landfall-inflate --test it peer::
}

check_advisories() {
  say "security advisories"
  if timeout 120 cargo deny --log-level error fetch db </dev/null; then
    cargo deny --log-level error check --disable-fetch advisories
  else
    say "SKIPPED: security advisories were NOT checked, the advisory database could not be fetched"
  fi
}

check_template() {
  local tool name bin
  setup_template
  for tool in "${TEMPLATE_TOOLS[@]}"; do
    name=${tool%%==*} bin=$TOOLS/$tool/bin
    if ! has_python_tool "$tool"; then
      say "SKIPPED: the AWS template was NOT checked by $name, it could not be installed"
      continue
    fi
    say "AWS template: $name"
    case $name in
      cfn-lint) "$bin/cfn-lint" infra/template.yaml ;;
      # It asks for a region, and takes nothing from it.
      aws-sam-cli) SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-central-1 "$bin/sam" validate --lint -t infra/template.yaml ;;
      checkov) "$bin/checkov" --config-file infra/checkov.yaml --file infra/template.yaml ;;
    esac
  done
}
