// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// A text in pages: read from a file, repeated up to a size, and analysed.

#include <memory_pages/pages.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

namespace tour {

using Bytes = std::span<const std::uint8_t>;

/// Ends the tour; its text is one line for the user.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using TextPages =
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::AllowWrite, memory_pages::DenyExec>;
using FrozenPages =
    memory_pages::Pages<memory_pages::AllowRead, memory_pages::DenyWrite, memory_pages::DenyExec>;

/// A text that is still being written. The rest of its last page is zeros.
struct Text {
    TextPages pages;
    std::size_t size;
    std::size_t file_size;
    std::size_t copies;
};

/// Called with the progress of a long task.
using Progress = std::function<void(std::size_t done, std::size_t all)>;

/// Reads the file and repeats it while whole copies fit into `limit` bytes, with a line end between
/// copies. Of a larger file, reads the whole lines that fit. Throws `Failure`.
[[nodiscard]] Text read_text(const std::filesystem::path& file, std::size_t limit,
                             const Progress& progress);

/// The properties of a text.
struct Facts {
    std::size_t lines = 0;
    std::optional<std::size_t> not_utf8_at;  ///< The first byte that is invalid UTF-8.
};

[[nodiscard]] Facts look_over(Bytes text);

/// At most `limit` characters of a text, with `?` for characters that a terminal should not get.
[[nodiscard]] std::string printable(Bytes text, std::size_t limit);

}  // namespace tour
