// SPDX-License-Identifier: MIT
#include "text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>

namespace tour {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t chunk = 1 << 20;

[[noreturn]] void fail(const fs::path& file, const std::string& why) {
    throw Failure(fmt::format("{}: {}", file.string(), why));
}

std::size_t size_of(const fs::path& file) {
    std::error_code error;
    const fs::file_status status = fs::status(file, error);
    if (error) {
        fail(file, error.message());
    }
    if (fs::is_directory(status)) {
        fail(file, "is a directory, not a file");
    }
    if (!fs::is_regular_file(status)) {
        fail(file, "is not a regular file");
    }
    const std::uintmax_t size = fs::file_size(file, error);
    if (error) {
        fail(file, error.message());
    }
    if (size == 0) {
        fail(file, "is empty");
    }
    return size;
}

/// The length of the UTF-8 character at the start of `text`, which is not empty: 1 to 4; 0 if
/// invalid.
std::size_t utf8_length(Bytes text) {
    const unsigned first = text[0];
    if (first < 0x80) {
        return 1;
    }
    const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (text.size() < length || !std::ranges::all_of(text.subspan(1, length - 1), [](unsigned b) {
            return (b & 0xc0) == 0x80;
        })) {
        return 0;
    }
    // Rejects overlong forms, surrogates, and code points beyond Unicode.
    const unsigned top = first << 8 | text[1];
    const bool valid = length == 2   ? first >= 0xc2
                       : length == 3 ? top >= 0xe0a0 && (top < 0xeda0 || top >= 0xee00)
                                     : top >= 0xf090 && top < 0xf490;
    return valid ? length : 0;
}

/// `text` up to the end of its last line, if it has one.
std::size_t whole_lines(Bytes text) {
    const auto last = std::find(text.rbegin(), text.rend(), '\n');
    return last == text.rend() ? text.size() : static_cast<std::size_t>(text.rend() - last);
}

}  // namespace

Text read_text(const fs::path& file, std::size_t limit, const Progress& progress) {
    const std::size_t file_size = size_of(file);
    const std::size_t wanted = std::min(file_size, limit);
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        fail(file, std::generic_category().message(errno));
    }

    // One byte more than the limit, for the line end of a file that lacks one.
    TextPages pages(limit + 1, {.huge_pages = memory_pages::HugePages::prefer});
    std::uint8_t* const data = pages.get_ptr_mut();
    std::size_t size = 0;
    while (size < wanted) {
        const auto piece = static_cast<std::streamsize>(std::min(chunk, wanted - size));
        stream.read(reinterpret_cast<char*>(data + size), piece);
        if (stream.gcount() != piece) {
            fail(file, "cannot be read to its end");
        }
        size += static_cast<std::size_t>(piece);
        progress(size, limit);
    }
    if (size < file_size) {
        const std::size_t kept = whole_lines({data, size});
        std::memset(data + kept, 0, size - kept);
        return {std::move(pages), kept, file_size, 1};
    }
    if (data[size - 1] != '\n') {
        data[size++] = '\n';
    }

    const std::size_t copies = std::max<std::size_t>(limit / size, 1);
    for (std::size_t copied = size; copied < copies * size;) {
        // Doubles the copied part up to a chunk, so that a tiny file is not copied piece by piece.
        const std::size_t from = copied % size;
        const std::size_t piece = std::min({copied - from, chunk, copies * size - copied});
        std::memcpy(data + copied, data + from, piece);
        copied += piece;
        progress(copied, limit);
    }
    return {std::move(pages), copies * size, file_size, copies};
}

Facts look_over(Bytes text) {
    Facts facts;
    facts.lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = utf8_length(text.subspan(at));
        if (length == 0) {
            facts.not_utf8_at = at;
            break;
        }
        at += length;
    }
    return facts;
}

std::string printable(Bytes text, std::size_t limit) {
    std::string shown;
    for (; !text.empty() && limit > 0; --limit) {
        const std::size_t length = utf8_length(text);
        const bool is_control =
            text[0] < ' ' || text[0] == 0x7f || (length == 2 && text[0] == 0xc2 && text[1] < 0xa0);
        if (length == 0 || is_control) {
            shown += '?';
        } else {
            shown.append(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length));
        }
        text = text.subspan(std::max<std::size_t>(length, 1));
    }
    return shown + (text.empty() ? "" : "...");
}

}  // namespace tour
