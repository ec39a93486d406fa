// SPDX-License-Identifier: MIT
#pragma once

/// \file
/// An element that tracks whether it is alive, and whose construction, copy, move or assignment
/// throws at a chosen moment.

#include <compare>
#include <cstddef>
#include <cstdlib>
#include <set>
#include <utility>

namespace fragile {

/// The exception.
struct Broken {};

#if defined(__cpp_exceptions)
inline constexpr bool can_break = true;
#else
inline constexpr bool can_break = false;
#endif

/// All living elements.
inline std::set<const void*>& living() {
    static std::set<const void*> elements;
    return elements;
}

/// The steps (constructions, copies, moves, assignments) until one throws; 0: none throws.
inline std::size_t steps_left = 0;

inline void step() {
    if (steps_left != 0 && --steps_left == 0) {
#if defined(__cpp_exceptions)
        throw Broken();
#endif
    }
}

/// Whether `act` throws at its `steps`th step.
template <class Act>
bool breaks(std::size_t steps, Act act) {
    steps_left = steps;
#if defined(__cpp_exceptions)
    try {
        act();
    } catch (const Broken&) {
        return true;
    }
#else
    act();
#endif
    steps_left = 0;
    return false;
}

/// The move operations of the element.
enum class Moves { never_throw, throw_too, are_all_there_is };

/// Never relocated as bytes: it tracks its address. Using a dead element aborts.
template <Moves moves>
class Element {
public:
    Element() : Element(0) {}
    Element(int value) : value_(value) {  // NOLINT: implicit as for any number
        step();
        live();
    }
    Element(const Element& other)
        requires(moves != Moves::are_all_there_is)
        : value_(other.get()) {
        step();
        live();
    }
    Element(Element&& other) noexcept(moves == Moves::never_throw) {
        if constexpr (moves != Moves::never_throw) {
            step();
        }
        value_ = std::exchange(other.checked().value_, moved_from);
        live();
    }
    Element& operator=(const Element& other)
        requires(moves != Moves::are_all_there_is)
    {
        step();
        checked().value_ = other.get();
        return *this;
    }
    Element& operator=(Element&& other) noexcept(moves == Moves::never_throw) {
        if constexpr (moves != Moves::never_throw) {
            step();
        }
        const int taken = std::exchange(other.checked().value_, moved_from);
        checked().value_ = taken;
        return *this;
    }
    ~Element() {
        checked();
        living().erase(this);
    }

    [[nodiscard]] int get() const { return checked().value_; }

    friend bool operator==(const Element& a, const Element& b) { return a.get() == b.get(); }
    friend auto operator<=>(const Element& a, const Element& b) { return a.get() <=> b.get(); }

private:
    static constexpr int moved_from = -1;

    void live() {
        if (!living().insert(this).second) {
            std::abort();  // Another object lives here.
        }
    }
    const Element& checked() const {
        if (!living().contains(this)) {
            std::abort();
        }
        return *this;
    }
    Element& checked() { return const_cast<Element&>(std::as_const(*this).checked()); }

    int value_ = moved_from;
};

}  // namespace fragile
