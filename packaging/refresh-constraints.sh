#!/bin/sh
# Resolves the dependencies afresh in a scratch environment and writes the versions found, for `make setup`.
set -eu
target=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3.11}" -m venv "$scratch/venv"
pip="$scratch/venv/bin/python -m pip --disable-pip-version-check"
$pip install --quiet --upgrade "pip>=25.1"
$pip install --quiet --editable ./backends --editable ".[minuit,globus,parsl]" --group dev
{
  echo "# Versions that were tested together; refreshed by \`make constraints\`, never edited by hand."
  $pip freeze --exclude-editable
} >"$scratch/constraints.txt"
mv "$scratch/constraints.txt" "$target"
