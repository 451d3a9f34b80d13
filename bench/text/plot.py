#!/usr/bin/env python3
"""Draws the figures of sangam-bench-text beside the gap buffer.

    sangam-bench-text --json FILE... > figures.jsonl
    bench/text/plot.py figures.jsonl > figures.svg

Every bar says how many times as long as a plain gap buffer one row takes; the black mark is the target.
Several files (or one file with several runs) are several runs: a bar is their median.
"""

import fileinput
import json
import math
import statistics
import sys
from xml.sax.saxutils import escape

NAMES = {
    "text_local": "typing",
    "text_remote": "from another replica, one operation at a time",
    "text_remote_patches": "the same, telling an editor what to show",
    "text_live": "several authors at once, one operation at a time",
    "text_live_patches": "the same, telling an editor what to show",
    "text_batch": "the whole history as one bundle",
    "text_save": "save",
    "text_load": "load",
    "text_random": "edits at random places",
}
MET, MISSED, PLAIN = "#2e7d4f", "#c0392b", "#5b7fa6"

LABELS = 350  # width of the column of names
WIDTH = 540  # of the area of bars
VALUES = 290  # of the column of numbers
BAR, STEP, HEAD, GROUP_GAP = 16, 22, 26, 14
TOP, BOTTOM = 92, 44


def read(lines):
    """{(case, bench): {"ratio", "mark", "met", "said"}}, in the order of the lines."""
    runs = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            figure = json.loads(line)
            key = (figure["case"], figure["bench"])
        except (ValueError, KeyError, TypeError) as problem:
            sys.exit(f"plot.py: line {number} is no figure of sangam-bench-text --json: {problem}")
        # Of a file's many kinds the one that is saved and loaded most.
        drawn = "ns_per_edit" in figure or figure["case"].endswith(", state, none")
        if figure["bench"] in NAMES and "ratio_to_gap_buffer" in figure and drawn:
            runs.setdefault(key, []).append(figure)
    return {key: summary(figures) for key, figures in runs.items()}


def summary(figures):
    ratio = statistics.median(f["ratio_to_gap_buffer"] for f in figures)
    first = figures[0]
    unit = "ns" if "ns_per_edit" in first else "ms"
    time, gap_time = ("ns_per_edit", "gap_ns_per_edit") if unit == "ns" else ("ms", "gap_ms")
    ns = statistics.median(f[time] for f in figures)
    gap_ns = statistics.median(f[gap_time] for f in figures)
    # Every target as a multiple of the gap buffer, where it can be drawn as one.
    limit = first.get("target")
    mark = {"ratio_to_gap_buffer": limit, "ns_per_edit": limit / gap_ns if limit else None}.get(
        first.get("target_of"))
    met = all(f["target_met"] for f in figures) if "target_met" in first else None
    said = f"{ratio:.3g}x, {round(ns) if ns >= 100 else f'{ns:.3g}'} {unit}"
    if mark:
        said += f" (target {mark:.3g}x)"
    elif limit:
        name = first["target_of"]
        value = statistics.median(f[name] for f in figures)
        said += f" ({name.replace('_', ' ')} {value:.3g}, target {limit:g})"
    return {"ratio": ratio, "mark": mark, "met": met, "said": said}


def ticks(low, high):
    """1, 2 and 5 times the powers of ten between the two; only the powers if those would be many."""
    steps = (1, 2, 5) if high / low < 1000 else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [s * 10.0**p for p in powers for s in steps if low <= s * 10.0**p <= high]


def draw(figures):
    groups = {}
    for (case, bench), figure in figures.items():
        groups.setdefault(case, []).append((bench, figure))

    drawn = [v for f in figures.values() for v in (f["ratio"], f["mark"]) if v] + [1.0]
    low, high = min(drawn) / 1.6, max(drawn) * 1.15
    scale = WIDTH / math.log(high / low)

    def x(ratio):
        return LABELS + scale * math.log(ratio / low)

    height = TOP + BOTTOM + sum(HEAD + STEP * len(g) + GROUP_GAP for g in groups.values())
    width = LABELS + WIDTH + VALUES
    bottom = height - BOTTOM
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="system-ui, sans-serif" font-size="13" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        '<text x="16" y="28" font-size="18" font-weight="bold">'
        "What a replicated text costs, as a multiple of a plain text buffer</text>",
        '<text x="16" y="48" fill="#555">Time of an edit divided by that of a gap buffer, which replicates nothing.'
        " The further left the better.</text>",
    ]
    legend = [(MET, "target met"), (MISSED, "target missed"), (PLAIN, "no target")]
    at = LABELS
    for colour, words in legend:
        out.append(f'<rect x="{at}" y="60" width="12" height="12" fill="{colour}"/>'
                   f'<text x="{at + 17}" y="71">{words}</text>')
        at += 40 + 7 * len(words)
    out.append(f'<rect x="{at}" y="58" width="3" height="16"/><text x="{at + 9}" y="71">target</text>')

    for tick in ticks(low, high):
        one = tick == 1
        out.append(f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP}" y2="{bottom}" '
                   f'stroke="{"#222" if one else "#ddd"}" stroke-width="{1.5 if one else 1}"/>')
        out.append(f'<text x="{x(tick):.1f}" y="{bottom + 18}" text-anchor="middle" fill="#555">{tick:g}x</text>')
    out.append(f'<text x="{x(1):.1f}" y="{bottom + 34}" text-anchor="middle" font-size="11">gap buffer</text>')

    y = TOP
    for case, rows in groups.items():
        out.append(f'<text x="16" y="{y + 18}" font-weight="bold">{escape(case)}</text>')
        y += HEAD
        for bench, figure in rows:
            ratio, mark, met = figure["ratio"], figure["mark"], figure["met"]
            colour = PLAIN if met is None else MET if met else MISSED
            begin, end = sorted((x(1), x(ratio)))  # a bar to the left of the line is faster than the gap buffer
            text_at = max(x(ratio), x(mark) if mark else 0, x(1)) + 8
            out.append(f'<text x="{LABELS - 10}" y="{y + 13}" text-anchor="end">{escape(NAMES[bench])}</text>')
            out.append(f'<rect x="{begin:.1f}" y="{y}" width="{max(end - begin, 1.5):.1f}" height="{BAR}" '
                       f'fill="{colour}"/>')
            if mark:
                out.append(f'<rect x="{x(mark) - 1.5:.1f}" y="{y - 2}" width="3" height="{BAR + 4}"/>')
            out.append(f'<text x="{text_at:.1f}" y="{y + 13}">{figure["said"]}</text>')
            y += STEP
        y += GROUP_GAP
    out.append("</svg>")
    return "\n".join(out)


def main():
    if any(a in ("-h", "--help") for a in sys.argv[1:]):
        sys.exit(__doc__.strip())
    try:
        figures = read(fileinput.input(encoding="utf-8"))
    except OSError as problem:
        sys.exit(f"plot.py: {problem}")
    if not figures:
        sys.exit("plot.py: there is no figure beside the gap buffer")
    print(draw(figures))


main()
