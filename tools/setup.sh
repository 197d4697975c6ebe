# Sourced by tools/quickstart and test/run: installs what is missing and builds into build/. Free to repeat.
# Functions print one line for each thing they do and stop the script when one fails.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

packages=(libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools clang-22 lld-22 libclang-rt-22-dev
  antlr4 libantlr4-runtime-dev uuid-dev libboost-program-options-dev nlohmann-json3-dev libxxhash-dev libtbb-dev
  libzstd-dev zlib1g-dev libpcre2-dev libutf8proc-dev doctest-dev libeigen3-dev ninja-build cmake pkg-config ccache python3)

say() { printf '\n== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Debian packages that are not there yet; needs root or sudo only when something is missing.
install_packages() {
  local missing=() p as_root=()
  for p in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq || die "apt-get update failed"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt-get could not install: ${missing[*]}"
}

# build PRESET [TARGET...]: configures (CMakePresets.json) and builds everything, or those targets.
build() {
  local preset=$1
  shift
  export PATH=/usr/lib/llvm-22/bin:$PATH
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
  say "Building with the preset '$preset'"
  (cd "$root" && cmake --preset "$preset" -Wno-dev >"/tmp/moec-cmake.$$" 2>&1) || { cat "/tmp/moec-cmake.$$" >&2; die "cmake failed"; }
  rm -f "/tmp/moec-cmake.$$"
  local folder=$root/build
  [ "$preset" = dev ] || folder=$root/build-$preset
  ninja -C "$folder" "$@" || die "the build failed"
}
