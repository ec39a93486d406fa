# SPDX-License-Identifier: MIT
"""Writes docs/benchmarks.md, its pictures and the table in the README from one run."""

import os
import pathlib
import platform
import re
import subprocess

import pictures
import rows
import tables
from bounds import median

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

# The rows of the table in the README, gains and losses alike: works, and who is compared.
IN_README = (r"create and drop (64 KiB|50 MB)|create, fill and drop 50 MB|zeroed.*"
             r"|push_back of (16 u64, rep.*|10M u64)|iterate.*|random reads over 1 GiB|decommit 1 GiB and.*",
             r"malloc|calloc|std::vector.*")

TEXT = """\
# Benchmarks

```
./dev bench                # builds, measures all of this, and writes this page and its pictures
./dev bench --check        # the same, and status 1 unless every row holds
./dev bench --quick        # a quarter of the samples; nothing is written
./dev bench --filter sort  # only works whose titles match
./dev bench --json FILE    # every sample, for other programs
./dev bench --counts       # only what is the same every time
```

## How it is measured

- **Beside peers, in the same run.** Allocators are loaded side by side into one process and asked
  for their own functions. *Warm memory* is resident already: whoever uses it pays no system, so it
  is the limit. What is *by hand* makes the system calls itself.
- **On warm free memory.** Before each sample as much memory as the work needs is touched and
  released: what a virtual machine has never touched costs several times as much, and hits whoever
  comes first.
- **In turn.** The ways of a work alternate in random order. Works that fill a vector once take each
  sample from a process of its own. Times are those of the thread by the system's clock of its
  processor; by the clock on the wall where threads work for each other.
- **With bounds.** A ratio is one of medians; its interval holds 95 % of bootstrap draws, of processes
  and then of their samples. A row holds if the worse end of its interval does, in two decimals. A work
  with a row whose interval is wider than a quarter of it, or contains its floor, is measured again, up
  to twice, and all samples count. What is then still too wide says so.
- Programs are built by GCC with `-O2`, contract checks on.

The figures below are of {machine}. Only the ratios mean anything elsewhere. The run took {seconds}
seconds.

## What is the same every time

{counts}

## What must hold

Rows without a floor are printed for what they say; some of them are where pages lose. *Times as
fast* below 1 is slower.

{rows}

## What is not reached, and why

- *4 Ki scattered decommits*: 4 times as fast was the aim. In a batch, entering the system and flushing
  other processors are paid once for many ranges. Finding the mapping of each page and freeing it are
  not, and by the times of that work they leave a batch more than a third of what single calls take.
- *create and drop 50 MB, uncharged*: 2.8 times `malloc` was the aim. `malloc` costs one page fault
  more than pages, and leaving out the charge saves next to nothing of a mapping: what there is to
  gain lies between the rows of charged and of uncharged pages.
- *random writes*: 1.5 times was the aim. Earlier states of this file have from 0.87 to 2.17. Huge pages
  save walks of the page table; how much of a random write those are, the machine and its load decide.
- *reserve and release*, *commit and decommit* of a `Reservation`: 60 ns on top of each call was the aim.
  The calls are those by hand, as is counted above; on top come the books. A range of a reservation
  makes four atomic changes in its life, and a reservation allocates. The untyped view keeps no
  books, and is about at the bound, as far as the intervals let one see.
- *remove guards*: 60 ns on top was the aim. `unguard` asks its books which pages of a range are guards
  before it asks the system, and changes them afterwards.
- Rows whose interval is wide, or holds its floor in its midst, fail by the noise of a shared machine:
  see the median. Where a process's memory comes to lie is part of that noise, and by far the most of
  it for the shortest works. One pair of rows compares the same system calls with themselves.

## Pictures

![Time against size](pictures/time-against-size.svg)

![push_back](pictures/push-back.svg)

![Resident memory over time](pictures/resident-over-time.svg)

![Threads](pictures/threads.svg)

![Random access](pictures/random-access.svg)

## Every work

{works}
"""


def write(bench, seconds):
    draw_all(bench.samples)
    works = "\n\n".join(f"### {title}\n\n{tables.of_work(ways)}"
                        for title, ways in bench.samples.items())
    (DOCS / "benchmarks.md").write_text(TEXT.format(
        machine=machine(), seconds=round(seconds), counts=tables.of_counts(bench.counts),
        rows=tables.of_rows(bench.results), works=works))
    write_readme(bench.results)


def write_readme(results):
    shown = [result for result in results if result.row.kind == "times as fast"
             and re.fullmatch(IN_README[0], result.row.work.title)
             and re.fullmatch(IN_README[1], result.row.against)]
    lines = [(r.row.work.title, r.row.ours, r.row.against, f"{r.value:.2g}") for r in shown]
    table = tables.table(("work", "with", "beside", "times as fast"), (0, 0, 0, 1), lines)
    readme = ROOT / "README.md"
    begin, end = "<!-- ./dev bench writes this table -->", "<!-- up to here -->"
    before, rest = readme.read_text().split(begin)
    readme.write_text(before + begin + "\n" + table + "\n" + end + rest.split(end)[1])


def machine():
    """In words that say what matters and not which one it is."""
    cpu = pathlib.Path("/proc/cpuinfo").read_text()
    huge = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled").read_text()
    kind = "a virtual machine" if "hypervisor" in cpu else "a machine"
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / rows.GIB
    vectors = ", AVX-512" if "avx512f" in cpu else ""
    gcc = subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    return (f"{kind} with {os.cpu_count()} cores ({platform.machine()}{vectors}) and {memory:.0f} GiB,"
            f" Linux {'.'.join(platform.release().split('.')[:2])}, transparent huge pages on"
            f" `{re.search(r'.(.*)]', huge)[0].split('[')[1][:-1]}`,"
            f" glibc {platform.libc_ver()[1]}, GCC {gcc}")


def draw_all(samples):
    (DOCS / "pictures").mkdir(exist_ok=True)
    sized = [(work, {way: median(taken, "ns")[0]
                     for way, taken in samples.get(work.title, {}).items()})
             for work in rows.WORKS]

    def lines(name, per, ways=None):
        """Of all sizes of a work: `per(size)` operations are in one."""
        made = {}
        for work, times in sorted(sized, key=lambda item: item[0].size):
            if re.fullmatch(name, work.name):
                for way, ns in times.items():
                    if ways is None or way in ways:
                        made.setdefault(way, []).append((work.size, ns / per(work.size)))
        return made

    def ours(made):
        return [way for way in made if tables.is_ours(way)]

    def sizes(made):
        values = sorted({x for line in made.values() for x, _ in line})
        return [(value, rows.size_name(value)) for value in values[::2]]

    touch = lines("create, touch and drop", lambda size: size / 4096)
    pictures.draw(DOCS / "pictures/time-against-size.svg",
                  "Create, touch and drop: time for each page of 4 KiB", "size", "a page", touch,
                  mark_name=tables.duration, log_x=True, log_y=True, x_marks=sizes(touch), ours=ours(touch))

    push = lines("push_back(, repeated)?", lambda count: count, (
        "std::vector", "PagedVec", "PagedVec, never huge", "PagedVec on a warm pool",
        "std::vector on jemalloc", "std::vector, reserve(n)", rows.LIMIT))
    pictures.draw(DOCS / "pictures/push-back.svg", "push_back of u64 from empty: time for an element",
                  "elements", "an element", push, mark_name=tables.duration, log_x=True, log_y=True,
                  x_marks=[(16, "16"), (256, "256"), (4096, "4 Ki"), (32768, "32 Ki"),
                           (262144, "256 Ki"), (10**6, ""), (10**7, "10M"), (10**8, "100M")],
                  ours=ours(push))

    course = {way: taken[-1]["course"] for way, taken
              in samples.get("resident over time, 1 GiB", {}).items()}
    pictures.draw(DOCS / "pictures/resident-over-time.svg",
                  "Filling 1 GiB, clearing, 512 MiB, clearing, 1 GiB, clearing: MiB resident",
                  "milliseconds", "MiB resident", course, ours=ours(course))

    title = "create, touch and drop 4 MiB on threads"
    times = {way: median(taken, "ns")[0]
             for way, taken in samples.get(title, {}).items()}
    threads = {}
    for way, ns in times.items():
        name, count = way.rsplit(", ", 1)
        threads.setdefault(name, []).append((int(count), int(count) * times[name + ", 1"] / ns))
    pictures.draw(DOCS / "pictures/threads.svg",
                  f"{title}: work done, one thread being 1 ({os.cpu_count()} cores)",
                  "threads", "times one thread", threads, ours=ours(threads),
                  x_marks=[(n, str(n)) for n in (1, 2, 4)])

    reads = lines("random reads", lambda size: 1)
    pictures.draw(DOCS / "pictures/random-access.svg", "Random reads: time for each", "array",
                  "a read", reads, mark_name=tables.duration, log_x=True, x_marks=sizes(reads), ours=ours(reads))
