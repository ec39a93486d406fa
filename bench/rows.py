# SPDX-License-Identifier: MIT
"""The works to measure and the required bounds. The other files read them from here."""

import dataclasses
import typing

KIB, MIB, GIB, MB = 1 << 10, 1 << 20, 1 << 30, 10**6


@dataclasses.dataclass(frozen=True)
class Work:
    """An operation on one size, which its ways do differently.

    mode: `together`, all ways in one process in random order; `fresh`, a new process for every
    sample; `apart`, a few processes for each way, where ways affect each other by the memory that
    they keep, or by neighbouring mappings that the kernel merges."""
    title: str
    name: str
    size: int
    rounds: int
    mode: str = "together"
    only: str = ""  # a regular expression of the ways to measure; empty for all


@dataclasses.dataclass(frozen=True)
class Row:
    """A figure computed from the medians of some ways of a work, with an optional bound."""
    work: Work
    ours: str
    against: str
    ways: tuple
    value: typing.Callable
    kind: str = "times as fast"
    measured: str = "ns"
    at_least: float | None = None
    at_most: float | None = None
    why: str = ""  # the reason if the bound does not hold; without it no page is written

    def holds(self, low, high):
        """Compares two decimals."""
        return ((self.at_least is None or round(low, 2) >= round(self.at_least, 2))
                and (self.at_most is None or round(high, 2) <= round(self.at_most, 2)))

    @property
    def bounded(self):
        return self.at_least is not None or self.at_most is not None


WORKS, ROWS = [], []


def work(*args, **kwargs):
    WORKS.append(Work(*args, **kwargs))
    return WORKS[-1]


def faster(of, ours, theirs, at_least=None, why=""):
    ROWS.append(Row(of, ours, theirs, (ours, theirs), lambda m: m[1] / m[0], at_least=at_least,
                    why=why))


def within(of, ours, limit, times):
    """At most `times` slower than the limit."""
    faster(of, ours, limit, 1 / times)


def peak(of, ours, theirs, at_most=None):
    ROWS.append(Row(of, ours, theirs, (ours, theirs), lambda m: m[0] / m[1],
                    "of its peak resident size", "resident", at_most=at_most))


def left(of, ours, at_most):
    ROWS.append(Row(of, ours, "", (ours,), lambda m: m[0] / MIB, "MiB left resident", "resident",
                    at_most=at_most))


def on_top(of, ours, theirs, at_most, why=""):
    """Nanoseconds more than calls by hand."""
    ROWS.append(Row(of, ours, theirs, (ours, theirs), lambda m: m[0] - m[1], "ns on top",
                    at_most=at_most, why=why))


def scaling(of, ours, theirs, at_least=None, why=""):
    """The speedup of two threads over one, compared with the speedup of the peer."""
    ways = tuple(f"{way}, {threads}" for way in (ours, theirs) for threads in (1, 2))
    ROWS.append(Row(of, ours, theirs, ways, lambda m: (m[0] / m[1]) / (m[2] / m[3]),
                    "of its scaling to 2 threads", at_least=at_least, why=why))


def size_name(size):
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size / MB:g} MB"


LIMIT = "warm memory: the limit"
HEAPS = ("malloc", "jemalloc", "mimalloc", "tcmalloc", "oneTBB")

# --- Taking and giving back

of = work("create and drop 50 MB", "create and drop", 50 * MB, 81, "apart")
faster(of, "Pages", "mmap by hand", 1 / 1.03)
faster(of, "Pages", "malloc", 2.4)
faster(of, "Pages, uncharged", "malloc", 2.8,
       "Mapping without the charge is hardly faster.")
faster(of, "Pages from a pool", "tcmalloc", 1.5)
for heap in HEAPS[1:]:
    faster(of, "Pages", heap)
for size in (64 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB, 31 * MIB, 64 * MIB, 512 * MIB):
    of = work(f"create and drop {size_name(size)}", "create and drop", size, 41, "apart",
              "malloc|tcmalloc|Pages|Pages from a pool|mmap by hand")
    faster(of, "Pages from a pool", "malloc", 1.0)
    faster(of, "Pages", "malloc")

for size, rounds, bare, pooled in ((50 * MB, 21, 2.6, 4.0), (512 * MIB, 9, 2.3, 2.8)):
    of = work(f"create, fill and drop {size_name(size)}", "create, fill and drop", size, rounds)
    for heap in HEAPS[:3]:
        faster(of, "Pages, huge preferred", heap, bare)
    faster(of, "Pages, huge preferred", "mmap and MADV_HUGEPAGE by hand")
    faster(of, "Pages", "malloc")
    faster(of, "Pages from a pool", "malloc", pooled)
    within(of, "Pages from a pool", LIMIT, 1.05)

of = work("zeroed 50 MB, ready to use", "zeroed memory", 50 * MB, 21)
faster(of, "Pages from a pool", "calloc", 5.0)
faster(of, "Pages, huge preferred", "calloc")
faster(of, "Pages from a pool", LIMIT)

of = work("64 KiB made zero and touched", "make zero", 64 * KIB, 21)
faster(of, "Pages::zero", "Pages::decommit")
for size in (4 * KIB, 64 * KIB, 512 * KIB, 4 * MIB):  # Sizes where `zero` could switch.
    of = work(f"{size_name(size)} of written pages made zero", "make written pages zero", size, 21)
    for used in ("", ", used again"):
        faster(of, "memset" + used, "MADV_DONTNEED" + used)
for name in ("clear", "clear, then read", "clear, then write"):
    for size in (8 * MIB, 32 * MIB, 128 * MIB):
        of = work(f"{name} {size_name(size)}", name, size, 11, only="(memset|32 bytes.*)(, small.*)?")
        for pages in ("", ", small pages"):
            faster(of, "32 bytes past the caches" + pages, "memset" + pages)

# --- Growing

for count, name, rounds, times in ((10**7, "10M", 21, 5.0), (10**8, "100M", 5, 4.5)):
    of = work(f"push_back of {name} u64", "push_back", count, rounds, "fresh",
              "" if count < 10**8 else "PagedVec.*|std::vector|.*reserve.n.|" + LIMIT)
    faster(of, "PagedVec", "std::vector", times)
    peak(of, "PagedVec", "std::vector", 0.8)
    faster(of, "PagedVec", "std::vector, reserve(n)", 1.7)
    faster(of, "PagedVec, never huge", "std::vector")
    within(of, "PagedVec on a warm pool", LIMIT, 1.10)

for count, name in ((16, "16"), (256, "256"), (4 * KIB, "4 Ki"), (32 * KIB, "32 Ki"),
                    (256 * KIB, "256 Ki")):
    of = work(f"push_back of {name} u64, repeated", "push_back, repeated", count, 21)
    faster(of, "PagedVec on a warm pool", "std::vector", 1.0)
    faster(of, "PagedVec", "std::vector")

of = work("push_back of 10M move-only handles", "push_back of move-only handles", 10**7, 11,
          "fresh")
faster(of, "PagedVec", "std::vector", 3.0)
of = work("emplace_back of 10M short std::string", "emplace_back of short std::string", 10**7, 5,
          "fresh")
faster(of, "PagedVec", "std::vector", 3.0)

# --- Using

of = work("iterate 1 GiB", "iterate", GIB, 15)
faster(of, "PagedVec", "std::vector", 1.0)
of = work("sort 64 MiB", "sort", 64 * MIB, 11)
faster(of, "PagedVec", "std::vector", 1.0)
for name, times, why in (
        ("random reads", 1.2, ""), ("pointer chase", 1.2, ""),
        ("random writes", 1.5, "Huge pages save walks of the page table. Their share of a write "
         "depends on the machine and its load.")):
    of = work(f"{name} over 1 GiB", name, GIB, 15)
    faster(of, "PagedVec", "std::vector", times, why)

# --- Giving memory back

BY_HAND = "MADV_DONTNEED by hand, huge"
of = work("decommit 1 GiB and refill", "decommit and refill", GIB, 15)
faster(of, "PagedVec::clear_decommit", BY_HAND, 1 / 1.03)
left(of, "PagedVec::clear_decommit", 4)
faster(of, "PagedVec::clear_decommit", "std::vector, freed")
of = work("decommit 1 GiB", "decommit", GIB, 5, only="PagedVec.*|MADV.*")
faster(of, "PagedVec::clear_decommit", BY_HAND)
faster(of, "PagedVec::clear_decommit", "MADV_DONTNEED by hand")
for name, times in (("scattered decommits", 4.0), ("scattered decommits beside a thread", None)):
    of = work(f"4 Ki {name} of a page", name, 4 * KIB, 21)
    faster(of, "Pages::decommit of all ranges", "one call each by hand", times,
           "The kernel finds and frees each page also in a batch, which takes more than a third of "
           "the time.")

# --- Address space

of = work("reserve and release 1 TiB", "reserve and release", 1024 * GIB, 81)
on_top(of, "Reservation", "mmap by hand", 120)  # For two calls, here and below.
for size in (4 * KIB, 64 * KIB, MIB):
    of = work(f"commit and decommit {size_name(size)}", "commit and decommit", size, 81)
    for ours, why in (("Reservation", "Each range changes the tracking bits four times, atomically."),
                      ("UntypedReservation", "")):
        on_top(of, ours, "mprotect and mmap by hand", 120, why)
of = work("commit, touch and decommit 64 KiB", "commit, touch and decommit", 64 * KIB, 41)
faster(of, "Reservation", "mprotect and mmap by hand", 1 / 1.03)
of = work("protect 64 KiB and back", "protect and back", 64 * KIB, 81)
on_top(of, "PageRange", "mprotect by hand", 120)

# --- Guards

for name, ours, by_hand in (("make", "GuardedPages::guard", "MADV_GUARD_INSTALL by hand"),
                            ("remove", "GuardedPages::unguard", "MADV_GUARD_REMOVE by hand")):
    of = work(f"{name} 16 Ki guards of a page", f"{name} guards", 16 * KIB, 41)
    on_top(of, ours, by_hand, 60)
    faster(of, ours, "mprotect by hand", 3.0)

# --- On threads

for size in (64 * KIB, 512 * KIB, 4 * MIB, 16 * MIB, 64 * MIB):
    threads = "124" if size == 4 * MIB else "12"
    of = work(f"create, touch and drop {size_name(size)} on threads",
              "create, touch and drop on threads", size, 21 if size < 16 * MIB else 9,
              only=f"(Pages.*|memory.*|malloc|tcmalloc), [{threads}]")
    scaling(of, "Pages from a pool", "memory allocated beforehand", 0.9,
            "Not explained: all sizes take the same path through the pool, and others scale.")
    scaling(of, "malloc", "memory allocated beforehand")
    scaling(of, "tcmalloc", "memory allocated beforehand")

of = work("populate 1 GiB", "populate", GIB, 7)
for kind in ("small pages", "huge pages preferred"):
    faster(of, f"{kind}, threads: 2", f"{kind}, threads: 1")

# --- The cost of contract checks, over 64 KiB

for loop, times in (("by iterator", 1.0), ("by span", 1.0), ("by range-for", 1.0),
                    ("sum by index", 1 / 1.10), ("write by index", None), ("sum in steps", None),
                    ("prefix sums", None)):
    of = work(f"loop {loop}", f"loop {loop}", 8 * KIB, 80)
    faster(of, "checks on", "checks off", times)

# --- For the pictures alone

TOUCHED = "malloc|jemalloc|mimalloc|tcmalloc|mmap by hand|Pages|Pages, huge preferred|" \
    "Pages from a pool|" + LIMIT
for power in range(9):
    work(f"create, touch and drop {size_name(4 * KIB << 2 * power)}", "create, touch and drop",
         4 * KIB << 2 * power, 7, only=TOUCHED)
for size, rounds, more in ((GIB, 3, "|tcmalloc|Pages"), (4 * GIB, 3, "")):
    work(f"create, touch and drop {size_name(size)}", "create, touch and drop", size, rounds, "apart",
         only="malloc|Pages, huge preferred|Pages from a pool|" + LIMIT + more)
for count in (10**6,):
    work(f"push_back of {count:,} u64", "push_back", count, 9, "fresh")
for size in (MIB, 4 * MIB, 16 * MIB, 64 * MIB, 256 * MIB, 4 * GIB):
    work(f"random reads over {size_name(size)}", "random reads", size, 5)
work("resident over time, 1 GiB", "resident over time", GIB, 1, "fresh")
