"""The one error that bad input raises: where, what, and how to mend it."""

from __future__ import annotations


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
