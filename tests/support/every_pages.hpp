// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// The eight types of pages for typed tests, and pages of each with known contents.

#include <memory_pages/exec.hpp>
#include <memory_pages/pages.hpp>
#include <memory_pages/unsafe_write_exec.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace every_pages {

using memory_pages::AllowExec;
using memory_pages::AllowRead;
using memory_pages::AllowWrite;
using memory_pages::DenyExec;
using memory_pages::DenyRead;
using memory_pages::DenyWrite;
using memory_pages::Pages;

using Types =
    testing::Types<Pages<AllowRead, AllowWrite, AllowExec>, Pages<AllowRead, AllowWrite, DenyExec>,
                   Pages<AllowRead, DenyWrite, AllowExec>, Pages<AllowRead, DenyWrite, DenyExec>,
                   Pages<DenyRead, AllowWrite, AllowExec>, Pages<DenyRead, AllowWrite, DenyExec>,
                   Pages<DenyRead, DenyWrite, AllowExec>, Pages<DenyRead, DenyWrite, DenyExec>>;

/// The permissions of a type of pages.
template <class P>
struct Of;

template <class R, class W, class E>
struct Of<Pages<R, W, E>> {
    using Read = R;
    using Write = W;
    using Exec = E;
    static constexpr bool read = std::is_same_v<R, AllowRead>;
    static constexpr bool write = std::is_same_v<W, AllowWrite>;
    static constexpr bool exec = std::is_same_v<E, AllowExec>;

    /// In the form of `probe::permissions`.
    static std::string spelled(bool are_read = read) {
        return std::string(are_read ? "r" : "-") + (write ? "w" : "-") + (exec ? "x" : "-");
    }

    /// Whether `probe::permissions` may report this for such pages: on some systems pages that may
    /// be written or executed are also readable.
    static testing::AssertionResult are(const std::string& permissions) {
        const bool are_read_too = (write || exec) && !Pages<R, W, E>::is_enforced();
        if (permissions == spelled() || (are_read_too && permissions == spelled(true))) {
            return testing::AssertionSuccess();
        }
        return testing::AssertionFailure() << permissions << ", and not " << spelled();
    }
};

/// The names of the cases of a typed test.
struct Names {
    template <class P>
    static std::string GetName(int) {
        return std::string(Of<P>::read ? "Read" : "") + (Of<P>::write ? "Write" : "") +
               (Of<P>::exec ? "Exec" : "") +
               (Of<P>::read || Of<P>::write || Of<P>::exec ? "" : "NoAccess");
    }
};

template <class R>
auto with_read(auto pages) {
    if constexpr (std::is_same_v<R, AllowRead>) {
        return std::move(pages).allow_read();
    } else {
        return std::move(pages).deny_read();
    }
}

template <class W>
auto with_write(auto pages) {
    if constexpr (std::is_same_v<W, AllowWrite>) {
        return std::move(pages).allow_write();
    } else {
        return std::move(pages).deny_write();
    }
}

template <class E>
auto with_exec(auto pages) {
    if constexpr (std::is_same_v<E, AllowExec>) {
        return std::move(pages).allow_exec();
    } else {
        return std::move(pages).deny_exec();
    }
}

/// Pages and their address, which most types do not return.
template <class P>
struct Made {
    P pages;
    std::uint8_t* address;
};

/// Pages of type `P` that begin with these bytes.
template <class P>
Made<P> holding(std::span<const std::uint8_t> contents) {
    using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
    ReadWrite pages(contents.size());
    pages.write_at(0, contents);
    auto raw = std::move(pages).release();
    std::uint8_t* const address = raw.address();
    return {with_exec<typename Of<P>::Exec>(with_write<typename Of<P>::Write>(
                with_read<typename Of<P>::Read>(ReadWrite::adopt(std::move(raw))))),
            address};
}

/// Whether pages of any type begin with these bytes.
template <class P>
bool hold(P pages, std::span<const std::uint8_t> contents) {
    const auto readable = std::move(pages).allow_read();
    return std::ranges::equal(readable.bytes().first(contents.size()), contents);
}

}  // namespace every_pages
