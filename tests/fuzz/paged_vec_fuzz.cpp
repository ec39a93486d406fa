// SPDX-License-Identifier: MIT
/// \file
/// Random operations on `PagedVec`, compared with `std::vector`.

#include <memory_pages/paged_vec.hpp>

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace {

using memory_pages::PagedVec;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// Owns memory, so that a lost, twice moved or twice destroyed element is noticed.
class Owner {
public:
    explicit Owner(std::uint8_t value) : value_(std::make_unique<std::uint8_t>(value)) {}
    Owner(const Owner& other) : value_(std::make_unique<std::uint8_t>(*other.value_)) {}
    Owner(Owner&&) noexcept = default;
    Owner& operator=(const Owner& other) { return *this = Owner(other); }
    Owner& operator=(Owner&&) noexcept = default;
    ~Owner() = default;
    bool operator==(const Owner& other) const { return *value_ == *other.value_; }
    auto operator<=>(const Owner& other) const { return *value_ <=> *other.value_; }

private:
    std::unique_ptr<std::uint8_t> value_;
};

/// So large that a few hundred elements exceed the first reservation. Only one page of each is ever
/// touched.
template <bool is_relocatable>
class Large {
public:
    explicit Large(std::uint8_t value) : value_(value) {}
    Large(const Large& other) : value_(other.value_) {}
    Large& operator=(const Large& other) {
        value_ = other.value_;
        return *this;
    }
    ~Large() = default;
    bool operator==(const Large& other) const { return value_ == other.value_; }
    auto operator<=>(const Large& other) const { return value_ <=> other.value_; }

private:
    std::uint8_t value_;
    [[maybe_unused]] std::uint8_t rest_[(1 << 20) - 1];
};

}  // namespace

template <>
struct memory_pages::is_trivially_relocatable<Large<true>> : std::true_type {};

namespace {

template <class T>
class Run {
public:
    Run(FuzzedDataProvider& input, std::size_t most) : input_(input), most_(most) {}

    void step() {
        const std::size_t n = some_size();
        const std::size_t place = input_.ConsumeIntegralInRange<std::size_t>(0, theirs_.size());
        const std::size_t end = input_.ConsumeIntegralInRange(place, theirs_.size());
        const T value = some();
        const bool has_room = theirs_.size() < most_;
        switch (input_.ConsumeIntegralInRange(0, 19)) {
            case 0:
                return both([&](auto& vec) {
                    if (has_room) vec.push_back(value);
                });
            case 1:
                return both([&](auto& vec) {
                    if (has_room) vec.emplace_back(value);
                });
            case 2:
                return push_element_of_its_own(place);
            case 3:
                return pop();
            case 4:
                return both([&](auto& vec) {
                    if (has_room) vec.insert(at(vec, place), value);
                });
            case 5:
                return insert_elements_of_its_own(place);
            case 6:
                return both([&](auto& vec) { vec.erase(at(vec, place), at(vec, end)); });
            case 7:
                return both([&](auto& vec) { vec.resize(n, value); });
            case 8:
                return both([&](auto& vec) { vec.assign(n, value); });
            case 9:
                return both([](auto& vec) { vec.clear(); });
            case 10:
                return both([&](auto& vec) { vec.reserve(n); });
            case 11:
                return both([](auto& vec) { vec.shrink_to_fit(); });
            case 12:
                return clear_decommit();
            case 13:
                return copy_and_move();
            case 14:
                return push_within_capacity(value);
            case 15:
                return remove(place);
            case 16:
                return both([&](auto& vec) { erase(vec, value); });
            case 17:
                return insert_another(place, n);
            case 18:
                return ours_.reserve_exact(n);
            default:
                return both([](auto& vec) { std::sort(vec.begin(), vec.end()); });
        }
    }

    void check() const {
        require(std::ranges::equal(ours_, theirs_));
        require(ours_.size() == theirs_.size() && ours_.empty() == theirs_.empty());
        require(ours_.size() <= ours_.capacity());
    }

private:
    template <class Operation>
    void both(Operation operation) {
        operation(ours_);
        operation(theirs_);
    }

    T some() { return T(input_.ConsumeIntegralInRange<std::uint8_t>(0, 3)); }
    std::size_t some_size() { return input_.ConsumeIntegralInRange<std::size_t>(0, most_); }
    static auto at(auto& vec, std::size_t place) {
        return std::next(vec.begin(), static_cast<std::ptrdiff_t>(place));
    }

    void push_element_of_its_own(std::size_t place) {
        if (place < theirs_.size() && theirs_.size() < most_) {
            both([&](auto& vec) { vec.push_back(vec[place]); });
        }
    }

    void insert_elements_of_its_own(std::size_t place) {
        if (!theirs_.empty() && theirs_.size() + 3 <= most_) {
            both([&](auto& vec) { vec.insert(at(vec, place), 3, vec.back()); });
        }
    }

    void pop() {
        const std::optional<T> last = ours_.pop();
        require(last.has_value() == !theirs_.empty());
        if (last) {
            require(*last == theirs_.back());
            theirs_.pop_back();
        }
    }

    void clear_decommit() {
        const std::size_t capacity = ours_.capacity();
        ours_.clear_decommit();
        theirs_.clear();
        require(ours_.capacity() == capacity);
    }

    void copy_and_move() {
        PagedVec<T> copy(ours_);
        require(copy == ours_ && !(copy < ours_));
        PagedVec<T> moved(std::move(ours_));
        require(ours_.empty() && moved == copy);
        ours_ = std::move(moved);
        copy = ours_;
        swap(copy, ours_);
    }

    void push_within_capacity(const T& value) {
        const bool fits = ours_.size() < ours_.capacity();
        const auto pushed = ours_.push_within_capacity(value);
        require(pushed.has_value() == fits);
        if (fits) {
            theirs_.push_back(value);
        } else {
            require(pushed.error() == value);
        }
    }

    void remove(std::size_t place) {
        if (place < theirs_.size()) {
            const T removed = ours_.remove(place);
            require(removed == theirs_[place]);
            theirs_.erase(at(theirs_, place));
        }
    }

    void insert_another(std::size_t place, std::size_t n) {
        const std::vector<T> another(std::min(n, most_ - std::min(most_, theirs_.size())), some());
        both([&](auto& vec) { vec.insert(at(vec, place), another.begin(), another.end()); });
    }

    FuzzedDataProvider& input_;
    std::size_t most_;
    PagedVec<T> ours_;
    std::vector<T> theirs_;
};

template <class T>
void run(FuzzedDataProvider& input, std::size_t most) {
    Run<T> run(input, most);
    while (input.remaining_bytes() > 0) {
        run.step();
        run.check();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzedDataProvider input(data, size);
    switch (input.ConsumeIntegralInRange(0, 9)) {
        case 0:
            run<Large<true>>(input, 400);
            break;
        case 1:
            run<Large<false>>(input, 400);
            break;
        case 2:
            run<bool>(input, 70'000);
            break;
        case 3:
        case 4:
            run<std::uint32_t>(input, 20'000);
            break;
        default:
            run<Owner>(input, 100);
            break;
    }
    return 0;
}
