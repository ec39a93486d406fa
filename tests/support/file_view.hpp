// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// Views of a file, mapped without the library.

#include <cstddef>
#include <cstdio>
#include <vector>

namespace file_view {

enum class Sharing { shared, copy_on_write };

/// Maps the whole file; null if the system refuses. Defined in one .cpp per system.
[[nodiscard]] void* map(std::FILE* file, std::size_t bytes, Sharing sharing);
void unmap(void* view, std::size_t bytes);

/// A temporary file of bytes of one value, and a readable and writable view of it.
class View {
public:
    View(std::size_t bytes, std::byte value, Sharing sharing) : bytes_(bytes) {
        const std::vector<std::byte> contents(bytes, value);
        if (file_ != nullptr) {
            std::setvbuf(file_, nullptr, _IONBF, 0);
            if (std::fwrite(contents.data(), 1, bytes, file_) == bytes) {
                view_ = static_cast<std::byte*>(map(file_, bytes, sharing));
            }
        }
    }
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    ~View() {
        if (view_ != nullptr) {
            unmap(view_, bytes_);
        }
        if (file_ != nullptr) {
            (void)std::fclose(file_);
        }
    }

    /// Null if there is no view.
    [[nodiscard]] std::byte* data() const { return view_; }

    /// The test unmapped it.
    void forget() { view_ = nullptr; }

    /// The bytes of the file.
    [[nodiscard]] std::vector<std::byte> file() const {
        std::vector<std::byte> contents(bytes_);
        std::rewind(file_);
        contents.resize(std::fread(contents.data(), 1, bytes_, file_));
        return contents;
    }

private:
    std::size_t bytes_;
    std::FILE* file_ = std::tmpfile();
    std::byte* view_ = nullptr;
};

}  // namespace file_view
