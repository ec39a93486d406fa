// SPDX-License-Identifier: MIT
#include "os/linux/kernel_files/cgroups.hpp"

#include "os/linux/kernel_files/proc.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#pragma GCC visibility push(hidden)

namespace memory_pages::os {
namespace {

constexpr std::string_view huge_pages = "/hugetlb.";

/// A string in a fixed buffer; unusable after text that does not fit.
class Path {
public:
    Path& operator+=(std::string_view text) noexcept {
        is_whole_ = is_whole_ && text.size() < text_.size() - length_;
        if (is_whole_) {
            length_ += text.copy(text_.data() + length_, text.size());
            text_[length_] = '\0';
        }
        return *this;
    }
    void cut(std::size_t length) noexcept {
        length_ = length;
        text_[length_] = '\0';
        is_whole_ = true;
    }
    /// Moves the first `length` characters behind the rest.
    void move_to_end(std::size_t length) noexcept {
        std::rotate(text_.data(), text_.data() + length, text_.data() + length_);
    }
    [[nodiscard]] const char* c_str() const noexcept { return text_.data(); }
    [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), length_}; }
    [[nodiscard]] std::size_t size() const noexcept { return length_; }
    [[nodiscard]] bool is_whole() const noexcept { return is_whole_; }

private:
    std::array<char, 512> text_{};
    std::size_t length_ = 0;
    bool is_whole_ = true;
};

/// Removes and returns the text before `behind`; all of it if `behind` is not found.
std::string_view take(std::string_view& text, std::string_view behind) noexcept {
    const std::size_t length = std::min(text.find(behind), text.size());
    const std::string_view taken = text.substr(0, length);
    text.remove_prefix(std::min(length + behind.size(), text.size()));
    return taken;
}

bool lists(std::string_view names, std::string_view name) noexcept {
    while (!names.empty()) {
        if (take(names, ",") == name) {
            return true;
        }
    }
    return false;
}

/// The next character of a path of mountinfo, which writes blanks and the like as \040.
char take_character(std::string_view& text) noexcept {
    const auto digit = [&](std::size_t i) noexcept { return text[i] - '0'; };
    const bool is_number = text.front() == '\\' && text.size() > 3;
    const int c = is_number ? digit(1) * 64 + digit(2) * 8 + digit(3) : text.front();
    text.remove_prefix(is_number ? 4 : 1);
    return static_cast<char>(c);
}

/// Removes the path of a directory from the front of the path of an entry in it.
bool take_directory(std::string_view& path, std::string_view directory) noexcept {
    while (!directory.empty()) {
        if (path.empty() || take_character(directory) != path.front()) {
            return false;
        }
        path.remove_prefix(1);
    }
    return path.empty() || path.front() == '/';
}

/// The directory of a hierarchy's files, and the process's group in it.
struct Group {
    bool is_known = false;
    bool is_first = false;       ///< Version 1.
    bool is_seen_whole = false;  ///< Whether the mount shows all of the hierarchy.
    Path path;                   ///< The directory of the process's group, or of an ancestor.
    std::size_t top = 0;         ///< The length of the topmost visible group's path in it.
};

/// proc(5), /proc/[pid]/cgroup: "4:memory:/path" for version 1, "0::/path" for version 2.
[[gnu::noinline]] void find_own(const char* root, std::string_view controller,
                                Group& group) noexcept {
    Path& path = group.path;
    (path += root) += "/proc/self/cgroup";
    ProcFile file(path.c_str());
    path.cut(0);
    while (std::optional<std::string_view> line = file.next_line()) {
        const std::string_view id = take(*line, ":");
        const std::string_view controllers = take(*line, ":");
        group.is_first = lists(controllers, controller);
        if (group.is_first || (id == "0" && controllers.empty())) {
            path.cut(0);
            path += *line;
        }
        if (group.is_first) {
            return;
        }
    }
}

/// Replaces the path of a group in its hierarchy by its directory, if a line of mountinfo is of its
/// mount: "31 23 0:28 root mount-point options ... - type source options".
bool find_directory(Group& group, const char* root, std::string_view controller,
                    std::string_view line) noexcept {
    std::string_view fields = take(line, " - ");
    for (int field = 0; field < 3; ++field) {
        (void)take(fields, " ");
    }
    const std::string_view type = take(line, " ");
    (void)take(line, " ");
    if (group.is_first ? type != "cgroup" || !lists(line, controller) : type != "cgroup2") {
        return false;
    }
    const std::string_view mounted = take(fields, " ");
    std::string_view below = group.path.view();
    if (!take_directory(below, mounted == "/" ? "" : mounted)) {
        return false;  // The mount shows another part of the hierarchy.
    }
    const std::size_t length = below == "/" ? 0 : below.size();
    const std::size_t above = group.path.size() - length;
    group.path.move_to_end(above);
    group.path.cut(length);
    group.path += root;
    for (std::string_view point = take(fields, " "); !point.empty();) {
        const char c = take_character(point);
        group.path += std::string_view(&c, 1);
    }
    group.top = group.path.size() - length;
    group.path.move_to_end(length);
    group.is_seen_whole = mounted == "/";
    group.is_known = group.path.is_whole();
    return true;
}

/// Needs the path of the group in its hierarchy.
[[gnu::noinline]] void find_mount(const char* root, std::string_view controller,
                                  Group& group) noexcept {
    Path& path = group.path;
    const std::size_t length = path.size();
    if (length == 0 || path.view().contains("/..")) {
        return;
    }
    (path += root) += "/proc/self/mountinfo";
    ProcFile file(path.c_str() + length);
    path.cut(length);
    std::optional<std::string_view> line = file.next_line();
    while (line && !find_directory(group, root, controller, *line)) {
        line = file.next_line();
    }
}

/// Each step opens a file, and only one of their buffers is on the stack at a time.
void find_group(const char* root, std::string_view controller, Group& group) noexcept {
    find_own(root, controller, group);
    find_mount(root, controller, group);
}

/// Goes to the parent group; false if none is visible.
bool go_up(Group& group) noexcept {
    const bool is_below = group.path.size() > group.top;
    if (is_below) {
        group.path.cut(std::max(group.path.view().rfind('/'), group.top));
    }
    return is_below;
}

/// Whether a group has this file. With an empty name: whether the group exists.
bool has(Group& group, std::string_view file) noexcept {
    const std::size_t length = group.path.size();
    group.path += file;
    const bool is_there = ::access(group.path.c_str(), F_OK) == 0;
    group.path.cut(length);
    return is_there;
}

/// Whether no ancestors are hidden, for the group where `go_up` ended. The visible top of version 2
/// may be that of a namespace: only groups below the real top have a type.
bool is_topmost(Group& group) noexcept {
    return group.is_seen_whole && (group.is_first || !has(group, "/cgroup.type"));
}

/// The number in the file `kind` + `name` of a group. "max", and the number that version 1 writes
/// for it, are no limit.
[[gnu::noinline]] Limit read_limit(Group& group, std::string_view kind,
                                   std::string_view name) noexcept {
    constexpr std::size_t more_than_any = std::size_t{1} << 62;
    const std::size_t length = group.path.size();
    (group.path += kind) += name;
    const bool is_whole = group.path.is_whole();
    ProcFile file(group.path.c_str());
    group.path.cut(length);
    const std::string_view text = file.next();
    const std::optional<std::size_t> number = leading_number(text);
    if (number && *number < more_than_any) {
        return {.most = is_whole ? number : std::nullopt, .is_known = is_whole};
    }
    // A group without the file has no limit: the top, and groups without the controller.
    return {.is_known = is_whole && (number || text.starts_with("max") ||
                                     (file.error() == ENOENT && has(group, "")))};
}

Limit most_in(Group& group, std::string_view kind) noexcept {
    return read_limit(group, kind, group.is_first ? ".limit_in_bytes" : ".max");
}

/// The larger of what is reserved, where the kernel counts that, and what is touched.
std::optional<std::size_t> used_in(Group& group, std::string_view kind) noexcept {
    std::optional<std::size_t> promised;
    if (kind.starts_with(huge_pages)) {
        promised =
            read_limit(group, kind, group.is_first ? ".rsvd.usage_in_bytes" : ".rsvd.current").most;
    }
    const std::optional<std::size_t> touched =
        read_limit(group, kind, group.is_first ? ".usage_in_bytes" : ".current").most;
    return std::max(promised, touched);
}

/// Takes the limit of a group if it is lower.
void lower(Limit& lowest, Group& group, std::string_view kind) noexcept {
    const Limit limit = most_in(group, kind);
    lowest.is_known = lowest.is_known && limit.is_known;
    if (limit.most && (!lowest.most || *limit.most < *lowest.most)) {
        lowest.most = limit.most;
        lowest.used = used_in(group, kind);
    }
}

/// The prefix with the kernel's name of a size ("2MB", "1GB"), null-terminated.
std::array<char, 32> kind_of(std::size_t size) noexcept {
    constexpr std::array<std::pair<std::size_t, std::string_view>, 3> units = {
        {{std::size_t{1} << 30, "GB"}, {std::size_t{1} << 20, "MB"}, {std::size_t{1} << 10, "KB"}}};
    const auto& [unit, name] = *std::ranges::find_if(
        units, [size](const auto& each) noexcept { return size >= each.first; });
    std::array<char, 32> kind{};
    char* const number = std::ranges::copy(huge_pages, kind.data()).out;
    std::ranges::copy(name, std::to_chars(number, &kind.back() - name.size(), size / unit).ptr);
    return kind;
}

}  // namespace

GroupLimits memory_of_groups(const char* root) noexcept {
    constexpr std::string_view kind = "/memory";
    GroupLimits limits{};
    Group group;
    find_group(root, "memory", group);
    if (group.is_known) {
        lower(limits.own, group, kind);
        limits.own.used = limits.own.used ? limits.own.used : used_in(group, kind);
        while (go_up(group)) {
            lower(limits.above, group, kind);
        }
    }
    limits.own.is_known = limits.own.is_known && group.is_known;
    limits.above.is_known = limits.above.is_known && group.is_known && is_topmost(group);
    return limits;
}

void huge_pages_of_groups(const char* root, std::span<const std::size_t> sizes,
                          std::span<Limit> limits) noexcept {
    Group group;
    find_group(root, "hugetlb", group);
    do {
        for (std::size_t i = 0; group.is_known && i != sizes.size(); ++i) {
            lower(limits[i], group, kind_of(sizes[i]).data());
        }
    } while (go_up(group));
    const bool is_known = group.is_known && is_topmost(group);
    for (Limit& limit : limits.first(sizes.size())) {
        limit.is_known = limit.is_known && is_known;
    }
}

bool groups_refuse_huge_pages(const char* root, std::size_t size, std::size_t bytes) noexcept {
    const std::array<char, 32> kind = kind_of(size);
    bool is_too_much = false;
    Group group;
    find_group(root, "hugetlb", group);
    while (group.is_known && !is_too_much) {
        if (const std::optional<std::size_t> most = most_in(group, kind.data()).most) {
            const std::size_t used = used_in(group, kind.data()).value_or(0);
            is_too_much = used > *most || bytes > *most - used;
        }
        if (!go_up(group)) {
            break;
        }
    }
    return is_too_much;
}

}  // namespace memory_pages::os

#pragma GCC visibility pop
