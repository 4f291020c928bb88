"""The charts of reports: a KPI over the months against its target, with unit, nature and coverage said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from shared.pictures import ACCENT, INK, MUTED, WARNING, label, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELS_MAX = 12
LABEL_POINTS = 8
"""Small enough for a year of months side by side."""


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A month; `value` None leaves a gap, never a zero. `coverage` is reported of due."""

    month: str
    value: Decimal | None
    target: Decimal | None
    coverage: str


def trend_chart(title: str, unit: str, nature: str, points: Sequence[ChartPoint]) -> bytes:
    """An SVG of the figure by month, gaps left open, its target as a stepped line, its coverage below each month.

    It begins with the first month that has a figure.
    """
    points = points[next((place for place, point in enumerate(points) if point.value is not None), 0) :]

    def draw(axes: Axes) -> None:
        places = range(len(points))
        values = [float("nan") if point.value is None else float(point.value) for point in points]
        axes.plot(places, values, color=ACCENT, marker="o", linewidth=2, label=nature)
        targets = [float("nan") if point.target is None else float(point.target) for point in points]
        if any(point.target is not None for point in points):
            axes.step(places, targets, where="mid", color=WARNING, linestyle="--", label="target")
        step = -(-len(points) // LABELS_MAX) or 1
        shown = list(places)[::step]
        labels = [f"{points[place].month}\n{points[place].coverage}" for place in shown]
        axes.set_xticks(shown, labels, fontsize=LABEL_POINTS)
        axes.set_xlabel("month, and how many of its figures were reported", color=MUTED, fontsize=LABEL_POINTS)
        axes.margins(x=0.05)
        axes.set_title(label(title), color=INK, loc="left")
        axes.set_ylabel(label(unit), color=MUTED)
        axes.grid(axis="y")
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)

    told = [f"{point.month}: {value_in_words(point)} (reported {point.coverage})" for point in points]
    return svg(draw, title=f"{title}, {unit}, {nature}", description="; ".join(told), width_inches=7, height_inches=3.2)


def value_in_words(point: ChartPoint) -> str:
    if point.value is None:
        return "no figure"
    return f"{point.value:f}" + ("" if point.target is None else f" of {point.target:f}")
