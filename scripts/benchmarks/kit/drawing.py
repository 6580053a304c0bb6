"""Bar charts as SVG, by hand: readable on light and dark pages, and without a font or a script of their own."""
import math
from xml.sax.saxutils import escape

WIDTH, LABELS, ROW, HEAD, EDGE = 760, 200, 18, 30, 16

STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 15px; font-weight: 600 } .group { font-weight: 600 } .value, .note { fill: #57606a }
rect { fill: #8c959f } .ours { fill: #0969da } line { stroke: #8c959f; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .value, .note { fill: #8d96a0 }
  rect { fill: #6e7681 } .ours { fill: #4493f8 } line { stroke: #6e7681 }
}"""


def chart(title, note, groups, mark=None, unit=""):
    """Groups of bars on one logarithmic scale.

    groups: a list of (heading, {name: value}); all values are greater than 0. What begins with `sock` stands out.
    mark: a value with a line of its own, as 1 for "as fast as C".
    """
    values = [value for _, bars in groups for value in bars.values()] + ([mark] if mark else [])
    low, high = math.log10(min(values)) - 0.15, math.log10(max(values))
    room = WIDTH - LABELS - EDGE - 70

    def place(value):
        return LABELS + room * (math.log10(value) - low) / max(high - low, 1e-9)

    y = 26
    parts = [f'<text class="title" x="{EDGE}" y="{y}">{escape(title)}</text>']
    y += 20
    parts.append(f'<text class="note" x="{EDGE}" y="{y}">{escape(note)}</text>')
    top = y + 8
    for heading, bars in groups:
        if heading:
            y += HEAD
            parts.append(f'<text class="group" x="{EDGE}" y="{y}">{escape(heading)}</text>')
        y += 8
        for name, value in sorted(bars.items(), key=lambda bar: bar[1]):
            ours = ' class="ours"' if name.startswith("sock") else ""
            end = place(value)
            parts.append(f'<text x="{LABELS - 8}" y="{y + 13}" text-anchor="end">{escape(name)}</text>')
            parts.append(f'<rect{ours} x="{LABELS}" y="{y + 3}" width="{end - LABELS:.1f}" height="{ROW - 5}" rx="2"/>')
            shown = f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
            parts.append(f'<text class="value" x="{end + 6:.1f}" y="{y + 13}">{shown}{unit}</text>')
            y += ROW
    if mark:
        # Behind the bars and numbers.
        parts.insert(0, f'<line x1="{place(mark):.1f}" y1="{top}" x2="{place(mark):.1f}" y2="{y + 4}"/>')
    y += EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
        f'aria-label="{escape(title)}">\n<style>\n{STYLE}\n</style>\n' + "\n".join(parts) + "\n</svg>\n")
