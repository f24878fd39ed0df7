# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plots for the performance page: rows of dots and curves, on log axes, as SVG."""

import html
import math

COLOURS = {"ours": "#b3123c", "peer": "#35689c", "floor": "#8a8a8a"}
SERIES = ("#b3123c", "#35689c", "#3b8544", "#b0731d", "#71539b", "#555555")
FONT = "font-family='DejaVu Sans, Helvetica, Arial, sans-serif'"


class Drawing:
    """Collects elements; a point is in pixels from the upper left corner."""

    def __init__(self, width, height):
        self.width = width
        self.height = height
        self.parts = []

    def line(self, x1, y1, x2, y2, colour="#dddddd", width=1.0):
        self.parts.append(f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' "
                          f"stroke='{colour}' stroke-width='{width}'/>")

    def dot(self, x, y, colour, radius=3.5):
        self.parts.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius}' fill='{colour}'/>")

    def path(self, points, colour):
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f"<polyline points='{places}' fill='none' stroke='{colour}' "
                          "stroke-width='2'/>")

    def text(self, x, y, text, size=11, anchor="start", colour="#222222", weight="normal"):
        self.parts.append(f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' fill='{colour}' "
                          f"text-anchor='{anchor}' font-weight='{weight}'>{html.escape(text)}"
                          "</text>")

    def __str__(self):
        body = "\n".join(self.parts)
        return (f"<svg xmlns='http://www.w3.org/2000/svg' width='{self.width}' "
                f"height='{self.height}' viewBox='0 0 {self.width} {self.height}' {FONT}>\n"
                f"<rect width='100%' height='100%' fill='#ffffff'/>\n{body}\n</svg>\n")


def short_time(ns):
    """A power of ten in words, for an axis."""
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if ns >= size:
            return f"{ns / size:g} {unit}"
    return f"{ns:g} ns"


def short_count(n):
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if n >= size:
            return f"{n / size:.3g}{unit}"
    return f"{n:g}"


class LogAxis:
    """From whole powers of ten to pixels."""

    def __init__(self, values, start, end):
        values = [value for value in values if value > 0] or [1]
        self.first = math.floor(math.log10(min(values)))
        self.last = max(math.ceil(math.log10(max(values))), self.first + 1)
        self.start = start
        self.end = end

    def place(self, value):
        part = (math.log10(max(value, 10 ** self.first)) - self.first) / (self.last - self.first)
        return self.start + part * (self.end - self.start)

    def ticks(self):
        return [10 ** power for power in range(self.first, self.last + 1)]


# ---- rows of dots ------------------------------------------------------------------------------

LABELS = 350
ROW = 17


def draw_whisker(drawing, axis, y, low, middle, high, colour):
    drawing.line(axis.place(low), y, axis.place(high), y, colour, 1.5)
    drawing.dot(axis.place(middle), y, colour)


def draw_key(drawing, x, y):
    for role, words in (("ours", "Currant"), ("peer", "peers"), ("floor", "floors")):
        drawing.dot(x, y - 4, COLOURS[role])
        drawing.text(x + 8, y, words)
        x += 75


def dots(title, comparisons):
    """A row a case: its median, and a line from the least to the most."""
    n_rows = sum(len(comparison["cases"]) + 2 for comparison in comparisons)
    drawing = Drawing(960, 60 + n_rows * ROW)
    values = [case[key] for comparison in comparisons for case in comparison["cases"]
              for key in ("min", "max")]
    axis = LogAxis(values, LABELS, drawing.width - 90)
    bottom = drawing.height - 12
    drawing.text(10, 20, title, 14, weight="bold")
    draw_key(drawing, drawing.width - 240, 20)
    for tick in axis.ticks():
        drawing.line(axis.place(tick), 44, axis.place(tick), bottom)
        drawing.text(axis.place(tick), 39, short_time(tick), 10, "middle", "#555555")
    y = 58
    for comparison in comparisons:
        drawing.text(10, y, f"{comparison['name']}: {comparison['title']}", weight="bold")
        y += ROW
        for case in comparison["cases"]:
            colour = COLOURS[case["role"]]
            drawing.text(LABELS - 10, y, case["name"], 11, "end", colour)
            draw_whisker(drawing, axis, y - 4, case["min"], case["median"], case["max"], colour)
            drawing.text(axis.place(case["max"]) + 7, y, short_value(case["median"]), 10,
                         colour="#555555")
            y += ROW
        y += ROW
    return str(drawing)


def short_value(ns):
    if ns >= 1e6:
        return f"{ns / 1e6:.3g} ms"
    if ns >= 1e3:
        return f"{ns / 1e3:.3g} us"
    return f"{ns:.3g} ns"


# ---- curves ------------------------------------------------------------------------------------

PANEL_WIDTH = 470
PANEL_HEIGHT = 300


def split_series(comparison):
    """The cases by series, in the order in which they come."""
    series = {}
    for case in comparison["cases"]:
        series.setdefault(case["series"], []).append(case)
    return series


def draw_across(drawing, axis, floor, ceiling, params, labels):
    """Whole powers of ten, or each parameter where there are few or they have names."""
    few = labels or axis.last - axis.first == 1
    for param in params if few else axis.ticks():
        if param > 0:
            text = (labels or {}).get(param) or short_count(param)
            drawing.line(axis.place(param), floor, axis.place(param), ceiling)
            drawing.text(axis.place(param), floor + 15, text, 10, "middle", "#555555")


def draw_series(drawing, across, up, zero, colour, row):
    points = [(across.place(case["param"]) if case["param"] else zero, up.place(case["median"]))
              for case in row]
    drawing.path(points, colour)
    for case, (x, y) in zip(row, points):
        drawing.line(x, up.place(case["min"]), x, up.place(case["max"]), colour, 1.5)
        drawing.dot(x, y, colour, 3)


def draw_curve(drawing, left, top, panel):
    """One panel. A parameter of 0 has a place of its own, left of the axis."""
    title, unit, series, labels = panel
    cases = [case for row in series.values() for case in row]
    params = sorted({case["param"] for case in cases})
    zero = left + 60
    start = zero + 30 if params[0] == 0 else zero
    across = LogAxis(params, start, left + PANEL_WIDTH - 25)
    up = LogAxis([case[key] for case in cases for key in ("min", "max")],
                 top + PANEL_HEIGHT - 40, top + 35 + 13 * len(series))
    words = short_time if unit == "ns" else short_count

    drawing.text(left + 10, top + 18, title, 12, weight="bold")
    for tick in up.ticks():
        drawing.line(zero, up.place(tick), across.end, up.place(tick))
        drawing.text(zero - 5, up.place(tick) + 4, words(tick), 10, "end", "#555555")
    draw_across(drawing, across, up.start, up.end, params, labels)
    if params[0] == 0:
        drawing.text(zero, up.start + 15, "0", 10, "middle", "#555555")
    for number, (name, row) in enumerate(series.items()):
        colour = SERIES[number % len(SERIES)]
        draw_series(drawing, across, up, zero, colour, row)
        drawing.dot(zero + 4, top + 30 + number * 13, colour, 3)
        drawing.text(zero + 12, top + 34 + number * 13, name, 10, colour=colour)


def curves(title, panels):
    """Panels of (title, unit, series, labels of the axis or None), two beside each other."""
    drawing = Drawing(PANEL_WIDTH * 2, 30 + (len(panels) + 1) // 2 * PANEL_HEIGHT)
    drawing.text(10, 20, title, 14, weight="bold")
    for number, panel in enumerate(panels):
        draw_curve(drawing, number % 2 * PANEL_WIDTH, 30 + number // 2 * PANEL_HEIGHT, panel)
    return str(drawing)
