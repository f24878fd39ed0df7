#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes docs/performance.md and its plots from the figures that bench-all.py has collected."""

import argparse
import json
import os
import statistics
import sys

import bench_plot

GROUPS = (("publish", "A", "Publish to direct followers"),
          ("context", "B", "Hand-over to a main loop"),
          ("queue", "C", "Queues"),
          ("match", "D", "Matching"),
          ("pool", "E", "Thread pool"))
CURVES = "curves"
PERCENTILES = (("median", "50th"), ("p99", "99th"), ("p999", "99.9th"))


# ---- figures -----------------------------------------------------------------------------------

def good_cases(comparison):
    return [case for case in comparison["cases"] if not case["refused"] and case["samples"]]


def our_twin(comparison, other):
    """Our case that does the same work as another one: with the same parameters if there is one."""
    ours = [case for case in good_cases(comparison) if case["role"] == "ours"]
    for case in ours:
        if case["param"] == other["param"] and case["deliveries"] == other["deliveries"]:
            return case
    return ours[0] if ours else None


def pair_ratios(above, below):
    return [a / b for a, b in zip(above["samples"], below["samples"]) if b > 0]


def middle(values):
    return statistics.median(values) if values else 0


def fastest_peers(comparison):
    """For each of our cases that a peer stands beside: (ours, the fastest peer, its ratios)."""
    found = {}
    for peer in good_cases(comparison):
        ours = our_twin(comparison, peer)
        if peer["role"] != "peer" or ours is None or peer["unit"] != "ns":
            continue
        best = found.get(ours["name"])
        if best is None or peer["median"] < best[1]["median"]:
            found[ours["name"]] = (ours, peer)
    return [(ours, peer, pair_ratios(ours, peer)) for ours, peer in found.values()]


# ---- words -------------------------------------------------------------------------------------

def value(number, unit="ns"):
    if unit != "ns":
        return f"{number:,.0f} {unit}"
    if number >= 1e6:
        return f"{number / 1e6:.2f} ms"
    if number >= 1e4:
        return f"{number / 1e3:.1f} µs"
    return f"{number:.1f} ns" if number < 1000 else f"{number:,.0f} ns"


def cell(text):
    return text.replace("|", "\\|")


def table(heads, rows):
    """Markdown: the first column to the left, the others to the right."""
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|--:" * (len(heads) - 1) + "|"]
    lines += ["| " + " | ".join(cell(item) for item in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def ratio(number):
    if number < 0.001:
        return "< 0.001"
    return f"{number:.2f}" if number >= 0.1 else f"{number:.2g}"


def ratio_words(ratios):
    return (ratio(middle(ratios)), ratio(min(ratios)), ratio(max(ratios)))


# ---- a comparison ------------------------------------------------------------------------------

def case_row(comparison, case, latencies):
    row = [case["name"], case["role"], value(case["median"], case["unit"]),
           value(case["min"], case["unit"]), value(case["max"], case["unit"])]
    if latencies:
        row.append(value(middle(case["p99"])) if case["p99"] else "")
    twin = our_twin(comparison, case)
    if case["role"] == "ours" or twin is None or case["median"] <= 0:
        return row + [""]
    return row + [ratio(middle(pair_ratios(twin, case)))]


def cases_table(comparison):
    cases = good_cases(comparison)
    latencies = any(case["p99"] for case in cases)
    heads = ["case", "", "median", "min", "max"] + (["99th"] if latencies else [])
    return table(heads + ["Currant / it"],
                 [case_row(comparison, case, latencies) for case in cases])


def target_bound(number, case, target):
    return ratio(number) if target["against"] else value(number, case["unit"])


def target_rows(comparison):
    for case in comparison["cases"]:
        for key, mark in (("ratios", ""), ("ratios_p99", ", 99th percentile")):
            for target in case[key]:
                if target["verdict"]:
                    bounds = (target_bound(target[bound], case, target)
                              for bound in ("median", "min", "max", "good", "ambitious"))
                    yield (case["name"] + mark, target["against"] or "(absolute)", *bounds,
                           target["verdict"])


def comparison_page(comparison):
    parts = [f"### {comparison['name']}: {comparison['title']}\n", cases_table(comparison)]
    rows = list(target_rows(comparison))
    if rows:
        parts.append(table(("target", "against", "ratio", "min", "max", "good", "asked for",
                            "verdict"), rows))
    for case in comparison["cases"]:
        if case["refused"]:
            parts.append(f"Refused: {case['name']}: {case['refused']}.\n")
    return "\n".join(parts)


# ---- the page ----------------------------------------------------------------------------------

INTRODUCTION = """# Performance

`make bench` wrote this page and its plots; no figure in it was written by hand.

The cases of a comparison do the same work: ours, the peers', and floors, which do less and show
what is left to win. They run by turns in one process, so that what disturbs the machine disturbs
all alike. A figure is the median of the rounds, with the least and the most. A ratio is the median
of the ratios of neighbouring runs; below 1, Currant is faster. Absolute figures change with the
machine, so the targets are ratios: *met* is what is asked for, *good* the least that may be called
done.
"""


def verdict_count(programs):
    verdicts = [row[-1] for program in programs for comparison in program["comparisons"]
                for row in target_rows(comparison)]
    return (f"Of {len(verdicts)} targets {verdicts.count('met')} are met, "
            f"{verdicts.count('good')} are good, {verdicts.count('missed')} are missed.\n")


def run_table(run, programs):
    machine = programs[0]["machine"]
    rows = [("commit", run["commit"]),
            ("when", run["when"]),
            ("processor", f"{run['processor']}, {machine['processors']} of them"),
            ("system", f"{machine['system']} {machine['machine']}"),
            ("compiler", f"{machine['compiler']}, optimised: {machine['optimised']}"),
            ("GLib", machine["glib"]),
            ("load before and after", f"{run['load_before']:.2f}, {run['load_after']:.2f}"),
            ("priority", run["priority"]),
            ("rounds", f"{programs[0]['rounds']} of about {programs[0]['round_ms']} ms a case"),
            ("took", f"{run['seconds']:.0f} s"),
            ("peers left out", run["missing"] or "none")]
    return table(("this run", ""), rows)


def fastest_table(programs):
    rows = []
    for program in programs:
        for comparison in program["comparisons"]:
            for ours, peer, ratios in fastest_peers(comparison):
                rows.append((comparison["name"], ours["name"], peer["name"], *ratio_words(ratios),
                             "ahead" if middle(ratios) < 1 else "behind"))
    ahead = sum(row[-1] == "ahead" for row in rows)
    return (f"Ahead of the fastest peer in {ahead} of {len(rows)}:\n\n"
            + table(("comparison", "ours", "fastest peer", "ratio", "min", "max", ""), rows))


def timed(comparison):
    """The comparison with what a plot of times can show, or None."""
    cases = [case for case in good_cases(comparison) if case["unit"] == "ns"]
    return dict(comparison, cases=cases) if cases else None


def group_page(program, letter, title, write):
    name = f"performance-{letter}.svg"
    shown = [timed(comparison) for comparison in program["comparisons"]]
    write(name, bench_plot.dots(f"{letter}. {title}", [each for each in shown if each]))
    parts = [f"## {letter}. {title}\n", f"![{letter}. {title}]({name})\n"]
    parts += [comparison_page(comparison) for comparison in program["comparisons"]]
    return "\n".join(parts)


# ---- curves ------------------------------------------------------------------------------------

def curve_panels(comparison):
    """A panel for each unit, for those of one unit share an axis."""
    comparison = dict(comparison, cases=good_cases(comparison))
    series = bench_plot.split_series(comparison)
    series.pop("", None)
    units = {}
    for name, row in series.items():
        units.setdefault(row[0]["unit"], {})[name] = row
    for unit, rows in units.items():
        kind = "ns" if unit.startswith("ns") else unit
        mark = "" if unit == "ns" else f", {unit}"
        yield comparison["title"] + mark, kind, rows, None


def percentile_panels(comparison):
    """The cases that took the time of each operation; the axis is that of one in so many."""
    series = {}
    for case in good_cases(comparison):
        if case["series"] or not case["p999"]:
            continue
        series[case["name"]] = [
            {"param": place, "median": middle(case[key]), "min": min(case[key]),
             "max": max(case[key])}
            for place, key in ((2, "samples"), (100, "p99"), (1000, "p999"))]
    if series:
        labels = {2: "50th", 100: "99th", 1000: "99.9th percentile"}
        yield comparison["title"], "ns", series, labels


def curve_table(comparison):
    series = bench_plot.split_series(dict(comparison, cases=good_cases(comparison)))
    series.pop("", None)
    if not series:
        return ""
    params = sorted({case["param"] for row in series.values() for case in row})
    rows = []
    for name, row in series.items():
        known = {case["param"]: case for case in row}
        rows.append([name] + [value(known[param]["median"], known[param]["unit"])
                              if param in known else "" for param in params])
    return table(["n"] + [bench_plot.short_count(param) for param in params], rows)


def percentile_table(comparison):
    cases = [case for case in good_cases(comparison) if not case["series"]]
    if not cases:
        return ""
    rows = []
    for case in cases:
        row = [case["name"], value(case["median"], case["unit"])]
        row += [value(middle(case[key])) if case[key] else "" for key, _ in PERCENTILES[1:]]
        rows.append(row)
    return table(("case", *(words for _, words in PERCENTILES)), rows)


def curves_page(program, write):
    panels = [panel for comparison in program["comparisons"]
              for panels_of in (curve_panels, percentile_panels)
              for panel in panels_of(comparison)]
    write("performance-curves.svg", bench_plot.curves("Cost as work grows", panels))
    parts = ["## Curves\n", "![Cost as work grows](performance-curves.svg)\n"]
    for comparison in program["comparisons"]:
        parts.append(f"### {comparison['name']}: {comparison['title']}\n")
        parts += [part for part in (curve_table(comparison), percentile_table(comparison)) if part]
    return "\n".join(parts)


# ---- all of it ---------------------------------------------------------------------------------

def page(figures, write):
    programs = {program["program"]: program for program in figures["programs"]}
    groups = [(programs[name], letter, title) for name, letter, title in GROUPS if name in programs]
    measured = [group[0] for group in groups]
    parts = [INTRODUCTION, run_table(figures["run"], figures["programs"]), verdict_count(measured),
             fastest_table(measured)]
    parts += [group_page(*group, write) for group in groups]
    if CURVES in programs:
        parts.append(curves_page(programs[CURVES], write))
    return "\n".join(parts)


def is_complete(figures):
    run = figures["run"]
    present = {program["program"] for program in figures["programs"]}
    return not run["quick"] and not run["filter"] and present >= {name for name, *_ in GROUPS}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", help="the JSON file of bench-all.py")
    parser.add_argument("directories", nargs="+",
                        help="where to write; those that cannot be written are passed over")
    arguments = parser.parse_args()
    with open(arguments.figures, encoding="utf-8") as file:
        figures = json.load(file)
    if not is_complete(figures):
        print("not all of it was measured in full: no pages")
        return 0

    files = {}
    files["performance.md"] = page(figures, files.__setitem__)
    for directory in arguments.directories:
        os.makedirs(directory, exist_ok=True)
        if not os.access(directory, os.W_OK):
            print(f"{directory}: cannot be written")
            continue
        for name, text in files.items():
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.write(text)
        print(f"{os.path.join(directory, 'performance.md')}: written, with {len(files) - 1} plots")
    return 0


if __name__ == "__main__":
    sys.exit(main())
