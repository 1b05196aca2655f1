#!/usr/bin/env bash
# Fetches the texts of the examples out of Debian's packages, without installing them:
#   .assets/texts/web.jsonl          English: the World English Bible, a chapter a document
#   .assets/texts/herd/<lang>.jsonl  Nine languages: manuals, a section or page a document
#   .assets/texts/herd.jsonl         The nine of them, shuffled; `language` says which a document is in
#   .assets/texts/mixed.jsonl        Bible, manuals, Python's documentation and source (only by name);
#                                    `domain` says which
#   .assets/texts/limited.jsonl      A corpus of one's own: Bible and English manuals; seen.jsonl: other
#                                    documents of these kinds; unseen.jsonl: Python's documentation and
#                                    source (only by name, `limited`)
# Does nothing when they are there. `fetch-texts.sh web`, `herd`, `mixed` and `limited` make one set each.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

TEXTS=$ASSETS/texts
WEB_PACKAGES=(sword-text-web)
HERD_PACKAGES=(debian-reference-{de,en,es,fr,it,ja,pt,zh-cn} gnome-user-docs)
# What `mixed` and `limited` take beside the texts of the other two.
PYTHON_PACKAGES=(python3.11-doc libpython3.11-stdlib)

# What a set is made by: another script or list of packages makes the set anew.
recipe() {
  local set=$1
  shift
  { cat "$ROOT/scripts/texts/"{documents,"$set"}.py && echo "$set" "$@"; } | sha256sum | cut -d ' ' -f 1
}

# True when the set is there and was made by this recipe, to its end.
is_made() {
  local file files=("$1")
  [ "$1" != limited ] || files+=(seen unseen)
  for file in "${files[@]}"; do [ -s "$TEXTS/$file.jsonl" ] || return 1; done
  [ "$(cat "$TEXTS/.$1.recipe" 2>/dev/null)" = "$2" ]
}

# Downloads Debian packages and unpacks them under the scratch folder's `unpacked`.
unpack() {
  command -v apt-get >/dev/null || fail "the texts come as Debian packages, and there is no apt-get"
  say "fetching $*"
  cd "$SCRATCH"
  # The user _apt cannot write to this folder, and apt-get warns about it at every package.
  local download=(apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$@")
  if ! "${download[@]}" >/dev/null 2>&1; then
    update_package_lists
    quietly "${download[@]}"
  fi
  for package in ./*.deb; do
    quietly dpkg-deb --extract "$package" unpacked
  done
  rm -f ./*.deb
}

fetch_web() {
  unpack "${WEB_PACKAGES[@]}"
  python3 "$ROOT/scripts/texts/web.py" unpacked/usr/share/sword made/web.jsonl ||
    fail "the World English Bible could not be read; see the line above"
}

fetch_herd() {
  unpack "${HERD_PACKAGES[@]}"
  python3 "$ROOT/scripts/texts/herd.py" unpacked/usr/share made ||
    fail "the manuals could not be read; see the line above"
}

# Takes from the sets web and herd too, which are there by then.
fetch_mixed() {
  unpack "${PYTHON_PACKAGES[@]}"
  python3 "$ROOT/scripts/texts/mixed.py" "$TEXTS" unpacked/usr made/mixed.jsonl ||
    fail "the mixed texts could not be made; see the line above"
}

# As `mixed`.
fetch_limited() {
  unpack "${PYTHON_PACKAGES[@]}"
  python3 "$ROOT/scripts/texts/limited.py" "$TEXTS" unpacked/usr made ||
    fail "the corpus and its texts could not be made; see the line above"
}

# Makes one set in the scratch folder, then moves its files into place and notes the recipe.
make_set() {
  local set=$1 wanted
  shift
  wanted=$(recipe "$set" "$@")
  is_made "$set" "$wanted" && return
  rm -f "$TEXTS/.$set.recipe"
  mkdir -p "$TEXTS" "$SCRATCH/made"
  "fetch_$set"
  for made in "$SCRATCH/made/"*; do
    rm -rf "${TEXTS:?}/$(basename "$made")"
    mv "$made" "$TEXTS/"
  done
  rm -rf "$SCRATCH/unpacked"
  echo "$wanted" >"$TEXTS/.$set.recipe"
}

command -v python3 >/dev/null || fail "Python 3 is needed; run: apt-get install python3"
scratch_folder
case "${1:-all}" in
  web) make_set web "${WEB_PACKAGES[@]}" ;;
  herd) make_set herd "${HERD_PACKAGES[@]}" ;;
  all)
    make_set web "${WEB_PACKAGES[@]}"
    make_set herd "${HERD_PACKAGES[@]}"
    ;;
  mixed | limited)
    make_set web "${WEB_PACKAGES[@]}"
    make_set herd "${HERD_PACKAGES[@]}"
    make_set "$1" "${PYTHON_PACKAGES[@]}"
    ;;
  *) fail "no set '$1'; the sets are web, herd, mixed and limited" ;;
esac
