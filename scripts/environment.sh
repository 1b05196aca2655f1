# shellcheck shell=bash
# Sourced by the scripts beside it: the folders they share, and how they speak.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ASSETS=$ROOT/.assets

# Prints one line on stderr: what the script is doing.
say() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
}

# Ends the script with one line on stderr: what failed, and what to do about it.
fail() {
  say "error: $*"
  exit 1
}

# Runs codistill as it was built, and shows the command first.
codistill() {
  printf '\n$ codistill %s\n' "$*" >&2
  "$ROOT/.build/release/codistill" "$@"
}

# Runs a command as root; fails where there is no way to.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "this needs root; run as root: $*"
  fi
}

# Runs a command quietly; where it fails, shows the last line that it printed.
quietly() {
  local log
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
  else
    local last
    last=$(grep -v '^[[:space:]]*$' "$log" | tail -n 1)
    rm -f "$log"
    fail "'$*' failed: ${last:-no output}"
  fi
}

# Fetches the lists of Debian's packages, once a script.
update_package_lists() {
  [ -n "${PACKAGE_LISTS_UPDATED:-}" ] && return
  say "updating the package lists"
  quietly as_root apt-get -qq -o DPkg::Lock::Timeout=300 update
  PACKAGE_LISTS_UPDATED=1
}

# The folder for what is being fetched; it goes when the script ends, however that is.
# It lies beside the assets so that moving a finished file there is one atomic rename.
scratch_folder() {
  mkdir -p "$ASSETS" || fail "cannot create $ASSETS; check its owner and the free space"
  # What a killed script left; a day is longer than any download.
  find "$ASSETS" -maxdepth 1 -name '.fetching.*' -mmin +1440 -exec rm -rf {} +
  SCRATCH=$(mktemp -d "$ASSETS/.fetching.XXXXXX") || fail "cannot write to $ASSETS"
  trap 'rm -rf "$SCRATCH"' EXIT
  # A signal ends the script through `exit`, which runs the trap above.
  trap 'exit 130' INT
  trap 'exit 143' TERM
}
