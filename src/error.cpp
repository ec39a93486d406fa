// SPDX-License-Identifier: MIT
#include <memory_pages/detail/core_error.hpp>
#include <memory_pages/detail/refusal.hpp>
#include <memory_pages/error.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

namespace memory_pages {
namespace {

const char* text_of(PageError error) noexcept {
    switch (error) {
        case PageError::map_count_limit:
            return "the limit on the number of mappings is reached (raise vm.max_map_count)";
        case PageError::lock_limit:
            return "the limit on locked memory is reached (raise RLIMIT_MEMLOCK: ulimit -l)";
        case PageError::address_space_limit:
            return "the limit on address space is reached (raise RLIMIT_AS: ulimit -v)";
        case PageError::data_limit:
            return "the limit on writable private memory is reached (raise RLIMIT_DATA: ulimit -d)";
        case PageError::commit_limit:
            return "the system does not promise that much memory (add memory or swap; Linux: see "
                   "vm.overcommit_memory; Windows: let the page file grow)";
        case PageError::huge_page_limit:
            return "there are no huge pages left (Linux: raise vm.nr_hugepages, or "
                   "hugetlb.<size>.max of the control group; Windows: give the "
                   "account the right to lock pages in memory)";
        case PageError::permissions_lost:
            return "permissions that were changed in part could not be restored (change them again "
                   "before these pages are used)";
    }
    return "unknown error";
}

/// Each copy of the library in a process has its own category with this name.
constexpr std::string_view category_name = "memory_pages";

bool is_of_this_name(const std::error_category& category) noexcept {
    return category.name() == category_name;
}

class PageErrorCategory final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return category_name.data(); }

    [[nodiscard]] std::string message(int value) const override {
        return text_of(static_cast<PageError>(value));
    }

    [[nodiscard]] bool equivalent(int value,
                                  const std::error_condition& condition) const noexcept override {
        const bool is_lost = value == static_cast<int>(PageError::permissions_lost);
        return condition ==
                   (is_lost ? std::errc::state_not_recoverable : std::errc::not_enough_memory) ||
               (is_of_this_name(condition.category()) && condition.value() == value);
    }
    [[nodiscard]] bool equivalent(const std::error_code& error, int value) const noexcept override {
        return is_of_this_name(error.category()) && error.value() == value;
    }
};

/// Names the request. The text is in the object, since there may be no memory for another.
class BadPageAlloc final : public std::bad_alloc {
public:
    BadPageAlloc(std::error_code error, const char* call, std::size_t bytes) noexcept {
        if (is_of_this_name(error.category())) {
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

std::error_code detail::make_error_code(Error error) noexcept {
    if (error >= Error::first_of_windows) {
        return {static_cast<int>(error) - static_cast<int>(Error::first_of_windows),
                std::system_category()};
    }
    if (error >= Error::first_page_error) {
        return {static_cast<int>(error) - static_cast<int>(Error::first_page_error),
                page_error_category()};
    }
    return {static_cast<int>(error), std::generic_category()};
}

bool operator==(const std::error_code& error, PageError wanted) noexcept {
    return page_error_category().equivalent(error, static_cast<int>(wanted));
}

void detail::raise_text(std::error_code error, const std::string& text) {
    throw_or_abort(std::system_error(error, text));
}

void raise(std::error_code error, const char* call, std::size_t bytes) {
    detail::raise_text(error, std::string(call) + " of " + std::to_string(bytes) + " bytes");
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
