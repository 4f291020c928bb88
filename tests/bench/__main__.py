"""`python -m tests.bench [--quick] [--only WORDS] [--record]`: measure, print the table, keep the JSON."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

import shared.logging
from tests.bench import machine, report
from tests.bench.catalogue import BENCHMARKS, Benchmark
from tests.bench.figures import NotThere
from tests.bench.report import Row, Run
from tests.bench.stage import FULL, QUICK, Stage, stage

console = Console(width=max(Console().width, 120))


def main(
    *,
    quick: Annotated[bool, typer.Option("--quick", help="A smaller scale, in under a minute.")] = False,
    only: Annotated[str, typer.Option(help="Only the benchmarks whose title holds these words.")] = "",
    record: Annotated[bool, typer.Option("--record", help="Write the table to docs/benchmarks.md.")] = False,
) -> None:
    """Run the benchmarks: each a figure of Concord against a reference measured in the same run."""
    shared.logging.configure(level="ERROR")
    began, started = datetime.now(UTC), time.monotonic()
    chosen = [one for one in BENCHMARKS if only.lower() in report.title(one).lower()]
    if not chosen:
        raise typer.BadParameter(f"No benchmark's title holds {only!r}.", param_hint="--only")
    with console.status("Starting PostgreSQL …") as status, stage(QUICK if quick else FULL, status.update) as on:
        facts = {"scale": "quick" if quick else "full", **machine.described(on.server.url)}
        rows = [measured(one, on) for one in chosen]
    run = Run(began, {**facts, "seconds": round(time.monotonic() - started)}, rows)
    console.print(report.table(run))
    console.print(f"{run.facts['seconds']} seconds; every figure is in {report.keep(run)}.")
    if record:
        console.print(f"The table is in {report.record(run)}.")


def measured(benchmark: Benchmark, on: Stage) -> Row:
    on.say(f"{report.title(benchmark)} …")
    started = time.monotonic()
    try:
        row = Row(benchmark, benchmark.measure(on))
    except NotThere as why:
        row = Row(benchmark, None, str(why))
    except Exception as failure:  # noqa: BLE001 - the others are measured all the same
        console.print_exception(max_frames=4)
        row = Row(benchmark, None, f"failed: {failure}"[:300])
    console.print(f"[dim]{time.monotonic() - started:4.0f} s[/]  {report.title(benchmark)}", highlight=False)
    return row


if __name__ == "__main__":
    typer.run(main)
