"""Bars, lying for a few things with names, standing for many; they are as wide as the page lets them be."""

from __future__ import annotations

from . import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: How much longer than the next one the longest bar may be before it is cut off.
_OUTLIER = 4

_HEIGHT = 180
#: What a mark of the axis may be, times a power of ten.
_STEPS = (1, 2, 5, 10)


class Bar:
    """A bar.

    Parameters
    ----------
    label
        What it stands for, a name that is not yet escaped.
    parts
        Lengths of its parts, one behind another.
    note
        What is said beside it.
    """

    __slots__ = ("label", "note", "parts")

    def __init__(self, label: str, parts: Sequence[int], note: str) -> None:
        self.label = label
        self.parts = parts
        self.note = note

    @property
    def length(self) -> int:
        """All parts together."""
        return sum(self.parts)


def legend(names: Sequence[str]) -> str:
    """Return what the colours of parts mean."""
    keys = "".join(f'<span><i class="key p{i}"></i>{text.name(name)}</span>' for i, name in enumerate(names))
    return f'<p class="legend">{keys}</p>'


def lying(bars: Sequence[Bar], *, cut: bool = False) -> str:
    """Return bars below each other, with their labels and notes; `cut` lets one be cut off."""
    end = _end(bars) if cut else max((bar.length for bar in bars), default=0) or 1
    return f'<div class="bars">{"".join(_lying(bar, end) for bar in bars)}</div>'


def _lying(bar: Bar, end: float) -> str:
    cut = bar.length > end
    scale, at, parts = 100 / (bar.length if cut else end), 0.0, []
    for i, part in enumerate(bar.parts):
        if part:
            parts.append(f'<rect class="p{i}" x="{at:.3f}%" width="{part * scale:.3f}%" height="100%"/>')
            at += part * scale
    if cut:
        parts.append('<svg x="88%" overflow="visible"><path class="cut" d="M0 20L8 -4h5L5 20z"/></svg>')
    return (
        f'<div class="bar"><span class="label" title="{text.name(bar.label)}">{text.name(bar.label)}</span>'
        f'<svg class="line" aria-hidden="true">{"".join(parts)}</svg><span class="note">{text.name(bar.note)}</span>'
        "</div>\n"
    )


def standing(bars: Sequence[Bar], summary: str) -> str:
    """Return bars beside each other, with an axis of bytes; labels and notes show under the pointer."""
    end = _end(bars)
    step = _step(end)
    marks = [step * i for i in range(int(end / step) + 1)]
    axis = "".join(f'<text x="100%" dx="-6" y="{_y(mark, end) + 4:.1f}">{_mark(mark)}</text>' for mark in marks)
    grid = "".join(f'<line x2="100%" y1="{(y := _y(mark, end)):.1f}" y2="{y:.1f}"/>' for mark in marks)
    width = 100 / len(bars)
    columns = "".join(_standing(bar, i * width, width, end) for i, bar in enumerate(bars))
    return (
        f'<div class="columns" role="img" aria-label="{text.name(summary)}">'
        f'<svg class="axis" height="{_HEIGHT + 16}" aria-hidden="true">{axis}</svg>'
        f'<svg class="plot" height="{_HEIGHT + 16}" aria-hidden="true"><g class="grid">{grid}</g>{columns}</svg></div>'
    )


def _standing(bar: Bar, x: float, width: float, end: float) -> str:
    cut = bar.length > end
    scale, below, parts = _HEIGHT / (bar.length if cut else end), 0.0, []
    for i, part in enumerate(bar.parts):
        if part:
            height = part * scale
            top = _HEIGHT + 8 - below - height
            parts.append(
                f'<rect class="p{i}" x="{x:.3f}%" y="{top:.1f}" width="{width * 0.9:.3f}%" height="{height:.1f}"/>'
            )
            below += height
    if cut:
        parts.append(
            f'<svg x="{x:.3f}%" y="{_HEIGHT * 0.12:.0f}" width="{width:.3f}%" height="14">'
            '<rect class="cut" width="100%" height="5" y="4"/></svg>'
        )
    # What the pointer meets is as high as the plot.
    area = f'<rect class="area" x="{x:.3f}%" width="{width:.3f}%" height="100%"/>'
    return f"<g><title>{text.name(bar.label)}: {text.name(bar.note)}</title>{area}{''.join(parts)}</g>\n"


def cut_off(bars: Sequence[Bar]) -> Bar | None:
    """Return the bar that is cut off, so that the others can be told apart."""
    longest = max(bars, key=lambda bar: bar.length, default=None)
    return longest if longest is not None and longest.length > _end(bars) else None


def _end(bars: Sequence[Bar]) -> float:
    """Return the length that is as long as the plot."""
    lengths = sorted(bar.length for bar in bars)
    if len(lengths) > 1 and lengths[-1] > _OUTLIER * lengths[-2] > 0:
        return 1.25 * lengths[-2]
    return lengths[-1] if lengths and lengths[-1] else 1


def _step(end: float) -> float:
    """Return the distance of two marks: about four of them."""
    power = 1.0
    while power * 10 <= end / 3:
        power *= 10
    return next((power * step for step in _STEPS if power * step >= end / 5), power * 10)


def _mark(value: float) -> str:
    """Return what stands at the axis: 5 kB."""
    number, unit = text.size(value).split(" ")
    return f"{float(number):g} {unit}"


def _y(value: float, end: float) -> float:
    return _HEIGHT + 8 - value / end * _HEIGHT
