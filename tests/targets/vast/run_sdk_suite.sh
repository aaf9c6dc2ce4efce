#!/usr/bin/env bash
# Runs the vastdb SDK's own test suite, out of the installed wheel, against targets.vast with targets.s3 behind it.
#
# usage: run_sdk_suite.sh [--full] [PYTEST ARGUMENTS…]
#   --full    also the one test that sleeps 300 s
#
# Prints pytest's closing line and what deviates from sdk_suite_known.txt. Exits 0 when at least the asked number of tests
# pass and no test fails that is not listed there; a listed one that passes is told.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
sleeper=tests/test_tables.py::test_elysium_splits
passes=583
options=(--deselect "$sleeper")
if [[ ${1-} == --full ]]; then
  passes=584
  options=()
  shift
fi

work=$(mktemp -d)
started=()
finish() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait || true
  rm -rf "$work"
}
trap finish EXIT

# start NAME ARGUMENTS…: starts the target on a free port and sets url to what it prints
start() {
  local log=$work/$1.out
  (cd "$root" && exec "$python" -m "targets.$1" --port 0 "${@:2}") >"$log" 2>"$work/$1.err" &
  started+=($!)
  for _ in $(seq 300); do
    url=$(grep -o 'http://[0-9.:]*' "$log" | head -1) || true
    if [[ -n $url ]]; then return; fi
    kill -0 "${started[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  echo "targets.$1 did not start:" >&2
  cat "$work/$1.err" >&2
  exit 2
}

export VAST_ACCESS_KEY=suite VAST_SECRET_KEY=suite-secret
export S3_ACCESS_KEY_ID=$VAST_ACCESS_KEY S3_SECRET_ACCESS_KEY=$VAST_SECRET_KEY
start s3 --bucket vastdb
start vast --bucket vastdb --s3-url "$url"

sdk=$("$python" -c 'import pathlib, vastdb; print(pathlib.Path(vastdb.__file__).parent)')
report=$work/report.txt
(
  cd "$sdk"
  AWS_DEFAULT_REGION=us-east-1 PYTHONDONTWRITEBYTECODE=1 "$python" -m pytest -c /dev/null --rootdir=. -p no:cacheprovider \
    -q -rfE --tb=short "${options[@]}" --tabular-endpoint-url "$url" --tabular-bucket-name vastdb \
    --tabular-access-key "$VAST_ACCESS_KEY" --tabular-secret-key "$VAST_SECRET_KEY" "${@:-tests}"
) >"$report" 2>&1 || true

closing=$(tail -1 "$report")
echo "$closing"
passed=$(grep -o '[0-9]* passed' <<<"$closing" | cut -d' ' -f1) || passed=0
known=$(sed -n 's/ | .*//p' "$here/sdk_suite_known.txt" | grep -v '^#' | sort)
failed=$(sed -nE 's/^(FAILED|ERROR) ([^ ]+)( - .*)?$/\2/p' "$report" | sort -u)
unexpected=$(comm -13 <(echo "$known") <(echo "$failed") | sed '/^$/d')
better=$(comm -23 <(echo "$known") <(echo "$failed") | sed '/^$/d')

if [[ -n $better && $# == 0 ]]; then
  echo "listed as failing in sdk_suite_known.txt, but passes now:"
  echo "$better"
fi
if [[ -n $unexpected ]]; then
  echo "fails, and is not listed in sdk_suite_known.txt:"
  echo "$unexpected"
  sed -n '/= FAILURES =/,$p' "$report" | tail -200
  exit 1
fi
if [[ $# == 0 && ${passed:-0} -lt $passes ]]; then
  echo "at least $passes have to pass"
  tail -60 "$report"
  exit 1
fi
