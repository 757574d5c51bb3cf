"""The one error that bad input raises: where, what, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

SHOWN: Final = 20  # faults listed in one error


class KpiError(ValueError):
    """Say where it went wrong, what is wrong, and how to mend it.

    Parameters
    ----------
    where : str
        File, row, cell, field or argument at fault.
    problem : str
        What is wrong, with the value found; at most five person ids, never names or pay.
    remedy : str
        What the reader can do about it; an imperative.
    """

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        super().__init__(where, problem, remedy)

    @property
    def where(self) -> str:
        """Place of the fault."""
        return str(self.args[0])

    @property
    def problem(self) -> str:
        """Fault, with the value found."""
        return str(self.args[1])

    @property
    def remedy(self) -> str:
        """Way to mend it."""
        return str(self.args[2])

    def __str__(self) -> str:
        """Return the three parts as one sentence each."""
        return "{}: {} To mend: {}".format(*self.args)


def listed(faults: Sequence[str]) -> str:
    """Return the problem of a file that is checked whole: how many faults, and a line for each."""
    many = "s" * (len(faults) != 1)
    more = [f"and {len(faults) - SHOWN} more."] if len(faults) > SHOWN else []
    return f"{len(faults)} fault{many}:\n  " + "\n  ".join([*faults[:SHOWN], *more]) + "\n"
