// SPDX-License-Identifier: MIT
// The library may be unloaded before the threads that used it end.
#include "support/threads.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

namespace {

class Plugin {
public:
    Plugin() : handle_(::dlopen(MEMORY_PAGES_PLUGIN, RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ != nullptr) {
            use_pools = reinterpret_cast<void (*)()>(::dlsym(handle_, "use_pools"));
            use_pool_of_process =
                reinterpret_cast<void (*)()>(::dlsym(handle_, "use_pool_of_process"));
        }
    }
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;
    ~Plugin() { unload(); }

    void unload() {
        if (handle_ != nullptr) {
            ::dlclose(handle_);
            handle_ = nullptr;
        }
    }
    static bool is_loaded() {
        void* const handle = ::dlopen(MEMORY_PAGES_PLUGIN, RTLD_NOW | RTLD_NOLOAD);
        if (handle != nullptr) {
            ::dlclose(handle);
        }
        return handle != nullptr;
    }

    void (*use_pools)() = nullptr;
    void (*use_pool_of_process)() = nullptr;

private:
    void* handle_;
};

bool plugins_go() {
    Plugin plugin;
    plugin.unload();
    return !Plugin::is_loaded();
}

// Pitfall: plugin-unloaded
TEST(Unload, IsSafeBeforeThreadsThatUsedPoolsEnd) {
    Plugin plugin;
    ASSERT_NE(plugin.use_pools, nullptr);
    threads::Countdown used(3);
    threads::Countdown unloaded(1);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            plugin.use_pools();
            used.count_down();
            unloaded.wait();
        });
    }
    used.wait();
    plugin.use_pools();
    plugin.unload();
    if (Plugin::is_loaded()) {
        GTEST_LOG_(INFO) << "this system keeps the plugin";
    }
    unloaded.count_down();
    for (std::thread& thread : threads) {
        thread.join();
    }
}

// Pitfall: plugin-unloaded
TEST(Unload, LeavesNoThreadKeys) {
    if (!plugins_go()) {
        GTEST_SKIP() << "this system unloads no plugins";
    }
    for (int round = 0; round < 1200; ++round) {
        Plugin plugin;
        ASSERT_NE(plugin.use_pools, nullptr);
        plugin.use_pools();
    }
    std::vector<pthread_key_t> keys;
    for (pthread_key_t key{}; keys.size() < 500 && ::pthread_key_create(&key, nullptr) == 0;) {
        keys.push_back(key);
    }
    EXPECT_EQ(keys.size(), 500U);
    for (const pthread_key_t key : keys) {
        ::pthread_key_delete(key);
    }
}

// Pitfall: plugin-unloaded
TEST(Unload, LeavesNoForkHandlers) {
    {
        Plugin plugin;
        ASSERT_NE(plugin.use_pools, nullptr);
        plugin.use_pools();
    }
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(0);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

// Pitfall: plugin-unloaded
TEST(Unload, DoesNothingWhileTheProcessEnds) {
    const pid_t child = ::fork();
    if (child == 0) {
        static const Plugin& plugin = *new Plugin;  // Never destroyed: threads use it to the end.
        static std::atomic<int> rounds{0};
        for (int i = 0; i < 3; ++i) {
            std::thread([] {
                for (;; ++rounds) {
                    plugin.use_pool_of_process();
                }
            }).detach();
        }
        while (rounds < 100) {
            std::this_thread::yield();
        }
        std::exit(0);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

}  // namespace
