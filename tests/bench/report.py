"""How a run is shown: a table for the terminal, JSON to keep, Markdown for docs/benchmarks.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from rich.table import Table

from tests.bench.catalogue import Benchmark
from tests.bench.figures import Measured
from tests.bench.places import DOCUMENT, FOLDER

LAST_RUN = "## The last run\n"
HEADINGS = ("what", "Concord", "reference", "judged", "lowest to highest", "target", "met")
HUNDRED, TEN = 100, 10


@dataclass(frozen=True)
class Row:
    """A benchmark and what came of it; where it could not be measured, why."""

    benchmark: Benchmark
    measured: Measured | None
    why: str = ""

    @property
    def met(self) -> bool | None:
        return None if self.measured is None else self.benchmark.target.met_by(self.measured.judged)

    def cells(self) -> tuple[str, ...]:
        benchmark, found = self.benchmark, self.measured
        name, target = title(benchmark), str(benchmark.target)
        if found is None:
            return (name, "–", "–", "–", "–", target, f"not measured: {self.why}")
        return (
            name,
            f"{number(median(found.concord))} {found.unit}",
            f"{number(median(found.reference))} {found.unit}" if found.reference else "–",
            f"{number(found.judged)} {benchmark.target.unit}",
            f"{number(found.low)} to {number(found.high)}",
            target,
            "yes" if self.met else "NO",
        )


@dataclass(frozen=True)
class Run:
    began: datetime
    facts: dict[str, Any]
    """The machine, the versions, the scale, and how long it took."""
    rows: Sequence[Row]


def table(run: Run) -> Table:
    made = Table(title=f"Benchmarks of Concord, {run.facts['scale']} scale", show_lines=True)
    for heading in HEADINGS:
        made.add_column(heading, overflow="fold", min_width=len(heading))
    for row in run.rows:
        made.add_row(*row.cells(), style="bold yellow" if row.met is False else "")
    return made


def keep(run: Run) -> Path:
    """Write every figure of the run to `.bench/<date>T<time>Z.json`."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{run.began:%Y-%m-%dT%H%M%SZ}.json"
    findings = [
        {
            "name": row.benchmark.name,
            "against": row.benchmark.against,
            "target": str(row.benchmark.target),
            "met": row.met,
            "not_measured": row.why or None,
            **(asdict(row.measured) if row.measured else {}),
        }
        for row in run.rows
    ]
    path.write_text(json.dumps({"began": run.began.isoformat(), **run.facts, "findings": findings}, indent=2) + "\n")
    return path


def record(run: Run) -> Path:
    """Put this run in place of the last one in docs/benchmarks.md."""
    method, heading, _ = DOCUMENT.read_text().partition(LAST_RUN)
    if not heading:
        raise ValueError(f"{DOCUMENT} has no heading {LAST_RUN.strip()!r} to write below.")
    DOCUMENT.write_text(method + heading + "\n" + markdown(run))
    return DOCUMENT


def markdown(run: Run) -> str:
    facts = run.facts
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    lines = [
        f"{run.began:%d %B %Y, %H:%M} UTC, {facts['scale']} scale, {facts['seconds']} seconds.",
        f"{facts['processor']}, {facts['cores']} cores, {facts['memory_gib']} GiB, {facts['system']};",
        f"load average {facts['load_before']} before. Python {facts['python']}, PostgreSQL {facts['postgresql']},",
        f"fsync {facts['fsync']}, {packages}.",
        "",
        f"| {' | '.join(HEADINGS)} |",
        f"|{' --- |' * len(HEADINGS)}",
        *(f"| {' | '.join(row.cells())} |" for row in run.rows),
        "",
        "What stood behind each row:",
        "",
        *(f"- **{title(row.benchmark)}**: {row.measured.scale}." for row in run.rows if row.measured),
    ]
    return "\n".join(lines) + "\n"


def title(benchmark: Benchmark) -> str:
    return f"{benchmark.name}, against {benchmark.against}" if benchmark.against else benchmark.name


def number(figure: float) -> str:
    """Three digits that mean something."""
    if abs(figure) >= HUNDRED:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if abs(figure) >= TEN else f"{figure:.2f}"
