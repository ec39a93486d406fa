# SPDX-License-Identifier: MIT
"""Writes docs/benchmarks.md, the pages in docs/benchmarks/, the pictures and the table in the README
from one run."""

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

# The rows of the table in the README, faster and slower ones: works, and peers.
IN_README = (r"create and drop (64 KiB|50 MB)|create, fill and drop 50 MB|zeroed.*"
             r"|push_back of (16 u64, rep.*|10M u64)|iterate.*|random reads over 1 GiB|decommit 1 GiB and.*",
             r"malloc|calloc|std::vector.*")

# The pages, by their names in docs/.
TEXTS = {"benchmarks.md": """\
# Benchmarks

```
./dev bench                # builds, measures everything, and writes these pages and the pictures
./dev bench --check        # the same, and exits with 1 unless every bound holds
./dev bench --quick        # a quarter of the samples; writes nothing
./dev bench --filter sort  # only works whose titles match; writes nothing
./dev bench --json FILE    # also writes every sample to FILE
./dev bench --counts       # only system calls and instructions
```

A *work* is an operation to measure, and its *ways* do the same with different libraries.

- [Required bounds](benchmarks/bounds.md): every ratio, its bound, and the bounds that do not hold
- [Every work](benchmarks/works.md): the times of all ways

## How it is measured

- **Peers run in the same process.** All allocators are loaded into one process, and each is called by its
  own functions. *Warm memory* is memory that is already resident: using it needs no system call, so it is
  the limit. *By hand* means direct system calls.
- **Free memory is warm.** Before each sample the program touches and frees as much memory as the work
  needs. Memory that a virtual machine never touched costs several times as much, and would slow down the
  way that runs first.
- **Ways alternate** in random order. Works that fill a vector once use a new process for each sample. Times
  are CPU times of the thread, and wall times where several threads do one work.
- **Each ratio has an interval.** A ratio is a ratio of medians. Its interval contains 95 % of bootstrap
  draws, of processes first and then of their samples. A bound holds if the worse end of the interval
  holds it, in two decimals. A work is measured again, up to twelve times, while an interval is wider than a
  quarter of its ratio or contains the bound; all samples count. The tables name what is still undecided
  or too wide. A bound that fails needs a reason in `bench/rows.py`, or no page is written.
- GCC builds the programs with `-O2`. Contract checks are on.

The figures are of {machine}. Only the ratios carry over to other machines. The run took {seconds} seconds.

## System calls and instructions

These counts are the same in every run.

{counts}

## Pictures

![Time against size](pictures/time-against-size.svg)

![push_back](pictures/push-back.svg)

![Resident memory over time](pictures/resident-over-time.svg)

![Threads](pictures/threads.svg)

![Random access](pictures/random-access.svg)
""", "benchmarks/bounds.md": """\
# Required bounds

`./dev bench` writes this page. [Benchmarks](../benchmarks.md) describes how it measures.

*Times as fast* below 1 means slower. Rows without a bound show where pages win or lose.

{rows}

## Bounds that do not hold

- *4 Ki scattered decommits*: the aim was 4 times as fast. A batch enters the system and flushes other
  processors once for many ranges. The kernel still finds the mapping of each page and frees the page, which
  takes more than a third of the time of single calls.
- *create and drop 50 MB, uncharged*: the aim was 2.8 times `malloc`. `malloc` costs one page fault more than
  pages, and mapping without the charge is hardly faster. The possible gain lies between the rows of
  charged and of uncharged pages.
- *random writes*: the aim was 1.5 times. Earlier runs gave 0.87 to 2.17. Huge pages save walks of the page
  table. The share of these walks in a random write depends on the machine and its load.
- *reserve and release*, *commit and decommit* of a `Reservation`: the aim was 60 ns more than each call by
  hand. The system calls are the same, as the counts show; the rest is tracking. A range of a reservation
  makes four atomic changes in its life, and a reservation allocates. The untyped view tracks less, and is
  close to the bound, as far as the intervals show.
- *remove guards*: the aim was 60 ns more. `unguard` looks up the guards of a range before the system call,
  and removes them from its bits afterwards.
- *create, touch and drop 512 KiB on threads*: not explained. Pieces of 64 KiB and of 4 MiB take the same
  path through the pool, and hold.
- *Undecided* rows: the interval contains the bound, so the run does not show whether it holds. The noise of
  a shared machine includes where the memory of a process lies; for the shortest works that is most of it.
  The counts of system calls show where pages make the same calls as by hand.
""", "benchmarks/works.md": """\
# Every work

`./dev bench` writes this page. [Benchmarks](../benchmarks.md) describes how it measures.

{works}
"""}


def write(bench, seconds):
    draw_all(bench.samples)
    parts = {"machine": machine(), "seconds": round(seconds), "counts": tables.of_counts(bench.counts),
             "rows": tables.of_rows(bench.results),
             "works": "\n\n".join(f"## {title}\n\n{tables.of_work(ways)}"
                                  for title, ways in bench.samples.items())}
    (DOCS / "benchmarks").mkdir(exist_ok=True)
    for name, text in TEXTS.items():
        (DOCS / name).write_text(text.format(**parts))
    write_readme(bench.results)


def write_readme(results):
    shown = [result for result in results if result.row.kind == "times as fast"
             and re.fullmatch(IN_README[0], result.row.work.title)
             and re.fullmatch(IN_README[1], result.row.against)]
    lines = [(r.row.work.title, r.row.ours, r.row.against, f"{r.value:.2g}") for r in shown]
    table = tables.table(("work", "ours", "peer", "times as fast"), (0, 0, 0, 1), lines)
    readme = ROOT / "README.md"
    begin, end = "<!-- ./dev bench writes this table -->", "<!-- up to here -->"
    before, rest = readme.read_text().split(begin)
    readme.write_text(before + begin + "\n" + table + "\n" + end + rest.split(end)[1])


def machine():
    """Describes the machine without naming it."""
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
        """The times of all sizes of a work, divided by `per(size)` operations."""
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
