#!/usr/bin/env bash
# Installs the Debian packages that the build needs, and those that are named, where they are missing.
# Says nothing when none is.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

PACKAGES=(libzstd-dev libpcre2-dev zlib1g-dev pkg-config "$@")

# True when Debian's package is installed.
is_installed() {
  [ "$(dpkg-query -W -f '${Status}' "$1" 2>/dev/null)" = "install ok installed" ]
}

command -v dpkg-query >/dev/null ||
  fail "this is no Debian or Ubuntu; install by hand what they call: ${PACKAGES[*]}"

missing=()
for package in "${PACKAGES[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    fail "missing packages; run as root: apt-get update && apt-get install ${missing[*]}"
  fi
  update_package_lists
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  quietly as_root apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 \
    install "${missing[@]}"
fi

command -v swift >/dev/null ||
  fail "no 'swift' on the PATH; install Swift 6.2 or newer (swift.org/install) and try again"
