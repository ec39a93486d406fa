# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Another machine, emulated whole, with a kernel of its own. Sourced after common.sh.

vm_packages=(cpio)

# build_programs PRESET: everything that runs there, and nothing is run.
build_programs() {
    cmake --preset "$1"
    cmake --build --preset "$1"
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

# fetch_kernel NAME ARCHITECTURE SUITE PACKAGE: the kernel that Debian's PACKAGE stands for, into
# the cache. It is not installed, and what is installed here is not asked.
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
    # Two stages may want the same one: each moves a whole file into place.
    cp "$room"/unpacked/boot/vmlinu[xz]-* "$room/kernel"
    mv "$room/kernel" "$kernel.$$"
    mv "$kernel.$$" "$kernel"
    rm -rf "$room"
}

# run_in_vm NAME PRESET PREFIX QEMU...: every test and example of build/PRESET in the machine, on
# the kernel NAME. It fails unless all of them pass, and no test is skipped without a reason.
run_in_vm() {
    local name=$1 preset=$2 prefix=$3
    shift 3
    local root=build/$preset/vm log=build/$name.log program count
    rm -rf "$root"
    mkdir -p "$root/programs" "$root/dev"
    "${prefix}g++" -O1 -static -std=c++20 -Wall -Wextra -Werror systems/vm/init.cpp -o "$root/init"
    count=0
    for program in "build/$preset"/tests/*_test "build/$preset"/examples/example_*; do
        [ -f "$program" ] && [ -x "$program" ] || continue
        "${prefix}strip" "$program" -o "$root/programs/${program##*/}"
        count=$((count + 1))
    done
    (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"build/$preset/vm.cpio.gz"
    local status=0
    timeout 1800 "$@" -m 3G -smp 2 -nographic -nodefaults -serial stdio -no-reboot \
        -kernel "$MEMORY_PAGES_CACHE/kernels/$name" -initrd "build/$preset/vm.cpio.gz" \
        </dev/null | tr -d '\r' | tee "$log" || status=$?
    [ "$status" -ne 124 ] || fail "the machine did not end within half an hour"
    check_skips "$name" "$log"
    local passed failed
    passed=$(grep -c '^PROGRAM .* 0$' "$log" || true)
    failed=$(sed -nE 's/^PROGRAM (.*) [1-9][0-9]*$/\1/p' "$log" | paste -sd ' ')
    printf '\n%s of %s programs passed, %s tests passed, pages of %s bytes\n' "$passed" "$count" \
        "$(sed -nE 's/^\[  PASSED  \] ([0-9]+) tests?\.$/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')" \
        "$(sed -nE 's/^PAGES OF //p' "$log")"
    [ "$passed" -eq "$count" ] || fail "of ${count} programs these failed, or did not run: ${failed:-?}"
}
