// SPDX-License-Identifier: MIT
#include <memory_pages/detail/refusal.hpp>

#include <memory_pages/detail/mapping.hpp>
#include <memory_pages/page_size.hpp>

#include "verbs/place.hpp"
#include "verbs/ranges.hpp"

#include <algorithm>
#include <bit>
#include <cinttypes>
#include <cstdio>
#include <string>

namespace memory_pages::detail {
namespace {

std::string number(std::size_t value) { return std::to_string(value); }

std::string bytes_text(std::size_t bytes) { return number(bytes) + " bytes"; }

std::string pointer_text(std::uintptr_t address) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "0x%" PRIxPTR, address);
    return text.data();
}

std::string pointer_text(const void* address) { return pointer_text(Address(address).number()); }

std::string address_text(const void* address, std::size_t bytes) {
    return pointer_text(address) + ", " + bytes_text(bytes);
}

std::string range_text(ByteRange range) {
    return "offset " + number(range.offset) + ", " + bytes_text(range.bytes);
}

std::string no_multiple(const char* argument, std::size_t unit) {
    return std::string("the ") + argument + " is not a multiple of " + number(unit);
}

/// Why a range is refused; "" where nothing is wrong with it.
std::string reason_of(ByteRange range, std::size_t size, std::size_t unit) {
    if (!lies_within(range, size)) {
        return "the range is not within " + bytes_text(size);
    }
    if (range.offset % unit != 0) {
        return no_multiple("offset", unit);
    }
    return range.bytes % unit != 0 ? no_multiple("length", unit) : "";
}

std::string elements_text(std::size_t first, std::size_t count) {
    return "index " + number(first) + ", " + number(count) + " elements";
}

std::string reason_of_elements(std::size_t first, std::size_t count, std::size_t size) {
    const bool are_within = first <= size && count <= size - first;
    return are_within ? "" : "the elements are not within " + number(size);
}

std::string reason_of_size(std::size_t bytes) { return bytes == 0 ? "the size is 0" : ""; }

std::string reason_of_alignment(std::size_t alignment) {
    return alignment == 0 || std::has_single_bit(alignment) ? ""
                                                            : "the alignment is not a power of two";
}

/// The first of these that is not empty.
std::string first_of(const std::string& reason, const std::string& otherwise) {
    return reason.empty() ? otherwise : reason;
}

std::string reason_of_options(const PageOptions& options) {
    return first_of(reason_of_alignment(options.alignment),
                    options.huge_pages == HugePages::require && options.uncharged
                        ? "required huge pages cannot be uncharged"
                        : "");
}

std::string reason_of_placed_options(const PageOptions& options) {
    return options.uncharged || options.huge_pages == HugePages::require
               ? "pages at a place can be neither uncharged nor required huge pages"
               : "";
}

std::string options_text(const PageOptions& options) {
    std::string text;
    if (options.alignment != 0) {
        text += ", alignment " + number(options.alignment);
    }
    if (options.populate) {
        text += ", populate";
    }
    if (options.uncharged) {
        text += ", uncharged";
    }
    if (options.huge_pages == HugePages::require) {
        text += ", huge pages required";
    }
    return text;
}

std::string placement_text(const Placement& placement) {
    std::string text;
    if (placement.near_to != Address()) {
        text += ", near to " + pointer_text(placement.near_to.number());
    }
    if (placement.reach != 0) {
        text += ", reach " + bytes_text(placement.reach);
    }
    if (placement.within != AddressRange()) {
        text += ", within " + pointer_text(placement.within.low) + " to " +
                pointer_text(placement.within.high);
    }
    if (placement.at != nullptr) {
        text += ", at " + pointer_text(placement.at);
    }
    return text;
}

/// For pages in multiples of `unit` bytes.
std::string reason_of_placement(const Placement& placement, std::size_t bytes, std::size_t unit,
                                std::size_t alignment) {
    switch (fault_of(placement, rounded_up(bytes, unit), std::max(alignment, unit))) {
        case BadPlacement::none:
            break;
        case BadPlacement::empty_range:
            return "the range is empty";
        case BadPlacement::only_reach:
            return "`reach` without `near_to`";
        case BadPlacement::at_and_near_to:
            return "both `at` and `near_to`";
        case BadPlacement::at_not_within:
            return "`at` is not `within`";
        case BadPlacement::at_between:
            return "the address is not a multiple of the alignment, or of the allocation "
                   "granularity";
    }
    return "";
}

/// "call(arguments): reason", the reason only where an argument is to blame.
[[noreturn]] void raise_call(std::error_code error, const char* call, const std::string& arguments,
                             const std::string& reason) {
    std::string text = std::string(call) + "(" + arguments + ")";
    if (error == std::errc::invalid_argument && !reason.empty()) {
        text += ": " + reason;
    }
    raise_text(error, text);
}

}  // namespace

void raise_bytes(std::error_code error, const char* call, std::size_t bytes) {
    raise_call(error, call, bytes_text(bytes), reason_of_size(bytes));
}

void raise_range(std::error_code error, const char* call, ByteRange range, std::size_t size,
                 std::size_t unit) {
    raise_call(error, call, range_text(range), reason_of(range, size, unit));
}

void raise_ranges(std::error_code error, const char* call, std::span<const ByteRange> ranges,
                  std::size_t size, std::size_t unit) {
    std::string reason;
    for (std::size_t i = 0; i < ranges.size() && reason.empty(); ++i) {
        if (const std::string bad = reason_of(ranges[i], size, unit); !bad.empty()) {
            reason.append("ranges[").append(number(i)).append("] (");
            reason.append(range_text(ranges[i])).append("): ").append(bad);
        }
    }
    raise_call(error, call, number(ranges.size()) + " ranges", reason);
}

void raise_reserved(std::error_code error, const char* call, ByteRange range, std::size_t size,
                    const char* otherwise) {
    const std::string bad =
        first_of(reason_of(range, size, page_size()), reason_of_size(range.bytes));
    raise_call(error, call, range_text(range), first_of(bad, otherwise));
}

void raise_elements(std::error_code error, const char* call, std::size_t first, std::size_t count,
                    std::size_t size) {
    raise_call(error, call, elements_text(first, count), reason_of_elements(first, count, size));
}

void raise_from_pages(std::error_code error, std::size_t count, std::size_t fitting) {
    raise_call(error, "PagedVec::from_pages", elements_text(0, count),
               first_of(reason_of_elements(0, count, fitting),
                        "the pages are not aligned for the type, were split, or are huge pages "
                        "with HugePages::require"));
}

void raise_split(std::error_code error, const char* call, std::size_t offset, std::size_t size,
                 std::size_t unit) {
    const bool is_inside = offset != 0 && offset < size;
    raise_call(error, call, "offset " + number(offset),
               is_inside ? reason_of({offset, 0}, size, unit)
                         : "the offset is not inside " + bytes_text(size));
}

void raise_join(std::error_code error, const char* call, const std::uint8_t* front,
                std::size_t size, const std::uint8_t* behind) {
    raise_call(error, call, pointer_text(behind),
               front + size == behind
                   ? "these pages were not split from those before them"
                   : "these pages do not begin at " + pointer_text(front + size) +
                         ", where those before them end");
}

void raise_pointer(std::error_code error, const char* call, const void* address) {
    raise_call(error, call, pointer_text(address), "");
}

void raise_address(std::error_code error, const char* call, const void* address,
                   std::size_t bytes) {
    raise_call(error, call, address_text(address, bytes),
               "the bytes do not end within the address space");
}

void raise_adopt(std::error_code error, const char* call, const void* address, std::size_t bytes,
                 const PageOptions& options) {
    std::string reason = first_of(reason_of_size(bytes), reason_of_options(options));
    if (address == nullptr) {
        reason = "there are no pages, or they were adopted before";
    } else if (reinterpret_cast<std::uintptr_t>(address) % page_size() != 0) {
        reason = no_multiple("address", page_size());
    } else if (bytes % page_size() != 0) {
        reason = no_multiple("size", page_size());
    }
    raise_call(error, call, address_text(address, bytes),
               first_of(reason, "they are not whole huge pages"));
}

void raise_options(std::error_code error, const char* call, std::size_t bytes,
                   const PageOptions& options) {
    raise_placed(error, call, bytes, options, {});
}

void raise_placed(std::error_code error, const char* call, std::size_t bytes,
                  const PageOptions& options, const Placement& placement) {
    std::string reason = first_of(reason_of_size(bytes), reason_of_options(options));
    if (placement != Placement()) {
        reason = first_of(reason, reason_of_placed_options(options));
        reason = first_of(
            reason, reason_of_placement(placement, bytes, Mapping::unit_of(options.huge_pages),
                                        options.alignment));
    }
    if (options.populate) {
        reason = first_of(reason,
                          "pages that are neither readable nor writable have no contents "
                          "to populate");
    }
    raise_call(error, call, bytes_text(bytes) + options_text(options) + placement_text(placement),
               reason);
}

void raise_options(std::error_code error, const char* call, std::size_t bytes,
                   const GuardOptions& options) {
    raise_call(error, call,
               bytes_text(bytes) + ", guards of " + number(options.before) + " and " +
                   bytes_text(options.after),
               reason_of_size(bytes));
}

void raise_options(std::error_code error, const char* call, std::size_t bytes,
                   const ReservationOptions& options) {
    std::string arguments = bytes_text(bytes);
    if (options.alignment != 0) {
        arguments += ", alignment " + number(options.alignment);
    }
    const Placement placement = options.placement();
    const std::string reason =
        first_of(reason_of_size(bytes), reason_of_alignment(options.alignment));
    raise_call(
        error, call, arguments + placement_text(placement),
        first_of(reason, reason_of_placement(placement, bytes, page_size(), options.alignment)));
}

}  // namespace memory_pages::detail
