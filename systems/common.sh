# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Functions of ./dev and of systems/*/run. Sourced in the root of the tree.

cpus=$(nproc)
export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$cpus}
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$cpus}
# Downloads, and files that take long to build, are kept outside the tree.
export MEMORY_PAGES_CACHE=${MEMORY_PAGES_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/memory_pages}

# Needed to configure and build the tree.
build_packages=(g++ cmake ninja-build pkg-config libgtest-dev libgmock-dev
    libcli11-dev libfmt-dev)

fail() {
    printf './dev: %s\n' "$@" >&2
    exit 1
}

# A server that does not answer is not a fault of the tree, so it has its own exit status.
no_answer_status=69
no_answer() {
    printf './dev: %s does not answer\n' "$1" >&2
    exit "$no_answer_status"
}

# installed PACKAGE [DPKG_OPTION...]
installed() {
    local status
    status=$(dpkg-query "${@:2}" -W -f '${db:Status-Status}' "$1" 2>/dev/null) || true
    [ "$status" = installed ]
}

# apt COMMAND [ARG...]: runs apt-get without questions, and writes its output to a log.
apt_log=build/apt.log
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
        -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 \
        -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 \
        "$@" >>"$apt_log" 2>&1 </dev/null
}

# need PACKAGE...: installs the missing packages, or prints how to.
need() {
    local package missing=()
    if ! command -v apt-get >/dev/null; then
        printf '%s\n' "./dev: this machine has no apt-get. Install the equivalents of these" \
            "Debian packages yourself: $*" >&2
        return 0
    fi
    for package in "$@"; do
        installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    mkdir -p build
    alone build/apt.lock install_missing "${missing[@]}"
}

# alone LOCK COMMAND...: waits until no other process runs a command with this lock.
alone() {
    exec 9>"$1"
    flock 9
    "${@:2}" 9>&- # a server that it starts must not keep the lock
    exec 9>&-
}

# install_missing PACKAGE...: for `need`.
install_missing() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
        [ -t 0 ] || as_root+=(-n)
        "${as_root[@]}" true 2>/dev/null || fail \
            "these packages are missing, and installing them needs root:" \
            "  $*" "run" \
            "  apt-get install --no-install-recommends $*"
    fi
    echo "installing" && printf '  %s\n' "$@"
    : >"$apt_log"
    apt install --no-install-recommends "$@" && return
    # The package lists may be missing or old.
    local answers=yes
    apt -o APT::Update::Error-Mode=any update || answers=no
    apt install --no-install-recommends "$@" && return
    tail -n 12 "$apt_log" >&2
    [ "$answers" = yes ] || no_answer "the package mirror"
    fail "apt-get does not install $* (see above)"
}

# debian_source FIELD: the address (URIs) or the keys (Signed-By) of this machine's first source of
# packages, in either of the two formats of apt.
debian_source() {
    local file field=$1
    for file in /etc/apt/sources.list.d/*.sources /etc/apt/sources.list \
        /etc/apt/sources.list.d/*.list; do
        [ -e "$file" ] || continue
        case $field in
            URIs) sed -nE 's/^URIs: *([^ ]+).*/\1/p
                s/^deb (\[[^]]*\] )?([^ ]+) .* main.*/\2/p' "$file" ;;
            Signed-By) sed -nE 's/^Signed-By: *([^ ]+).*/\1/p
                s/^deb \[.*signed-by=([^] ]+).*/\1/p' "$file" ;;
        esac
    done | sed -n 1p
}

# fetch_trixie PACKAGE...: sets $trixie to the root of a Debian 13 that has these packages.
fetch_trixie() {
    trixie=$MEMORY_PAGES_CACHE/trixie
    mkdir -p "$MEMORY_PAGES_CACHE" build
    alone "$trixie.lock" make_trixie "$@"
}
make_trixie() {
    local uri package missing=() room
    for package in "$@"; do
        installed "$package" --admindir="$trixie/var/lib/dpkg" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" -eq 0 ] || fail "only root can make a Debian root in $trixie"
    if [ ! -e "$trixie" ]; then
        need debootstrap
        uri=$(debian_source URIs)
        [ -n "$uri" ] || fail "this machine has no source of Debian packages"
        room=$(mktemp -d "$trixie.XXXXXX")
        echo "fetching Debian 13"
        # The mounts of debootstrap end with this process, also if it fails.
        unshare --mount debootstrap --variant=minbase trixie "$room" "$uri" \
            >build/trixie.log 2>&1 </dev/null || {
            tail -n 12 build/trixie.log >&2
            rm -rf "$room"
            no_answer "the package mirror"
        }
        chmod 755 "$room"
        mv -T "$room" "$trixie"
    fi
    echo "fetching ${missing[*]} for Debian 13"
    # shellcheck disable=SC2016 # the other shell expands them
    DEBIAN_FRONTEND=noninteractive chroot "$trixie" sh -c '
        dpkg --configure -a && apt-get -q update && apt-get -q -y -o DPkg::Lock::Timeout=300 install \
            --no-install-recommends "$@" && apt-get clean
    ' sh "${missing[@]}" >build/trixie.log 2>&1 </dev/null || {
        tail -n 12 build/trixie.log >&2
        no_answer "the package mirror"
    }
}

# fetch_gcc14: sets $gcc14 to this machine's GCC 14, or to one that it fetches.
fetch_gcc14() {
    gcc14=$(command -v g++-14) && return
    fetch_trixie g++
    export GCC14_ROOT=$trixie
    gcc14=$PWD/systems/gcc14/g++
}

# quietly COMMAND...: prints the output of a command only if it fails.
quietly() {
    local said
    said=$("$@" 2>&1) && return
    printf '%s\n' "$said" >&2
    return 1
}

# run_workflow PRESET: configures, builds and tests in build/PRESET.
run_workflow() {
    mkdir -p build
    cmake --workflow --preset "$1" | tee "build/$1.log"
    if grep -qs '^MEMORY_PAGES_WHOLE_PROGRAMS:.*=ON$' "build/$1/CMakeCache.txt"; then
        count_in_programs "build/$1" | tee -a "build/$1.log"
    fi
    check_skips "$1" "build/$1.log"
}

# count_in_programs BUILD: prints the results of the programs that CTest has just run without a failure.
count_in_programs() {
    local log=$1/Testing/Temporary/LastTest.log names
    [ -e "$log" ] || return 0 # built and not run
    # A program that was started twice counts as it ended.
    awk '
        /^[0-9]+\/[0-9]+ Test: / { said = "PROGRAM " $3; next }
        /^Test (Passed|Failed)\.$/ { if ($2 == "Passed.") { print said "\nEXIT 0" }; said = ""; next }
        said != "" { said = said "\n" $0 }
    ' "$log" >"$1/programs.log"
    mapfile -t names < <(sed -n 's/^PROGRAM //p' "$1/programs.log")
    count_tests "$1/programs.log" "${names[@]}"
}

# check_skips PRESET LOG: fails if a test was skipped that tests/skips.txt does not list with a
# reason.
check_skips() {
    local presets test glob
    sed -nE 's/^[[:space:]]*[0-9]+ - (.*) \(Skipped\)$/\1/p' "$2" |
        while read -r test; do
            while read -r presets glob _; do
                # shellcheck disable=SC2053 # patterns are meant
                [[ $1 != $presets || $test != */$glob ]] || continue 2
            done <tests/skips.txt
            fail "$test is skipped, and tests/skips.txt does not give a reason"
        done
}

# count_tests LOG PROGRAM...: prints the results of programs from the LOG of another machine in the
# format of CTest: the tests that were skipped, failed or did not end, and the number of all. A
# program without tests counts as one test.
count_tests() {
    local log=$1
    shift
    awk -v expected="$*" '
        function count(name, result) {
            ++all
            if (result == "Failed") { ++failed }
            if (result != "Passed") { printf "%6d - %s (%s)\n", all, name, result }
        }
        /^PROGRAM / { program = $2; test = ""; tests = bad = 0 }
        /\[ RUN      \] / { test = $NF; ++tests }
        test != "" && /^\[ +(OK|FAILED|SKIPPED) +\] .*\([0-9]+ ms\)$/ {
            result = $2 == "OK" ? "Passed" : $2 == "SKIPPED" ? "Skipped" : "Failed"
            count(program "/" test, result)
            bad += result == "Failed"
            test = ""
        }
        /^EXIT / {
            if (test != "") { count(program "/" test, "Failed") }
            else if (tests == 0 || (bad == 0) != ($2 == 0)) {
                count(program, $2 == 0 ? "Passed" : "Failed")
            }
            ended[program] = 1
        }
        END {
            split(expected, names)
            for (i in names) {
                if (!(names[i] in ended)) {
                    count(names[i] == program ? program "/" test : names[i], "Failed")
                }
            }
            printf "%d%% tests passed, %d tests failed out of %d\n",
                all ? 100 * (all - failed) / all : 0, failed, all
        }' "$log"
}
