# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What ./dev and the systems' own scripts share. Sourced in the root of the tree.

cpus=$(nproc)
export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$cpus}
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$cpus}
# What is fetched from elsewhere, or costs much to make, is kept outside the tree.
export MEMORY_PAGES_CACHE=${MEMORY_PAGES_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/memory_pages}

# To configure the tree at all, and build it.
build_packages=(g++ cmake ninja-build pkg-config libgtest-dev libgmock-dev
    libbenchmark-dev libcli11-dev libfmt-dev)

fail() {
    printf './dev: %s\n' "$@" >&2
    exit 1
}

# The one failure that nothing in this tree can mend, so it has a status of its own.
no_answer_status=69
no_answer() {
    printf './dev: %s does not answer\n' "$1" >&2
    exit "$no_answer_status"
}

installed() {
    local status
    status=$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) || true
    [ "$status" = installed ]
}

# apt COMMAND [ARG...]: apt-get without questions; what it says goes to a log.
apt_log=build/apt.log
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
        -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 \
        -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 \
        "$@" >>"$apt_log" 2>&1 </dev/null
}

# need PACKAGE...: installs those that are missing, or says how to.
need() {
    local package missing=() as_root=()
    if ! command -v apt-get >/dev/null; then
        printf '%s\n' "./dev: there is no apt-get here. What these Debian packages hold" \
            "must be there already: $*" >&2
        return 0
    fi
    for package in "$@"; do
        installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
        [ -t 0 ] || as_root+=(-n)
        "${as_root[@]}" true 2>/dev/null || fail \
            "these packages are missing, and only root may install them:" \
            "  ${missing[*]}" "please run" \
            "  apt-get install --no-install-recommends ${missing[*]}"
    fi
    echo "installing" && printf '  %s\n' "${missing[@]}"
    mkdir -p build
    : >"$apt_log"
    apt install --no-install-recommends "${missing[@]}" && return
    # The list of packages may be missing or old.
    local answers=yes
    apt -o APT::Update::Error-Mode=any update || answers=no
    apt install --no-install-recommends "${missing[@]}" && return
    tail -n 12 "$apt_log" >&2
    [ "$answers" = yes ] || no_answer "the package mirror"
    fail "apt-get does not install ${missing[*]} (see above)"
}

# quietly COMMAND...: shows what a command says only if it fails.
quietly() {
    local said
    said=$("$@" 2>&1) && return
    printf '%s\n' "$said" >&2
    return 1
}

# run_workflow PRESET: configure, build and test, in build/PRESET.
run_workflow() {
    mkdir -p build
    cmake --workflow --preset "$1" | tee "build/$1.log"
    check_skips "$1" "build/$1.log"
}

# check_skips PRESET LOG: a skipped test proves nothing, so its name and its
# reason must be in tests/skips.txt.
check_skips() {
    local presets test glob
    sed -nE 's/^[[:space:]]*[0-9]+ - (.*) \(Skipped\)$/\1/p' "$2" |
        while read -r test; do
            while read -r presets glob _; do
                # shellcheck disable=SC2053 # patterns are meant
                [[ $1 != $presets || $test != */$glob ]] || continue 2
            done <tests/skips.txt
            fail "$test is skipped, and tests/skips.txt does not say why"
        done
}
