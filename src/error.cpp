// SPDX-License-Identifier: MIT
#include <memory_pages/error.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>

namespace memory_pages {
namespace {

const char* text_of(PageError error) noexcept {
    switch (error) {
        case PageError::map_count_limit:
            return "the limit on the number of mappings is reached (raise vm.max_map_count)";
        case PageError::lock_limit:
            return "the limit on locked memory is reached (raise RLIMIT_MEMLOCK: ulimit -l)";
        case PageError::address_space_limit:
            return "the limit on address space is reached (raise RLIMIT_AS or RLIMIT_DATA: "
                   "ulimit -v, ulimit -d)";
        case PageError::commit_limit:
            return "the system does not promise that much memory (add memory or swap; Linux: see "
                   "vm.overcommit_memory; Windows: let the page file grow)";
        case PageError::huge_page_limit:
            return "there are no huge pages left (Linux: raise vm.nr_hugepages; Windows: give the "
                   "account the right to lock pages in memory)";
    }
    return "unknown error";
}

class PageErrorCategory final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "memory_pages"; }

    [[nodiscard]] std::string message(int value) const override {
        return text_of(static_cast<PageError>(value));
    }

    [[nodiscard]] bool equivalent(int,
                                  const std::error_condition& condition) const noexcept override {
        return condition == std::errc::not_enough_memory;
    }
};

/// Says what was asked for. The text lives in the object: there may be no memory for another.
class BadPageAlloc final : public std::bad_alloc {
public:
    BadPageAlloc(std::error_code error, const char* call, std::size_t bytes) noexcept {
        if (error.category() == page_error_category()) {
            say(call, bytes, text_of(static_cast<PageError>(error.value())));
        } else if (error == std::errc::not_enough_memory) {
            say(call, bytes, "not enough memory");
        } else {
            std::snprintf(text_.data(), text_.size(), "%s of %zu bytes: error %d of category %s",
                          call, bytes, error.value(), error.category().name());
        }
    }
    [[nodiscard]] const char* what() const noexcept override { return text_.data(); }

private:
    void say(const char* call, std::size_t bytes, const char* reason) noexcept {
        std::snprintf(text_.data(), text_.size(), "%s of %zu bytes: %s", call, bytes, reason);
    }

    std::array<char, 256> text_{};
};

template <class Exception>
[[noreturn]] void throw_or_abort(const Exception& exception) {
#if defined(__cpp_exceptions)
    throw exception;
#else
    std::fprintf(stderr, "memory_pages: %s\n", exception.what());
    std::abort();
#endif
}

}  // namespace

const std::error_category& page_error_category() noexcept {
    static const PageErrorCategory category;
    return category;
}

void raise(std::error_code error, const char* call, std::size_t bytes) {
    throw_or_abort(
        std::system_error(error, std::string(call) + " of " + std::to_string(bytes) + " bytes"));
}

void raise_bad_alloc(std::error_code error, const char* call, std::size_t bytes) {
    throw_or_abort(BadPageAlloc(error, call, bytes));
}

void raise_length_error(const char* call, std::size_t wanted, std::size_t maximum) {
    throw_or_abort(std::length_error(std::string(call) + ": " + std::to_string(wanted) +
                                     " elements, at most " + std::to_string(maximum) +
                                     " are possible"));
}

void raise_out_of_range(const char* call, std::size_t index, std::size_t size) {
    throw_or_abort(std::out_of_range(std::string(call) + ": index " + std::to_string(index) +
                                     " is outside " + std::to_string(size) + " elements"));
}

}  // namespace memory_pages
