#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs benchmark programs one after another and prints one summary of their ratios."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

HEADINGS = ("comparison", "case", "against", "ratio", "min", "max", "good", "target", "")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only prove that every case works")
    parser.add_argument("--filter", metavar="TEXT", help="only cases that contain TEXT")
    parser.add_argument("--rounds", metavar="N", help="how many measured rounds")
    parser.add_argument("--time", metavar="MS", help="how long one case runs in a round")
    parser.add_argument("--json", metavar="FILE", help="write all figures to FILE")
    parser.add_argument("--brief", action="store_true", help="print the summary only")
    parser.add_argument("--source", metavar="DIR", default=".", help="where the sources are")
    parser.add_argument("--release", metavar="TEXT", default="", help="what they are without git")
    parser.add_argument("--missing", metavar="TEXT", default="", help="the peers that are not here")
    parser.add_argument("programs", nargs="+")
    return parser.parse_args()


def run(program, arguments, path):
    """Runs one program; its figures, or None when it failed before it had any."""
    command = [program, "--json", path]
    if arguments.quick:
        command.append("--quick")
    for option in ("filter", "rounds", "time"):
        value = getattr(arguments, option)
        if value is not None:
            command += ["--" + option, value]
    sys.stdout.flush()
    output = subprocess.DEVNULL if arguments.brief else None
    status = subprocess.run(command, stdout=output, check=False).returncode
    if status != 0:
        print(f"{os.path.basename(program)}: exit status {status}", file=sys.stderr)
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file), status
    except (OSError, ValueError) as error:
        print(f"{os.path.basename(program)}: {error}", file=sys.stderr)
        return None, status or 1


def ratios_of(figures):
    """The rows of the summary: all ratios of one program."""
    for comparison in figures["comparisons"]:
        for case in comparison["cases"]:
            for key, mark in (("ratios", ""), ("ratios_p99", ", p99")):
                for ratio in case[key]:
                    yield comparison["name"], case, mark, ratio


def number(value, unit=""):
    if value == 0:
        return ""
    return f"{value:.0f} {unit}" if unit else f"{value:.2f}"


def row_of(comparison, case, mark, ratio):
    unit = "" if ratio["against"] else case["unit"]
    bounds = (number(ratio[key], unit) for key in ("median", "min", "max", "good", "ambitious"))
    return (comparison, case["name"] + mark, ratio["against"] or "(absolute)", *bounds,
            ratio["verdict"])


def print_table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = (cell.rjust(width) if 3 <= i <= 7 else cell.ljust(width)
                 for i, (cell, width) in enumerate(zip(row, widths)))
        print("  ".join(cells).rstrip())


def print_refused(all_figures):
    for figures in all_figures:
        for comparison in figures["comparisons"]:
            for case in comparison["cases"]:
                if case["refused"]:
                    print(f"refused: {comparison['name']}/{case['name']}: {case['refused']}")


def count_cases(all_figures):
    n = sum(len(comparison["cases"]) for figures in all_figures
            for comparison in figures["comparisons"])
    print(f"{n} cases have run; too short to judge by")


def summarise(all_figures):
    rows = [row_of(*ratio) for figures in all_figures for ratio in ratios_of(figures)]
    if rows:
        print_table([HEADINGS, *rows])
    verdicts = [row[-1] for row in rows]
    print(f"{verdicts.count('met')} targets met, {verdicts.count('good')} good, "
          f"{verdicts.count('missed')} missed")
    if all_figures and all_figures[0]["machine"]["optimised"] != "yes":
        print("built without optimisation: the figures say nothing")


def git(source, *arguments):
    try:
        done = subprocess.run(["git", "-C", source, *arguments], check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def commit_of(source, release):
    commit = git(source, "rev-parse", "--short=12", "HEAD")
    if commit is None:
        return f"release {release}"
    changed = git(source, "status", "--porcelain", "--untracked-files=no", "--", "lib", "tests")
    return commit + (", with changes" if changed else "")


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return "unknown"


def priority():
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    return "as usual" if nice == 0 else f"nice {nice}: the machine was used for other work too"


def describe(arguments, load_before, start):
    return {"commit": commit_of(arguments.source, arguments.release),
            "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "processor": processor(),
            "load_before": load_before,
            "load_after": os.getloadavg()[0],
            "priority": priority(),
            "seconds": time.monotonic() - start,
            "missing": arguments.missing,
            "quick": arguments.quick,
            "filter": arguments.filter or ""}


def main():
    arguments = parse_arguments()
    failed = False
    all_figures = []
    load_before = os.getloadavg()[0]
    start = time.monotonic()

    with tempfile.TemporaryDirectory() as scratch:
        for program in arguments.programs:
            name = os.path.basename(program) + ".json"
            figures, status = run(program, arguments, os.path.join(scratch, name))
            failed = failed or status != 0
            if figures is not None:
                all_figures.append(figures)
    if arguments.quick:
        count_cases(all_figures)
    else:
        summarise(all_figures)
    print_refused(all_figures)
    if arguments.missing:
        print(f"left out, for configure did not find them: {arguments.missing}")
    if arguments.json is not None:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"run": describe(arguments, load_before, start), "programs": all_figures},
                      file, indent=1)
            file.write("\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
