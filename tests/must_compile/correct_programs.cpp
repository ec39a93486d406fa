// SPDX-License-Identifier: MIT
// Programs that must compile without warnings, one function each.
#include <memory_pages/exec.hpp>
#include <memory_pages/memory_pages.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

using namespace memory_pages;

using ReadWrite = Pages<AllowRead, AllowWrite, DenyExec>;
using ReadOnly = Pages<AllowRead, DenyWrite, DenyExec>;
using Code = Pages<AllowRead, DenyWrite, AllowExec>;

void take(ReadWrite pages);
bool is_ready();

int straight() {
    ReadWrite pages(1);
    pages[0] = 1;
    pages.write_at(0, pages.bytes());
    pages.resize(2 * pages.size());
    const ReadOnly frozen = std::move(pages).deny_write();
    return frozen[0];
}

int chain() {
    ReadWrite pages(1);
    const auto same = std::move(pages).deny_write().allow_write().deny_write();
    return same[0];
}

int on_the_fly() {
    return ReadWrite(1).read([](auto bytes) { return bytes[0]; });
}

int assigned_again() {
    ReadWrite pages(1);
    take(std::move(pages));
    pages = ReadWrite(1);
    return pages[0];
}

int early_return(bool is_given) {
    ReadWrite pages(1);
    if (is_given) {
        take(std::move(pages));
        return 0;
    }
    return pages[0];
}

std::size_t size_of_what_was_moved() {
    ReadWrite pages(1);
    take(std::move(pages));
    return pages.size();
}

int one_each_time() {
    int sum = 0;
    for (int i = 0; i < 3; ++i) {
        ReadWrite pages(1);
        sum += pages[0];
        take(std::move(pages));
    }
    return sum;
}

int used_in_a_loop() {
    ReadWrite pages(1);
    int sum = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        pages[i] = 1;
        sum += pages[i];
    }
    while (!is_ready()) {
        sum += pages[0];
    }
    return sum;
}

ReadWrite returned() {
    ReadWrite pages(1);
    pages[0] = 1;
    return pages;
}

ReadOnly returned_frozen(ReadWrite pages) {
    pages[0] = 1;
    return std::move(pages).deny_write();
}

class Table {
public:
    void fill() { pages_[0] = 1; }
    [[nodiscard]] int first() const { return pages_[0]; }
    ReadOnly seal() && { return std::move(pages_).deny_write(); }

private:
    ReadWrite pages_{1};
};

int member() {
    Table table;
    table.fill();
    const int first = table.first();
    const ReadOnly sealed = std::move(table).seal();
    return first + sealed[0];
}

int in_a_vector() {
    std::vector<ReadWrite> all;
    all.emplace_back(1);
    all.push_back(ReadWrite(1));
    const ReadWrite last = std::move(all.back());
    all.pop_back();
    return all.front()[0] + last[0];
}

int in_an_array() {
    std::array<ReadWrite, 2> all = {ReadWrite(1), ReadWrite(1)};
    return all[0][0] + all[1][0];
}

int behind_a_pointer() {
    const auto pages = std::make_unique<ReadWrite>(1);
    (*pages)[0] = 1;
    return (*pages)[0];
}

int expected() {
    Result<ReadWrite> made = ReadWrite::try_new(1);
    if (!made) {
        return 1;
    }
    (*made)[0] = 1;
    const auto frozen = std::move(*made).try_deny_write();
    return frozen ? (*frozen)[0] : frozen.error().pages[0];
}

int optional() {
    std::optional<ReadWrite> pages;
    pages.emplace(1);
    (*pages)[0] = 1;
    return (*pages)[0];
}

int tuple() {
    std::tuple<ReadWrite, int> pair(ReadWrite(1), 1);
    auto& [pages, number] = pair;
    pages[0] = 1;
    return std::get<0>(pair)[0] + number;
}

ReadWrite global_pages(1);

int global() {
    global_pages[0] = 1;
    return global_pages[0];
}

int captured_by_reference() {
    ReadWrite pages(1);
    const auto fill = [&pages] { pages[0] = 1; };
    fill();
    return pages[0];
}

int captured_by_move() {
    ReadWrite pages(1);
    const auto first = [kept = std::move(pages)] { return kept[0]; };
    return first();
}

int lent() {
    ReadWrite pages(1);
    pages.write([](std::span<std::uint8_t> bytes) { bytes[0] = 1; });
    return pages.read(
        [&pages](std::span<const std::uint8_t> bytes) { return bytes[0] + pages[0]; });
}

void run() {
    ReadWrite pages(1);
    const Code code = std::move(pages).set_protected_exec();
    const auto function = code.get_fn<void()>();
    function();
    const auto copy = function;
    copy();
}

int vector_that_was_moved_from() {
    PagedVec<int> numbers(3);
    const PagedVec<int> kept = std::move(numbers);
    numbers.push_back(1);
    return numbers.front() + kept.front();
}
