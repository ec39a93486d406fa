# SPDX-License-Identifier: MIT
"""Draws lines as SVG, readable on light and on dark backgrounds."""

import html
import math

WIDTH, HEIGHT = 900, 420
LEFT, RIGHT, TOP, BOTTOM = 76, 270, 48, 52

# A colour for light backgrounds and one for dark, told apart by those who see no red or green.
COLOURS = [("#0072b2", "#56b4e9"), ("#d55e00", "#ff8c42"), ("#009e73", "#34d399"),
           ("#a8548a", "#e29fc9"), ("#8a6d00", "#e6c229"), ("#6b7280", "#a8b0bd"),
           ("#5b3fa8", "#b39ddb"), ("#7a3b1d", "#d7a58b"), ("#1f2937", "#e5e7eb")]


def style():
    def colours(which):
        return " ".join(f"polyline.c{i} {{ stroke: {pair[which]}; }} circle.c{i}"
                        f" {{ fill: {pair[which]}; }}" for i, pair in enumerate(COLOURS))
    return ("text { font: 13px system-ui, sans-serif; fill: #24292f; }"
            " .title { font-size: 16px; font-weight: 600; } .ours { font-weight: 700; }"
            " .grid { stroke: #888; stroke-opacity: 0.3; }"
            " polyline { fill: none; stroke-width: 1.6; } polyline.thick { stroke-width: 3.2; }"
            f" {colours(0)} @media (prefers-color-scheme: dark) {{ text {{ fill: #e6edf3; }}"
            f" {colours(1)} }}")


class Axis:
    """From data to pixels, and where to draw lines across."""

    def __init__(self, values, begin, end, log):
        self.log, self.begin, self.end = log, begin, end
        self.low, self.high = min(values), max(values)
        if log:
            self.low, self.high = math.log10(self.low), math.log10(self.high)
        else:
            self.low = min(self.low, 0)
        spare = (self.high - self.low) * 0.04 or 1
        self.high += spare
        self.low -= spare if log else 0

    def at(self, value):
        value = math.log10(value) if self.log else value
        return self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin)

    def marks(self):
        if self.log:
            return [10.0**i for i in range(math.ceil(self.low), math.floor(self.high) + 1)]
        step = 10 ** math.floor(math.log10(self.high - self.low))
        step = next(step * m for m in (0.1, 0.2, 0.5, 1, 2) if (self.high - self.low) / (step * m) <= 8)
        return [step * i for i in range(math.ceil(self.low / step), int(self.high / step) + 1)]


def draw(path, title, x_name, y_name, lines, *, log_x=False, log_y=False, x_marks=None, ours=(),
         mark_name="{:g}".format):
    """`lines`: points by name. `x_marks`: values and what stands below them. `ours` are thick."""
    x = Axis([p[0] for line in lines.values() for p in line], LEFT, WIDTH - RIGHT, log_x)
    y = Axis([p[1] for line in lines.values() for p in line], HEIGHT - BOTTOM, TOP, log_y)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
           f' role="img" aria-label="{html.escape(title)}"><style>{style()}</style>',
           text(LEFT, 24, title, "title")]
    for value in y.marks():
        out.append(f'<path class="grid" d="M{LEFT} {y.at(value):.1f}H{WIDTH - RIGHT}"/>')
        out.append(text(LEFT - 8, y.at(value) + 4, mark_name(value), anchor="end"))
    for value, name in x_marks or [(value, f"{value:g}") for value in x.marks()]:
        out.append(f'<path class="grid" d="M{x.at(value):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        out.append(text(x.at(value), HEIGHT - BOTTOM + 18, name, anchor="middle"))
    out.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_name, anchor="middle"))
    out.append(f'<g transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)">'
               f'{text(0, 0, y_name, anchor="middle")}</g>')
    # The legend is in the order of the lines' ends.
    for i, name in enumerate(sorted(lines, key=lambda name: -lines[name][-1][1])):
        colour = f"c{list(lines).index(name) % len(COLOURS)}"
        thick = "thick" if name in ours else ""
        points = " ".join(f"{x.at(a):.1f},{y.at(b):.1f}" for a, b in lines[name])
        out.append(f'<polyline class="{colour} {thick}" points="{points}"/>')
        if len(lines[name]) < 40:
            out += [f'<circle class="{colour}" r="3" cx="{x.at(a):.1f}" cy="{y.at(b):.1f}"/>'
                    for a, b in lines[name]]
        down = TOP + 12 + 22 * i
        out.append(f'<polyline class="{colour} {thick}"'
                   f' points="{WIDTH - RIGHT + 14},{down - 4} {WIDTH - RIGHT + 38},{down - 4}"/>')
        out.append(text(WIDTH - RIGHT + 46, down, name, "ours" if thick else ""))
    path.write_text("\n".join(out) + "\n</svg>\n")


def text(x, y, words, kind="", anchor="start"):
    return (f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
            f"{html.escape(words)}</text>")
