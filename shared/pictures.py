"""Pictures as SVG in one look: text stays text, colours follow the reader's light or dark, screen readers are told.

matplotlib lays out; it is imported only when a picture is drawn, and one is drawn at a time, because its settings are
of the whole process. Colours are drawn as stand-ins that become CSS variables, so one file serves light and dark.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from html import escape
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEDIA_TYPE = "image/svg+xml"
LABEL_CHARACTERS_MAX = 40
WIDTH_INCHES_MAX = HEIGHT_INCHES_MAX = 40.0

INK, MUTED, GRID, PAPER, ACCENT, WARNING = "#0a0101", "#0a0102", "#0a0103", "#0a0104", "#0a0105", "#0a0106"
"""Stand-ins: of text, of lesser text, of lines behind, of the ground, of what matters, of what is wrong."""
SERIES = tuple(f"#0b01{place:02x}" for place in range(10))
"""Stand-ins of ten steps from strong to faint, for places in an order."""

LIGHT = {INK: "#1a1a1a", MUTED: "#5a5a5a", GRID: "#d5d5d5", PAPER: "#ffffff", ACCENT: "#0b5cad", WARNING: "#b3261e"}
DARK = {INK: "#f0f0f0", MUTED: "#b0b0b0", GRID: "#454545", PAPER: "#161616", ACCENT: "#7ab8f5", WARNING: "#ff8a80"}
LIGHT_STEPS = (
    "#08306b",
    "#0d4a8f",
    "#1f66ad",
    "#3d82c4",
    "#609dd2",
    "#86b7de",
    "#a9cce6",
    "#c6dcee",
    "#dde9f5",
    "#eef4fa",
)
DARK_STEPS = (
    "#cfe6ff",
    "#acd2fb",
    "#89bdf2",
    "#6aa7e4",
    "#508fd0",
    "#3c78b7",
    "#2e629b",
    "#244f7e",
    "#1d3d62",
    "#182f4a",
)
LOOK: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "concord",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": GRID,
    "legend.frameon": False,
}
UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")
"""Characters that XML does not hold, and those that would break a line."""
drawing = Lock()


def svg(
    draw: Callable[[Axes], None], *, title: str, description: str, width_inches: float = 8, height_inches: float = 5
) -> bytes:
    """The picture that `draw` draws on one pair of axes. `title` and `description` are what a screen reader says.

    The same drawing gives the same bytes.
    """
    with drawing, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        from matplotlib import rc_context  # noqa: PLC0415 - a server that draws nothing does not load it
        from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415 - the same
        from matplotlib.figure import Figure  # noqa: PLC0415 - the same

        with rc_context(LOOK):
            size = (min(width_inches, WIDTH_INCHES_MAX), min(height_inches, HEIGHT_INCHES_MAX))
            figure = Figure(figsize=size, facecolor=PAPER, layout="constrained")
            draw(figure.add_subplot())
            written = io.StringIO()
            nothing: dict[str, Any] = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            canvas: Any = FigureCanvasSVG(figure)
            canvas.print_svg(written, metadata=nothing)
    return finished(written.getvalue(), title, description).encode()


def label(text: str) -> str:
    """A name as it stands in a picture: on one line, of bearable length."""
    clean = " ".join(UNWRITABLE.sub(" ", text).split())
    return clean if len(clean) <= LABEL_CHARACTERS_MAX else clean[: LABEL_CHARACTERS_MAX - 1] + "…"


def finished(drawn: str, title: str, description: str) -> str:
    """With colours as variables, a ground for both schemes, and words for those who do not see it."""
    for place, stand_in in enumerate((*LIGHT, *SERIES)):
        drawn = drawn.replace(stand_in, f"var(--c{place})")
    head = re.search(r"<svg [^>]*", drawn)
    assert head is not None
    words = "".join(
        f'<{name} id="{name}">{escape(UNWRITABLE.sub(" ", text))}</{name}>'
        for name, text in (("title", title), ("desc", description))
    )
    opened = f'{head.group()} role="img" aria-labelledby="title desc">{words}{style()}'
    return f'<?xml version="1.0" encoding="utf-8"?>\n{opened}{drawn[head.end() + 1 :]}'


def style() -> str:
    light, dark = variables((*LIGHT.values(), *LIGHT_STEPS)), variables((*DARK.values(), *DARK_STEPS))
    return f"<style>:root{{{light}}}@media (prefers-color-scheme: dark){{:root{{{dark}}}}}</style>"


def variables(colours: tuple[str, ...]) -> str:
    return ";".join(f"--c{place}:{colour}" for place, colour in enumerate(colours))
