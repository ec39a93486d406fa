// SPDX-License-Identifier: MIT
// A library that contains memory_pages is unloaded while threads that used it go on.
#include "support/probe.hpp"
#include "support/threads.hpp"
#include "support/windows_api.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <thread>

namespace {

class Plugin {
public:
    Plugin() : library_(::LoadLibraryW(L"windows_plugin.dll")) {}
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;
    ~Plugin() {
        EXPECT_TRUE(::FreeLibrary(library_));
        EXPECT_EQ(::GetModuleHandleW(L"windows_plugin.dll"), nullptr) << "it is still there";
    }

    void call(const char* name) const {
        const FARPROC function = ::GetProcAddress(library_, name);
        ASSERT_NE(function, nullptr);
        reinterpret_cast<void (*)()>(reinterpret_cast<void*>(function))();
    }

private:
    HMODULE library_;
};

/// Two threads call the function of this name. Then the library is unloaded, and one thread ends
/// after that.
void load_and_unload(const char* name) {
    threads::Countdown called(1);
    threads::Countdown unloaded(1);
    std::thread other;
    {
        const Plugin plugin;
        other = std::thread([&] {
            plugin.call(name);
            called.count_down();
            unloaded.wait();
        });
        called.wait();
        plugin.call(name);
    }
    unloaded.count_down();
    other.join();
}

/// The number of TLS indexes lost for each load of the library.
DWORD places_lost(const char* name) {
    constexpr DWORD rounds = 20;
    const auto next_place = [] {
        const DWORD place = ::TlsAlloc();
        ::TlsFree(place);
        return place;
    };
    load_and_unload(name);
    const DWORD before = next_place();
    for (DWORD round = 0; round != rounds; ++round) {
        load_and_unload(name);
    }
    return (next_place() - before) / rounds;
}

// Pitfall: windows-thread-callback
TEST(LibraryUnload, LeavesNoThreadCallbacks) {
    constexpr std::size_t rounds = 100;
    load_and_unload("use_pool");
    const std::size_t before = probe::mapping_count();
    for (std::size_t round = 0; round != rounds; ++round) {
        load_and_unload("use_pool");
    }
    EXPECT_LT(probe::mapping_count(), before + rounds) << "and no pages";
}

// Pitfall: windows-thread-callback
TEST(LibraryUnload, LosesNoThreadStorageSlots) {
    // MinGW's own run time loses one if a library has thread_local objects.
    EXPECT_EQ(places_lost("use_pool"), places_lost("touch_thread_local"));
}

}  // namespace
