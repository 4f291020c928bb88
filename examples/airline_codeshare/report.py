"""The report of the demonstration, for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from examples.airline_codeshare.choosing import Choice
from examples.airline_codeshare.deciding import Outcome
from examples.airline_codeshare.remembering import SENTENCES_SHOWN, Memory
from examples.airline_codeshare.reporting import MARCH, Figures
from examples.airline_codeshare.story import Story


def show(story: Story, out: Console) -> None:
    out.rule("[bold]With whom")
    show_choice(story.choice, out)
    out.rule("[bold]How it is run")
    out.print(f"Both sides signed the governance model with the hash [cyan]{story.signed[:16]}…[/]")
    show_outcome(story.outcome, out)
    out.rule("[bold]How well it does")
    show_figures(story.figures, out)
    out.rule("[bold]What happened")
    show_memory(story.memory, story.figures, out)


def show_choice(choice: Choice, out: Console) -> None:
    table = Table("", "candidate", "score", "comes first in")
    for place in choice.ranking["placings"]:
        score = place["low"] if place["low"] == place["high"] else f"{place['low']}–{place['high']}"
        name = choice.names[place["candidate_id"]]
        table.add_row(str(place["place"]), name, score, f"{float(place['shares'][0]):.0%} of the weight draws")
    out.print(table)
    backup = choice.names[choice.selection["backup"]]
    out.print(f"United selects [bold]{choice.primary}[/], with {backup} as its backup.")


def show_outcome(outcome: Outcome, out: Console) -> None:
    decision, clock = outcome.decision, outcome.clock
    out.print(f"Decision: {decision['subject']}")
    table = Table("when", "what")
    table.add_row(decision["raised_at"], f"raised; due by {decision['original_due_at']}, in business days")
    for warning in clock["warnings"]:
        table.add_row(warning["scheduled_at"], f"warning at {warning['share']} % of the time")
    for breach in clock["breaches"]:
        table.add_row(breach["detected_at"], f"breached: it was due at {breach['due_at']}")
    for escalation in clock["escalations"]:
        table.add_row("", f"escalated to {escalation['forum']}")
    table.add_row(decision["settled_at"], f"[bold]{decision['outcome']}[/]{', late' if decision['late'] else ''}")
    out.print(table)


def show_figures(figures: Figures, out: Console) -> None:
    largest = figures.summary["largest_difference"]
    out.print(
        f"Both sides report the on-time rate on [bold]{figures.days_both_report}[/] days;"
        f" they agree within one percentage point on [bold]{figures.days_within_a_point}[/]."
        f" The largest difference is [bold]{abs(float(largest['difference'])) * 100:.1f} percentage points[/],"
        f" on {largest['period']}."
    )
    finding = figures.summary["finding"]
    out.print(f"[yellow]{finding['sentence']}[/]" if finding else "Nothing systematic was found.")
    table = Table("July 2013", "value", "target", "status", "trend", "coverage", "nature")
    for line in figures.scorecard:
        table.add_row(line["title"], *cells(line))
    out.print(table)


def cells(line: dict[str, Any]) -> tuple[str, ...]:
    coverage = line["coverage"]
    return (
        short(line["value"]),
        short(line["target"]),
        line["status"].replace("_", " "),
        line["trend"],
        f"{coverage['reported']} of {coverage['due']}",
        line["nature"],
    )


def short(number: str | None) -> str:
    return "–" if number is None else f"{float(number):,.4g}"


def show_memory(memory: Memory, figures: Figures, out: Console) -> None:
    for words in memory.sentences[:SENTENCES_SHOWN]:
        out.print(f"  · {words}", highlight=False)
    out.print(f"  … and {len(memory.sentences) - SENTENCES_SHOWN} more.")
    days_then, days_now = figures.summary_then["both_report"], figures.summary["both_report"]
    out.print(f"As it was known on {MARCH[:10]}: {counted(memory.then)}; {days_then} days that both sides report.")
    out.print(f"As it is known now: {counted(memory.now)}; {days_now} days.")
    sound, tampered = memory.sound, memory.tampered
    out.print(f"[green]The export verifies[/] (exit code {sound.exit_code}).")
    findings = "; ".join(finding["words"] for finding in tampered.report["findings"][:2])
    out.print(f"[red]One byte changed[/] (exit code {tampered.exit_code}): {findings}")


def counted(state: dict[str, Any]) -> str:
    return ", ".join(f"{one['things']} {one['kind']}" for one in state["counts"])
