# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Tests in an emulated machine with its own kernel. Sourced after common.sh.

vm_packages=(cpio)

# fetch_kernel NAME ARCHITECTURE SUITE PACKAGE: downloads the kernel of Debian's PACKAGE into the
# cache. It is not installed, and the installed packages do not matter.
fetch_kernel() {
    local name=$1 architecture=$2 suite=$3 package=$4
    local kernel=$MEMORY_PAGES_CACHE/kernels/$name
    [ ! -e "$kernel" ] || return 0
    local room uri keys image options
    uri=$(debian_source URIs)
    [ -n "$uri" ] || fail "this machine has no source of Debian packages"
    keys=$(debian_source Signed-By)
    room=$(mktemp -d)
    mkdir -p "$room/lists/partial" "$room/cache/archives/partial" "$MEMORY_PAGES_CACHE/kernels"
    : >"$room/status"
    echo "deb [signed-by=${keys:-/usr/share/keyrings/debian-archive-keyring.gpg}] $uri $suite main" \
        >"$room/sources.list"
    options=(-qq -o Dir::Etc::sourcelist="$room/sources.list" -o Dir::Etc::sourceparts=-
        -o APT::Architecture="$architecture" -o APT::Architectures="$architecture"
        -o Dir::State::Lists="$room/lists" -o Dir::State::status="$room/status"
        -o Dir::Cache="$room/cache" -o APT::Sandbox::User=root
        -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30)
    echo "fetching $package for $architecture"
    apt-get "${options[@]}" -o APT::Update::Error-Mode=any update || no_answer "the package mirror"
    image=$(apt-cache "${options[@]}" depends "$package" |
        awk '/Depends: linux-image/ { print $2; exit }')
    [ -n "$image" ] || fail "Debian $suite has no $package for $architecture"
    (cd "$room" && apt-get "${options[@]}" download "$image") || no_answer "the package mirror"
    dpkg-deb -x "$room"/*.deb "$room/unpacked"
    # Two stages may fetch the same kernel. Each moves a complete file into place.
    cp "$room"/unpacked/boot/vmlinu[xz]-* "$room/kernel"
    mv "$room/kernel" "$kernel.$$"
    mv "$kernel.$$" "$kernel"
    rm -rf "$room"
}

# run_in_vm NAME PRESET PREFIX PAGE QEMU...: runs the tests and examples in build/PRESET in the machine
# on the kernel NAME. Fails unless the page size is PAGE bytes, all tests pass, and no test is skipped
# without a reason.
run_in_vm() {
    local name=$1 preset=$2 prefix=$3 page=$4
    shift 4
    local root=build/$preset/vm log=build/$name.log program programs=()
    rm -rf "$root"
    mkdir -p "$root/programs" "$root/dev"
    "${prefix}g++" -O1 -static -std=c++20 -Wall -Wextra -Werror systems/vm/init.cpp -o "$root/init"
    for program in "build/$preset"/tests/*_test "build/$preset"/examples/example_*; do
        [ -e "$program" ] || continue
        programs+=("${program##*/}")
        "${prefix}strip" "$program" -o "$root/programs/${program##*/}"
    done
    (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"build/$preset/vm.cpio.gz"
    echo "starting the machine"
    # However the machine ends, the log shows the programs that did not finish.
    { timeout 3000 "$@" -m 3G -smp 2 -nographic -nodefaults -serial stdio -no-reboot \
        -kernel "$MEMORY_PAGES_CACHE/kernels/$name" -initrd "build/$preset/vm.cpio.gz" \
        </dev/null || echo "the emulator ends with $?"; } | sed -u 's/\r//g' | tee "$log" |
        grep --line-buffered -E '^(PAGES|PROGRAM|the emulator)|Failure|Skipped|FAILED|SKIPPED' || true
    grep -qx "PAGES OF $page" "$log" || fail "the page size of this machine is not $page bytes"
    count_tests "$log" "${programs[@]}" | tee -a "$log"
    check_skips "$name" "$log"
    grep -qE '^100% tests passed, 0 ' "$log" ||
        fail "tests fail on this kernel; build/$name.log has the whole output"
}
