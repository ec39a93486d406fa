# SPDX-License-Identifier: MIT
"""Results as Markdown, for the pages and the terminal."""

from bounds import median
from rows import LIMIT, MIB


def table(head, right, lines):
    """`right` has, for each column, whether it is right-aligned."""
    rule = ["---:" if figures else "---" for figures in right]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *lines))


def duration(ns):
    for unit, name in ((1e9, "s"), (1e6, "ms"), (1e3, "us")):
        if ns >= unit:
            return f"{ns / unit:.3g} {name}" if ns < 100 * unit else f"{ns / unit:.0f} {name}"
    return f"{ns:.3g} ns"


def is_ours(way):
    return way.startswith(("Page", "Reservation", "UntypedReservation", "GuardedPages",
                           "huge pages preferred", "small pages"))


def is_limit(way):
    return way.endswith(": the limit")


def of_counts(counts):
    return table(("what", "counted", "bound", ""), (0, 0, 0, 0),
                 [(c.title, c.found, c.bound, "holds" if c.holds else "**FAILS**")
                  for c in counts])


def of_rows(results):
    lines = []
    for result in results:
        row = result.row
        bound = ""
        if row.at_least is not None:
            bound = f"at least {row.at_least:.2f}"
        elif row.at_most is not None:
            bound = f"at most {row.at_most:.2f}"
        lines.append((row.work.title, row.ours, row.against, f"{result.value:.2f} {row.kind}",
                      f"{result.low:.2f} .. {result.high:.2f}", bound, result.verdict))
    return table(("work", "ours", "against", "median", "95 % interval", "bound", ""),
                 (0, 0, 0, 1, 1, 1, 0), lines)


def of_work(samples):
    """All ways of one work, the fastest first, compared with the fastest peer and the limit."""
    times = {way: median(taken, "ns") for way, taken in samples.items()}
    peers = [time[0] for way, time in times.items() if not is_ours(way) and not is_limit(way)]
    limits = [time[0] for way, time in times.items() if is_limit(way)]
    with_resident = any(s["resident"] for taken in samples.values() for s in taken)
    head = ["way", "median", "95 % interval", "x fastest peer"]
    if limits:
        head.append("x limit")
    if with_resident:
        head.append("resident MiB")
    lines = []
    for way, (middle, low, high) in sorted(times.items(), key=lambda item: item[1]):
        cells = [f"**{way}**" if is_ours(way) else way, duration(middle),
                 f"{duration(low)} .. {duration(high)}",
                 f"{middle / min(peers):.2f}" if peers else ""]
        if limits:
            cells.append(f"{middle / min(limits):.2f}")
        if with_resident:
            cells.append(f"{median(samples[way], 'resident')[0] / MIB:.0f}")
        lines.append(cells)
    return table(head, (0, *(1 for _ in head[1:])), lines)
