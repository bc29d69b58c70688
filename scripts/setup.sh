# shellcheck shell=bash
# Sets up what building, running and testing need; read by `run` and `test`, not run by itself.
#
# Everything comes from package registries: crates.io (by cargo), Debian's or Ubuntu's packages, PyPI
# and npm. What is already there is left alone, and then nothing here needs root. Each thing that is
# fetched is printed with the reason for it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data_home=${FAIRHEARING_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/fairhearing}

# One line per thing from the distribution: who needs it (run: both; test: the tests alone), whether
# the work can go on without it, how it is looked for, its package, and what it is for.
distribution_needs='
run  must program:cc                  gcc                 linking Rust programs
run  must file:/usr/include/stdio.h   libc6-dev           linking Rust programs
run  must program:cmake               cmake               building the Opus decoder that crates.io ships as source
run  must program:make                make                building the Opus decoder that crates.io ships as source
run  must program:python3             python3             unpacking libraries that come as Python wheels
run  must module:pip                  python3-pip         fetching libraries from PyPI
run  can  program:ffmpeg              ffmpeg              decoding the formats that the built-in decoders refuse
run  can  library:libopencore-amrnb.so.0 libopencore-amrnb0 decoding AMR, the codec of mobile phones
run  can  library:libopencore-amrwb.so.0 libopencore-amrwb0 decoding wideband AMR
run  can  library:libpocketsphinx.so.3 libpocketsphinx3   trying out recognition of English without a model of hundreds of megabytes
run  can  file:/usr/share/pocketsphinx/model/en-us/en-us/mdef pocketsphinx-en-us the words and sounds of that trial
test must program:sox                 sox                 an independent decoder to compare ours with
test must program:espeak-ng           espeak-ng           speech to test voice activity with
test must program:flite               flite               speech to test voice activity with
test must program:chromium            chromium            opening the HTML report as a person would
test must program:node                nodejs              steering that browser
test must program:npm                 npm                 fetching what steers it
'

# The wheel that holds libonnxruntime (voice activity) and libsherpa-onnx-c-api (recognition); the
# program refuses any other version of it.
wheel=sherpa-onnx-core==2.0.1
wheel_hashes='
--hash=sha256:f4ee0ab91c4ae596e0e49d7de32522a946295e038a652f1c1884d89014ee4ec2
--hash=sha256:4a855a5c89c89885111e4e9c570e5da1aed63373c031b757d8046792d95fe8fe
'
wheel_libraries='libonnxruntime.so libsherpa-onnx-c-api.so'

say() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }
note() { printf '    %s\n' "$*"; }
stop() { printf '\nstopped: %s\n' "$*" >&2; exit 1; }

# set_up run|test: all that `run` needs, or all that `test` needs.
set_up() {
  say "Looking for what is needed"
  need_rust
  need_distribution_packages "$1"
  need_wheel
}

need_rust() {
  command -v cargo >/dev/null ||
    stop "no \`cargo\` found; install Rust 1.90 or later from your registry mirror or https://rustup.rs"
  local have want
  have=$(rustc --version | cut -d' ' -f2)
  want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
  [ "$(printf '%s\n' "$want" "$have" | sort -V | head -n 1)" = "$want" ] ||
    stop "expected Rust $want or later, found $have; \`rustup update stable\` brings it"
  note "Rust $have"
}

is_there() {
  local kind=${1%%:*} name=${1#*:}
  case $kind in
    program)
      case $name in
        chromium) find_browser >/dev/null ;;
        *) command -v "$name" >/dev/null ;;
      esac ;;
    library) /sbin/ldconfig -p | grep --quiet --fixed-strings "$name " ;;
    file) [ -e "$name" ] ;;
    module) python3 -c "import $name" 2>/dev/null ;;
  esac
}

find_browser() {
  command -v chromium || command -v chromium-browser || command -v google-chrome
}

need_distribution_packages() {
  local purpose=$1 who weight probe package why
  local missing=() optional_only=yes
  while read -r who weight probe package why; do
    [ -n "$who" ] || continue
    [ "$who" = run ] || [ "$purpose" = test ] || continue
    if ! is_there "$probe"; then
      note "missing: $package, for $why"
      missing+=("$package")
      { [ "$weight" = can ] && [ "$purpose" = run ]; } || optional_only=no
    fi
  done <<<"$distribution_needs"
  if [ ${#missing[@]} -eq 0 ]; then
    note "all distribution packages are there"
    return
  fi
  if install_packages "${missing[@]}"; then
    return
  fi
  local command="apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  if [ "$optional_only" = yes ]; then
    note "going on without them; to have them, run as root: $command"
  else
    stop "run this as root, then try again: $command"
  fi
}

# Installs as root, or through sudo where that asks no password or a person can answer it.
install_packages() {
  command -v apt-get >/dev/null || return 1
  local as_root=(env DEBIAN_FRONTEND=noninteractive)
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null || [ -t 0 ] || return 1
    as_root=(sudo "${as_root[@]}")
  fi
  say "Installing distribution packages: $*"
  local log
  log=$(mktemp)
  if "${as_root[@]}" apt-get update -q >"$log" 2>&1 &&
    "${as_root[@]}" apt-get install -q -y --no-install-recommends "$@" >>"$log" 2>&1; then
    rm "$log"
  else
    tail -n 20 "$log" >&2
    rm "$log"
    return 1
  fi
}

need_wheel() {
  local libraries=$data_home/lib stamp=$data_home/lib/${wheel//==/-}.installed
  local name there=yes
  for name in $wheel_libraries; do
    [ -e "$libraries/$name" ] || there=no
  done
  if [ "$there" = yes ] && [ -e "$stamp" ]; then
    note "$wheel in $libraries"
    return
  fi
  say "Fetching $wheel from PyPI, for voice activity and recognition, into $libraries"
  local work
  mkdir -p "$libraries"
  work=$(mktemp -d "$data_home/wheel.XXXXXX")
  # One requirement with the hashes of every platform's wheel; pip takes the one that fits and
  # refuses a file with any other hash.
  printf '%s %s\n' "$wheel" "${wheel_hashes//$'\n'/ }" >"$work/requirements.txt"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --require-hashes --requirement "$work/requirements.txt" --dest "$work" || {
    rm -r "$work"
    stop "PyPI did not give $wheel; is there a mirror to name in pip's configuration?"
  }
  python3 -m zipfile --extract "$work"/*.whl "$work/unpacked"
  for name in $wheel_libraries; do
    mv -f "$work/unpacked/sherpa_onnx/lib/$name" "$libraries/$name"
  done
  touch "$stamp"
  rm -r "$work"
}
