"""KPI and behaviour: the share of what is judged in the total of a role."""

from __future__ import annotations

import math

from kpilib.scheme.model import Scheme


def blended(scheme: Scheme) -> Scheme:
    """Return the scheme with its judged indicators at the share that it asks for.

    ``ratings: {behaviour: 0.2}`` is the model of KPI 80 and behaviour 20: in each role that
    holds both kinds the judged indicators weigh 20% together and the counted ones 80%, each in
    its proportion. A role with one kind only keeps its weights. Doing it twice changes nothing.
    """
    share = scheme.ratings.behaviour
    if share is None:
        return scheme
    weights = {}
    for role in scheme.roles:
        judged = math.fsum(rule.weight for rule in role.indicators if rule.definition.judged)
        counted = math.fsum(rule.weight for rule in role.indicators if not rule.definition.judged)
        if judged and counted:
            weights[role.key] = {
                rule.key: rule.weight
                * (share / judged if rule.definition.judged else (1 - share) / counted)
                for rule in role.indicators
            }
    return scheme.reweigh(weights)
