# shellcheck shell=bash
# Packages for Lambda, and the stack on AWS. A part of ./dev.

cmd_package() {
  local argument build=(--release) report=()
  for argument; do
    case $argument in
      --arm64) build+=(--arm64) ;;
      --json) report+=(--json) ;;
      *) die "./dev package knows --arm64 and --json, not $argument" ;;
    esac
  done
  setup_lambda
  has_python_tool "$CARGO_LAMBDA" || die "cargo-lambda could not be installed; it comes from PyPI"
  use_offline_queries
  build_packages "$TARGET/lambda" "${build[@]}"
  python3 infra/package_report.py "$TARGET/lambda" "${report[@]}"
}

# Builds all functions for Lambda into a folder, with further arguments of cargo-lambda.
build_packages() {
  local folder=$1
  shift
  choose_functions
  say "building the functions for Lambda (the first time takes some minutes)"
  # The folder holds what was built now, and nothing of a function that is no more.
  rm -rf -- "$folder"
  PATH="$TOOLS/$CARGO_LAMBDA/bin:$PATH" cargo lambda build "$@" "${FUNCTIONS[@]}" --lambda-dir "$folder" >&2
}

cmd_deploy() {
  local profile=${1-} stack=landfall answer=(--confirm-changeset) region=() parameters=() bin
  [[ -f infra/profiles/$profile.yaml ]] || die "./dev deploy wants a profile first: small, medium or large"
  shift
  while (($#)); do
    case $1 in
      --plan) answer=(--no-execute-changeset) ;;
      --yes) answer=(--no-confirm-changeset) ;;
      --stack) stack=${2:?--stack wants a name} && shift ;;
      --region) region=(--region "${2:?--region wants a name}") && shift ;;
      [A-Z]*=*) parameters+=("$1") ;;
      *) die "./dev deploy knows parameters as NAME=VALUE, --stack, --region, --plan and --yes, not $1" ;;
    esac
    shift
  done
  setup_template
  bin=$TOOLS/${TEMPLATE_TOOLS[1]}/bin
  has_python_tool "${TEMPLATE_TOOLS[1]}" || die "sam could not be installed; it comes from PyPI"
  parameters+=("Architecture=$(packed_architecture target/lambda)")
  deploys_as "$bin" "${region[@]}"
  # The folders of the packages stand in the template; sam packs them and puts them into a bucket of its own.
  SAM_CLI_TELEMETRY=0 "$bin/sam" deploy -t infra/template.yaml --stack-name "$stack" "${region[@]}" --resolve-s3 \
    --s3-prefix "$stack" --capabilities CAPABILITY_IAM --no-fail-on-empty-changeset "${answer[@]}" \
    --parameter-overrides "file://infra/profiles/$profile.yaml" "${parameters[@]}"
}

# What all functions in a folder were built for, in the words of AWS.
packed_architecture() {
  local folder=$1 manifest built
  for manifest in functions/*/Cargo.toml; do
    manifest=$(basename "$(dirname "$manifest")")
    [[ -f $folder/$manifest/bootstrap ]] || die "$folder has no $manifest: run ./dev package first"
  done
  built=$(python3 infra/package_report.py "$folder" --no-start --json | grep -o '"architecture": "[^"]*"' | sort -u)
  case $built in
    *x86_64*aarch64* | *aarch64*x86_64*) die "$folder has functions for both architectures: run ./dev package again" ;;
    *x86_64*) echo x86_64 ;;
    *aarch64*) echo arm64 ;;
    *) die "$folder has functions for no architecture of Lambda: $built" ;;
  esac
}

# Tells the account that a deployment would change, or that there is none.
deploys_as() {
  local bin=$1
  shift
  "$bin/python" - "${2-}" <<'END' || die "there are no credentials for AWS, or no region: set AWS_PROFILE, or what 'aws configure' writes"
import sys
import boto3

session = boto3.Session(region_name=sys.argv[1] or None)
try:
    identity = session.client("sts").get_caller_identity()
except Exception as error:
    sys.exit(f"    AWS: {error}")
print(f"==> account {identity['Account']}, region {session.region_name}, as {identity['Arn']}", file=sys.stderr)
END
}
