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
    libcli11-dev libfmt-dev)

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

# debian_source FIELD: of this machine's own first source of packages, its address (URIs) or the
# keys that sign it (Signed-By), in either of the two forms that apt reads.
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

# count_tests LOG PROGRAM...: from what another machine printed, as CTest says it: which tests were
# skipped, which failed or did not end, and how many there were. A program without tests is one.
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
