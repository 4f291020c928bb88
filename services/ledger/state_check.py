"""`python -m services.ledger.state_check EXPORT`: the state of an export against its entries, as a report in JSON.

A program of its own and not a function in a forked process: it needs a tenth of the memory of the whole command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from services.ledger.domain.files import Unreadable
from services.ledger.domain.report import Figures, Finding, Report
from services.ledger.domain.verify import check_state
from services.ledger.opening import opened


class StateCheck:
    """The check of an export's state, under way in another process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def report(self) -> Report:
        """What it found, once it is done. Raises Unreadable when it ended without a word."""
        said, _ = self.process.communicate()
        if self.process.returncode != 0:
            raise Unreadable("The process that checks the state was ended before it was done.")
        told = json.loads(said)
        findings = tuple(Finding(**one) for one in told["findings"])
        return Report(findings, Figures(**told["figures"]), told["complete"])


@contextmanager
def beside(path: Path) -> Iterator[StateCheck]:
    """Check the state of the export at a path while the caller does something else."""
    with subprocess.Popen(  # noqa: S603 - our own program, by the same interpreter
        [sys.executable, "-m", __name__, str(path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)},
    ) as process:
        try:
            yield StateCheck(process)
        finally:
            process.kill()


def main(path: Path) -> None:
    with closing(opened(path)) as export:
        json.dump(asdict(check_state(export)), sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
