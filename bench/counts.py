# SPDX-License-Identifier: MIT
"""Counts system calls with strace and instructions with callgrind. They are the same in every run."""

import dataclasses
import re
import subprocess
import tempfile


@dataclasses.dataclass(frozen=True)
class Count:
    title: str
    found: str
    bound: str
    holds: bool


class Counter:
    def __init__(self, build):
        self.program = build / "count"

    def all(self):
        """Each figure, with its bound."""
        yield from self.create_drop()
        yield from self.push_back()
        yield from self.decommit()
        yield from self.reserve()
        yield from self.guards()

    def create_drop(self):
        by_hand, pages = (f"create and drop: {way}" for way in ("by hand", "Pages"))
        yield self.same_calls("create and drop 50 MB, Pages", pages, by_hand, 10)
        more = self.instructions(pages, 1000) - self.instructions(by_hand, 1000)
        yield Count("create and drop 50 MB, Pages", f"{more:.0f} more instructions than by hand",
                    "at most 150", more <= 150)

        calls = self.system_calls("create and drop: Pages from a pool", 10)
        yield Count("create and drop 50 MB, Pages from a pool", "system calls: " + spelled(calls),
                    "none", not calls)

    def push_back(self):
        each = {way: self.instructions(f"push_back of 100,000: {way}", 10) / 100_000
                for way in ("PagedVec", "PagedVec on a pool", "std::vector")}
        for way in ("PagedVec", "PagedVec on a pool"):
            yield Count(f"push_back of u64 where there is memory, {way}",
                        f"{each[way]:.2f} instructions (std::vector: {each['std::vector']:.2f})",
                        "at most 7: three are of the loop", round(each[way], 1) <= 7)

    def decommit(self):
        by_hand, vector = (f"fill and decommit: {way}" for way in ("by hand", "PagedVec"))
        yield self.same_calls("clear_decommit, PagedVec", vector, by_hand, 4)

        calls = self.system_calls("decommit 4096 scattered pages", 4)
        yield Count("decommit of 4096 ranges at once, Pages", "system calls: " + spelled(calls),
                    "at most 16", sum(calls.values()) <= 16)

    def reserve(self):
        yield self.same_calls("reserve and release 1 GiB, Reservation",
                              "reserve and release: Reservation", "reserve and release: by hand", 10)
        by_hand, ours = (f"commit, protect and decommit: {way}" for way in ("by hand", "PageRange"))
        yield self.same_calls("commit, protect and decommit 64 KiB, PageRange", ours, by_hand, 10)
        more = self.instructions(ours, 1000) - self.instructions(by_hand, 1000)
        yield Count("commit, protect and decommit 64 KiB, PageRange",
                    f"{more:.0f} more instructions than by hand", "at most 380", more <= 380)

    def guards(self):
        for operation, title in (("create and drop guarded pages", "create and drop, GuardedPages"),
                                 ("guard and unguard", "guard and unguard, GuardedPages")):
            by_hand, pages = (f"{operation}: {way}" for way in ("by hand", "GuardedPages"))
            yield self.same_calls(title, pages, by_hand, 10)

    def same_calls(self, title, ours, theirs, times):
        ours, theirs = (self.system_calls(operation, times) for operation in (ours, theirs))
        return Count(title, "system calls: " + spelled(ours), "as by hand: " + spelled(theirs),
                     ours == theirs)

    def system_calls(self, operation, times):
        """Those of one operation."""
        def made(times):
            with tempfile.NamedTemporaryFile("r") as log:
                subprocess.run(["strace", "-f", "-c", "-U", "calls,name", "-o", log.name,
                                self.program, operation, str(times)], check=True)
                return {name: int(calls) for calls, name
                        in re.findall(r"^ *(\d+) (\w+)$", log.read(), re.M) if name != "total"}
        return added(made(times), made(2 * times), times)

    def instructions(self, operation, times):
        """Those of one operation."""
        def run(times):
            out = subprocess.run(
                ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", self.program,
                 operation, str(times)], check=True, capture_output=True, text=True).stderr
            return {"all": int(re.search(r"Collected : (\d+)", out)[1])}
        return added(run(times), run(2 * times), times)["all"]


def added(once, twice, times):
    """The calls of one operation: the difference between a run and a run twice as long."""
    each = {name: (n - once.get(name, 0)) / times for name, n in twice.items()}
    return {name: n for name, n in each.items() if n}


def spelled(calls):
    return ", ".join(f"{n:g} {name}" for name, n in sorted(calls.items())) or "none"
