"""What scoring shows in pictures: the opportunity matrix, ranked scores, shares of places, spread between assessors."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.scoring.api.schemas.opportunities import OpportunityMatrix
from services.scoring.api.schemas.rankings import RankingPlace
from shared.events.scoring_terms import Rating, Template
from shared.pictures import ACCENT, GRID, INK, MUTED, PAPER, SERIES, WARNING, label, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROWS_DRAWN_MAX = 50
ROW_INCHES = 0.36
HEAD_INCHES = 1.6
SHARE_LABELLED = 0.08
"""A part of a bar narrower than this has no room for its figure."""
QUADRANTS = {
    "pursue": (0.99, 0.985, "right", "top"),
    "build_up": (0.01, 0.985, "left", "top"),
    "quick_win": (0.99, 0.015, "right", "bottom"),
    "leave": (0.01, 0.015, "left", "bottom"),
}
"""Where in the picture each quadrant's name stands, as a share of width and height, and how it is set there."""
LINE_POINTS, POINTS_AN_INCH = 16, 72


def matrix(found: OpportunityMatrix) -> bytes:
    """Feasibility to the right, importance upwards. Points have numbers, and the names stand beside the picture."""
    drawn = found.opportunities[:ROWS_DRAWN_MAX]
    numbers = defaultdict(list)
    for number, each in enumerate(drawn, start=1):
        numbers[float(each.feasibility), float(each.importance)].append(str(number))

    def draw(axes: Axes) -> None:
        axes.set(xlim=(0.8, 5.2), ylim=(0.8, 5.2), xlabel="Feasibility (1–5)", ylabel="Strategic importance (1–5)")
        axes.axvline(float(found.thresholds.feasibility), color=GRID)
        axes.axhline(float(found.thresholds.importance), color=GRID)
        for quadrant, (x, y, across, upwards) in QUADRANTS.items():
            words = quadrant.replace("_", " ")
            axes.text(x, y, words, transform=axes.transAxes, ha=across, va=upwards, color=MUTED, style="italic")
        for (x, y), here in numbers.items():
            axes.plot(x, y, "o", color=ACCENT)
            axes.annotate(", ".join(here), (x, y), (7, 5), textcoords="offset points", color=INK)
        for row, each in enumerate(drawn):
            # Below one another from the top, beyond the right edge.
            beside, below = (1.03, 1), (0, -LINE_POINTS * row)
            axes.annotate(
                f"{row + 1}  {label(each.name)}", beside, below, xycoords="axes fraction",
                textcoords="offset points", ha="left", va="top", color=INK,
            )  # fmt: skip

    said = ", ".join(f"{label(each.name)}: {each.quadrant.replace('_', ' ')}" for each in drawn)
    tall = max(7, HEAD_INCHES + LINE_POINTS / POINTS_AN_INCH * len(drawn))
    words = said or "No opportunity is rated yet."
    return svg(draw, title="Opportunity matrix", description=words, width_inches=11, height_inches=tall)


def scores(placings: Sequence[RankingPlace], names: Sequence[str]) -> bytes:
    """Best above; a line from the lowest to the highest score that each may have, a point where it is known."""
    rows = list(zip(placings, names, strict=True))[:ROWS_DRAWN_MAX]

    def draw(axes: Axes) -> None:
        doubt = [" (not recommended)" * place.not_recommended for place, _ in rows]
        named_rows(
            axes, [f"{place.place}  {label(name)}{said}" for (place, name), said in zip(rows, doubt, strict=True)]
        )
        axes.set_xlabel("Weighted score")
        axes.grid(visible=True, axis="x")
        for row, (place, _) in enumerate(rows):
            colour = WARNING if place.not_recommended else ACCENT
            low, high = float(place.low), float(place.high)
            axes.plot([low, high], [row, row], "o-", color=colour, linewidth=4, solid_capstyle="round")

    said = "; ".join(
        f"{place.place}. {label(name)}: {place.low} to {place.high}" + (", not recommended" * place.not_recommended)
        for place, name in rows
    )
    return svg(draw, title="Ranking with score intervals", description=said, height_inches=height(rows))


def shares(placings: Sequence[RankingPlace], names: Sequence[str]) -> bytes:
    """For each candidate a bar of its shares of the weight draws by place, first place at the left."""
    rows = list(zip(placings, names, strict=True))[:ROWS_DRAWN_MAX]
    kept = len(placings[0].shares)

    def draw(axes: Axes) -> None:
        named_rows(axes, [f"{place.place}  {label(name)}" for place, name in rows])
        axes.set(xlim=(0, 1), xlabel="Share of weight draws in which it came at this place")
        axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
        begins = [0.0] * len(rows)
        for place in range(kept):
            widths = [float(row.shares[place]) for row, _ in rows]
            axes.barh(range(len(rows)), widths, left=begins, color=SERIES[place], label=f"{place + 1}.", height=0.7)
            for row, width in enumerate(widths):
                if place == 0 and width >= SHARE_LABELLED:
                    # Beside the bar's own colours no ink reads well in both schemes; the figure stands on a ground.
                    box = {"boxstyle": "round,pad=0.15", "facecolor": PAPER, "edgecolor": "none"}
                    axes.text(width / 2, row, f"{width:.0%}", ha="center", va="center", color=INK, bbox=box)
            begins = [begin + width for begin, width in zip(begins, widths, strict=True)]
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1), title="Place")

    said = "; ".join(f"{label(name)} comes first in {float(place.shares[0]):.0%} of draws" for place, name in rows)
    return svg(draw, title="Rank acceptability", description=said, height_inches=height(rows))


def spread(template: Template, submitted: Sequence[Sequence[Rating]]) -> bytes:
    """For each criterion the scores given, larger where several gave the same, and the line between the furthest."""
    given = [
        Counter(rating.score for ratings in submitted for rating in ratings if rating.criterion == criterion.key)
        for criterion in template.criteria
    ]

    def draw(axes: Axes) -> None:
        named_rows(axes, [label(criterion.title) for criterion in template.criteria])
        axes.set(xlim=(template.scale.lowest - 0.3, template.scale.highest + 0.3), xlabel="Score")
        axes.grid(visible=True, axis="x")
        for row, counts in enumerate(given):
            if counts:
                axes.plot([min(counts), max(counts)], [row, row], color=MUTED)
            for score, count in counts.items():
                axes.scatter(score, row, s=60 + 60 * count, color=ACCENT)
                axes.annotate(
                    f"×{count}", (score, row), (0, -13), textcoords="offset points", ha="center", va="top",
                    fontsize=8, color=INK,
                )  # fmt: skip

    said = "; ".join(
        f"{label(criterion.title)}: " + (f"{min(counts)} to {max(counts)}" if counts else "nothing to show")
        for criterion, counts in zip(template.criteria, given, strict=True)
    )
    return svg(draw, title="Spread between assessors", description=said, height_inches=height(given) * 1.4)


def named_rows(axes: Axes, names: Sequence[str]) -> None:
    """Rows from the top, each with its name at the left."""
    axes.set_yticks(range(len(names)), labels=list(names))
    axes.set_ylim(len(names) - 0.5, -0.5)


def height(rows: Sequence[object]) -> float:
    return HEAD_INCHES + ROW_INCHES * len(rows)
