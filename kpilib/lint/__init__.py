"""What a scheme leaves open, assumes, or gets wrong without being illegal.

This room stands above scoring and grading, so that reach, cliffs and quotas are found by the
very functions that make points and grades.
"""

from __future__ import annotations

from collections.abc import Mapping

from kpilib.lint.findings import Amount, Finding, Findings, findings_of
from kpilib.lint.grades import grade_findings
from kpilib.lint.methods import method_findings
from kpilib.lint.weights import weight_findings
from kpilib.scheme import Scheme

__all__ = ["Amount", "Finding", "Findings", "lint"]

CLIFF = 10.0


def lint(
    scheme: Scheme, *, n_people: Mapping[str, int] | None = None, cliff: float = CLIFF
) -> Findings:
    """Look a scheme over before it meets people.

    Parameters
    ----------
    scheme : Scheme
        Legal already: reading it has checked it.
    n_people : mapping of str to int, optional
        People by team, for what a forced distribution makes of them.
    cliff : float, default 10
        Points that a hair's breadth of a reading may cost before it is a finding.

    Returns
    -------
    Findings
        Openings of the scheme (``G1`` to ``G15``) and what else deserves a decision.

    Examples
    --------
    >>> from kpilib.scheme import read_scheme
    >>> lint(read_scheme("published")).errors
    0
    """
    found = [
        *weight_findings(scheme),
        *method_findings(scheme, cliff),
        *grade_findings(scheme, n_people),
    ]
    return findings_of(found, scheme)
