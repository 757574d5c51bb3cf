"""What lint says of a scheme: every finding provoked once, and reach proved exact."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.grading import apportion, band_of
from kpilib.lint import lint
from kpilib.lint.grades import least_people
from kpilib.lint.methods import cuts_within
from kpilib.lint.reach import grades_within, reach_of_role, reach_of_rule
from kpilib.scheme import Bands, Geometric, Ratio, Scheme, read_scheme
from kpilib.scheme.model import checked
from kpilib.scoring import points_of
from kpilib.texts import LANGS, lookup
from tests.company import scheme_of
from tests.strategies import BOOK, bands, schemes, weights

BANDS = {
    "kind": "bands",
    "bands": [
        {"grade": "A+", "above": 100},
        {"grade": "A", "above": 80},
        {"grade": "B", "above": 60},
        {"grade": "C"},
    ],
}
QUOTA = {
    "kind": "quota",
    "levels": [
        {"grade": "E", "share": 0.1},
        {"grade": "M+", "share": 0.3},
        {"grade": "M", "share": 0.5},
        {"grade": "M-", "share": 0.1},
    ],
}
DIRECTOR = {
    "completion_rate": {"weight": 0.4, "target": 0.4},
    "lead_conversion": {"weight": 0.3, "target": 0.03},
    "preheat_leads": {"weight": 0.3, "target": 20000, "shared": True},
}
HOST = {
    "order_conversion": {"weight": 0.4, "target": 0.05},
    "watch_time": {"weight": 0.3, "target": 180},
    "preheat_leads": {"weight": 0.3, "target": 20000, "shared": True},
}


def made(director=DIRECTOR, host=HOST, *, role=None, other=None, **changes) -> Scheme:
    """Return a scheme of two roles with nothing to say against; the rest is changed by a test."""
    roles = []
    for key, team, rules, fields in (
        ("director", "video", director, role or {}),
        ("host", "live", host, other or {}),
    ):
        indicators = [
            {"key": k, "definition": BOOK[k].model_dump(), **rule} for k, rule in rules.items()
        ]
        title = {"en": key.capitalize(), "zh": {"director": "编导", "host": "主播"}[key]}
        roles.append(
            {
                "key": key,
                "title": title,
                "team": team,
                "aliases": [f"{key}s"],
                "weight": 1,
                "indicators": indicators,
                **fields,
            }
        )
    data = {
        "name": "made",
        "title": {"en": "Made", "zh": "自拟"},
        "teams": {"video": {"en": "Video", "zh": "短视频"}, "live": {"en": "Live", "zh": "直播"}},
        "roles": roles,
        "grading": BANDS,
        "streak": {"grade": "A+", "months": 3},
        "improvement": {"grade": "C", "after_months": 2},
    }
    return checked({**data, **changes}, "test_lint")


def host(**rules):
    """Return a scheme whose host has other rules; weights are made equal where none is given."""
    share = 1 / len(rules)
    return made(host={key: {"weight": share, **fields} for key, fields in rules.items()})


def one(key, method, target=None):
    return host(**{key: {"target": target, "method": method}})


def steps(*table, otherwise=0):
    return {
        "kind": "steps",
        "table": [{"at": at, "points": points} for at, points in table],
        "otherwise": otherwise,
    }


def judged(*marks):
    anchors = [
        {"score": mark, "points": 25 * mark, "meaning": {"en": "m", "zh": "m"}} for mark in marks
    ]
    return {"kind": "judged", "anchors": anchors}


def capped(points, **changes):
    """Return the scheme with every indicator capped, so that no role gets above it."""
    cap = {"method": {"kind": "ratio", "cap": points}}
    rules = ({k: {**r, **cap} for k, r in role.items()} for role in (DIRECTOR, HOST))
    return made(*rules, **changes)


SWITCH = {"kind": "switch", "met": 100, "missed": 0}
BONUS = {"above_plays": 1_000_000, "points": 2, "cap": 10}
MATURE = {
    "mature": {
        "title": {"en": "Mature", "zh": "成熟期"},
        "profile": {"conversion": 0.5, "engagement": 0.5},
    }
}
MARKED = {"order_conversion": {"weight": 1, "target": 0.05, "assumed": ["weight"]}}
LIKES = "roles.host.indicators.interaction_rate"
KPI = "roles.host.indicators.order_conversion"
NEGATIVE = BOOK["order_conversion"].model_dump() | {"direction": "lower"}
COSTLY = BOOK["cpm"].model_dump() | {"direction": "higher"}

FALLING = {"A+": 1.5, "A": 1.2, "B": 1.0, "C": 0.6}

# scheme, people by team, level, code, text, place, English words
CASES = [
    # G1
    (made(host=MARKED), None, "note", "G1", "weights_assumed", "roles",
     "The weights inside 1 role are assumed, because the source gives one weight per role only: "
     "an equal split for Host."),
    (made(host=MARKED, stages=MATURE, stage="mature"), None, "note", "G1", "weights_profile",
     "stages.mature.profile", "The weights inside 1 role follow the profile of the stage Mature, "
     "whose numbers are assumed: Host."),
    # G2
    (made(role={"weight": None}), None, "note", "G2", "role_weights_none", "roles",
     "The roles of Video have no weights, so the team has no score of its own."),
    (made(role={"weight": None, "team": "live"}), None, "warning", "G2", "role_weight_absent",
     "roles.director", "Director is scored but has no share in the score of Live."),
    (made(role={"weight": 0.6, "team": "live"}), None, "warning", "G2", "role_weights_over",
     "roles", "The role weights of Live add up to 160.0%, more than 100%."),
    (made(role={"weight": 0.9}), None, "warning", "G2", "role_weights_normalise", "roles",
     "The role weights of Video add up to 90.0%; 10.0% belongs to no role. They are taken in "
     "proportion, as if they summed to 100%."),
    (made(role={"weight": 0.9}, role_weights="leave_unassigned"), None, "warning", "G2",
     "role_weights_leave_unassigned", "roles", "The role weights of Video add up to 90.0%; 10.0% "
     "stays unassigned, so the team's score ends at that share."),
    # G3
    (made(role={"indicators": []}), None, "warning", "G3", "roles_unscored", "roles",
     "1 role holds no indicators: Director. People in them get no score and no performance pay "
     "from it (never 0 points)."),
    (made(role={"aliases": []}), None, "note", "G3", "alias_none", "roles",
     "1 role has no other names: Director. people.csv must write the title or the key."),
    (made(role={"aliases": ["主播"]}), None, "note", "G3", "alias_shared", "roles",
     "The name 主播 stands for roles of two teams; the person's team decides."),
    # sizes
    (host(order_conversion={"weight": 0, "target": 0.05}, watch_time={"weight": 1, "target": 180}),
     None, "warning", "weight", "weight_zero", f"{KPI}.weight",
     "Order conversion weighs nothing for Host: it is shown and never counts."),
    (host(order_conversion={"weight": 0.04, "target": 0.05},
          watch_time={"weight": 0.96, "target": 180}), None, "note", "weight", "weight_light",
     f"{KPI}.weight", "Order conversion weighs 4.0% for Host: even 20 points move the total by "
     "less than one."),
    (host(order_conversion={"weight": 0.61, "target": 0.05},
          watch_time={"weight": 0.39, "target": 180}), None, "warning", "weight", "weight_heavy",
     f"{KPI}.weight", "Order conversion weighs 61.0% for Host: the grade hangs on it nearly "
     "alone."),
    (host(order_conversion={"target": 0.05}), None, "warning", "weight", "weight_only",
     f"{KPI}.weight", "Host stands on one indicator alone: Order conversion."),
    # G14, G15
    (made({k: {**r, "shared": False} for k, r in DIRECTOR.items()},
          {k: {**r, "shared": False} for k, r in HOST.items()}), None, "warning", "G14",
     "shared_none", "roles", "No indicator is shared between teams: the content team gains "
     "nothing from helping the live team."),
    (host(watch_time={"target": 180, "shared": True}), None, "warning", "G14", "shared_alone",
     "roles", "Leads from live previews is marked as shared, but only one team's roles hold it."),
    (host(live_views_growth={"weight": 0.51, "target": 0.1},
          order_conversion={"weight": 0.49, "target": 0.05}), None, "warning", "G15",
     "exposure_heavy", "roles.host.indicators", "Exposure holds 51.0% of the weight of Host, "
     "conversion 49.0%: plays alone can carry the grade."),
    (host(live_views_growth={"weight": 0.51, "target": 0.1},
          watch_time={"weight": 0.49, "target": 180}), None, "warning", "G15", "exposure_alone",
     "roles.host.indicators", "Exposure holds 51.0% of the weight of Host, and no conversion "
     "stands beside it."),
    # G4 and marks
    (host(order_conversion={}), None, "error", "G4", "target_absent", f"{KPI}.target",
     "Order conversion of Host has no target, so nobody in the role can be scored."),
    (host(order_conversion={"target": 0.05, "assumed": ["target"]}), None, "note", "G4",
     "targets_assumed", "roles", "1 target is assumed, because the source gives none: Order "
     "conversion."),
    (host(order_conversion={"target": 0.05, "assumed": ["method"]}), None, "note", "assumed",
     "methods_assumed", "roles", "How 1 indicator earns points is assumed: Order conversion."),
    (host(order_conversion={"target": 0.05, "assumed": ["indicator"]}), None, "note", "assumed",
     "indicators_assumed", "roles", "1 indicator is not of the source: Order conversion."),
    (made(assumed=["as_of_day"]), None, "note", "assumed", "rule_assumed", "as_of_day",
     "as_of_day is assumed: the source does not give it."),
    (made(assumed=["bonsu"]), None, "warning", "assumed", "assumed_unknown", "assumed",
     "bonsu is marked as assumed, but no rule has this name."),
    # G5
    (host(return_rate={"target": 0.1}), None, "note", "G5", "less_is_better", "catalogue",
     "Less is better for 1 indicator: Return rate. At twice the target a ratio earns 0 points."),
    (host(order_conversion={"target": 0.1, "definition": NEGATIVE}), None, "warning", "G5",
     "direction_lower", KPI, "Order conversion of Host rewards small readings, though it is "
     "about exposure or conversion."),
    (host(cpm={"target": 20, "definition": COSTLY}), None, "warning", "G5", "direction_higher",
     "roles.host.indicators.cpm", "Traffic cost (CPM) of Host rewards large readings, though it "
     "is about cost or hours."),
    # G12
    (made(as_of_day=10), None, "note", "G12", "windows", "as_of_day", "Plays are counted up to "
     "one day: works of the 1st have 40 days to gather them, works of the 31st 10. This touches "
     "Leads from live previews."),
    (made({"completion_rate": {"weight": 1, "target": 0.4}}, {"watch_time": {"weight": 1,
     "target": 180}}, bonus=BONUS), None, "note", "G12", "windows_bonus", "as_of_day",
     "Plays are counted up to one day: works of the 1st have 45 days to gather them, works of "
     "the 31st 15. This touches the bonus."),
    # ranges
    (host(return_rate={"target": 10}), None, "error", "range", "target_beyond_rate",
     "roles.host.indicators.return_rate.target", "The target of Return rate (Host) is 1,000.00%; "
     "a share lies between 0% and 100%."),
    (host(cooperation={"target": 8, "method": judged(1, 5)}), None, "error", "range",
     "target_beyond_score", "roles.host.indicators.cooperation.target",
     "The target of Cooperation (Host) is 8; marks run from 1 to 5."),
    (one("watch_time", SWITCH, -1), None, "error", "range", "target_beyond_zero",
     "roles.host.indicators.watch_time.target",
     "The target of Mean watch time (Host) is −1 s; the reading is never below 0."),
    (host(live_views_growth={"target": 10}), None, "warning", "range", "target_above_whole",
     "roles.host.indicators.live_views_growth.target",
     "The target of Live views growth (Host) is 1,000.00%."),
    (one("return_rate", steps((0.1, 100), (20, 60))), None, "warning", "range", "step_beyond",
     "roles.host.indicators.return_rate.method.table",
     "An interval of Return rate (Host) begins at 2,000.00%, which no reading can be."),
    (one("watch_time", judged(1, 5)), None, "warning", "range", "judged_unit",
     "roles.host.indicators.watch_time.method", "Mean watch time (Host) is scored by anchors "
     "for judged marks, but it is counted, not judged."),
    (one("cooperation", judged(1, 4), 4), None, "note", "range", "anchors_short",
     "roles.host.indicators.cooperation.method.anchors", "The anchors of Cooperation (Host) run "
     "from 1 to 4; marks beyond them earn what the nearest anchor earns."),
    (host(campaign_delivery={"target": 0.9}), None, "note", "cap", "cap_unreached",
     "roles.host.indicators.campaign_delivery.method", "Campaign delivery of Host is capped at "
     "120 points, but even the best reading earns 111.1."),
    (host(return_rate={"target": 0.1, "method": {"kind": "ratio", "cap": 250}}), None, "note",
     "cap", "cap_unreached", "roles.host.indicators.return_rate.method", "Return rate of Host "
     "is capped at 250 points, but even the best reading earns 200.0."),
    # cliffs
    (host(order_conversion={"method": steps((0.05, 100), (0.03, 59), otherwise=50)},
          watch_time={"target": 180}), None, "warning", "cliff", "cliff", f"{KPI}.method",
     "Order conversion of Host: at 5.00% a hair's breadth is worth 41.0 points, 20.5 in the "
     "total; that can cost 2 grades."),
    (one("watch_time", SWITCH, 180), None, "warning", "cliff", "cliff",
     "roles.host.indicators.watch_time.method", "Mean watch time of Host: at 3 min 0 s a hair's "
     "breadth is worth 100.0 points, 100.0 in the total; that can cost 3 grades."),
    (one("watch_time", {"kind": "deduct", "unit": 60, "points": 15}, 180), None, "warning",
     "cliff", "cliff", "roles.host.indicators.watch_time.method", "Mean watch time of Host: at "
     "3 min 0 s a hair's breadth is worth 15.0 points, 15.0 in the total; that can cost 1 "
     "grade."),
    (one("watch_time", {"kind": "switch", "met": 100, "missed": 70}, 180), None, "warning",
     "cliff", "cliff", "roles.host.indicators.watch_time.method", "Mean watch time of Host: at "
     "3 min 0 s a hair's breadth is worth 30.0 points, 30.0 in the total; that can cost 2 "
     "grades."),
    (one("watch_time", {"kind": "deduct", "unit": 60, "points": 50, "floor": 60}, 180), None,
     "warning", "cliff", "cliff", "roles.host.indicators.watch_time.method", "Mean watch time of "
     "Host: at 3 min 0 s a hair's breadth is worth 40.0 points, 40.0 in the total; that can cost "
     "2 grades."),
    (made(host={"watch_time": {"weight": 1, "target": 180, "method": SWITCH}}, grading=QUOTA,
          streak=None, improvement=None), None, "warning", "cliff", "cliff_ranked",
     "roles.host.indicators.watch_time.method", "Mean watch time of Host: at 3 min 0 s a hair's "
     "breadth is worth 100.0 points, 100.0 in the total."),
    # G6
    *[(made(grading=BANDS | {"edge": edge}), None, "note", "G6", f"edge_{edge}", "grading.edge",
       words) for edge, words in {
        "upper_closed": "A total that stands exactly on a cut (100, 80 and 60) gets the lower "
        "grade.",
        "lower_closed": "A total that stands exactly on a cut (100, 80 and 60) gets the higher "
        "grade.",
        "rounded": "Totals are rounded half up to whole points before they meet the cuts 100, 80 "
        "and 60.",
        "floored": "Totals lose their decimals before they meet the cuts 100, 80 and 60.",
    }.items()],
    (capped(100), None, "warning", "G6", "piled_on_cut", "grading.edge", "Totals of 2 roles pile "
     "up exactly on the cut 100, so the edge policy alone decides those grades: Director and "
     "Host."),
    # G7
    (capped(100), None, "error", "G7", "grade_unreachable", "grading.bands.A+", "Grade A+ is out "
     "of reach for 2 roles (Director and Host): totals run from 0.0 to 100.0, bonus included."),
    (capped(100, bonus=BONUS), None, "warning", "G7", "grade_by_bonus", "grading.bands.A+",
     "Grade A+ can be reached only with the bonus by 2 roles (Director and Host): totals run "
     "from 0.0 to 100.0 without it."),
    (one("watch_time", {"kind": "ratio", "floor": 70}, 180), None, "warning", "G7",
     "grade_unreachable", "grading.bands.C", "Grade C is out of reach for 1 role (Host): totals "
     "run from 70.0 to 120.0, bonus included."),
    # G8
    (made(bonus=BONUS, assumed=["bonus"]), None, "note", "G8", "bonus_assumed", "bonus",
     "The size of the bonus is assumed: 2 points for a work above 1,000,000 plays, at most 10 a "
     "month."),
    (made(bonus=BONUS | {"cap": 20}), None, "warning", "G8", "bonus_large", "bonus.cap",
     "The bonus of up to 20 points is as wide as a grade (20 points): hits alone can lift anyone "
     "by one."),
    (made(bonus=BONUS | {"counts_for": []}), None, "warning", "G8", "bonus_idle", "bonus",
     "The bonus has no effect: 2 points above 1,000,000 plays, at most 10, or counted for "
     "nothing."),
    # G9, G10, G11, G13
    (one("cooperation", judged(1, 5), 4), None, "note", "G9", "self_review", "roles",
     "The self-review counts 0: 1 judged indicator takes the mean of the others' marks "
     "(Cooperation), with the self-review shown beside it."),
    (one("cooperation", judged(1, 5), 4).revise(ratings={"self_weight": 0.2}), None, "note", "G9",
     "self_counts", "ratings", "The self-review counts 20% of 1 judged indicator (Cooperation), "
     "where there is one; the others' marks make the rest."),
    (one("cooperation", judged(1, 5), 4), None, "note", "G9", "leniency_taken", "ratings.leniency",
     "Raters' leniency is taken off judged marks where raters overlap enough to tell it from "
     "quality."),
    (made(grading=QUOTA, streak=None, improvement=None), None, "note", "G10", "scales_apart",
     "grading", "The grades E, M+, M and M- are another scale than A+ to C; the two are never "
     "converted into each other."),
    (made(improvement=None), None, "note", "G11", "plan_none", "improvement",
     "Nothing follows from the lowest grade."),
    (made(improvement={"grade": "C", "after_months": 1}), None, "warning", "G11", "plan_early",
     "improvement.after_months", "The improvement month of C begins before the result is known: "
     "readings are those of day 15 of the following month."),
    (made(assumed=["improvement"]), None, "note", "G11", "plan_assumed", "improvement",
     "The improvement month of C is assumed: 2 months after the appraised one, the first full "
     "month after signing."),
    (made(improvement={"grade": "B"}), None, "warning", "G11", "plan_grade", "improvement.grade",
     "The improvement plan is for B, which is not the lowest grade; C has none."),
    (made(streak=None), None, "note", "G13", "streak_none", "streak",
     "Nothing follows from a grade held for several months."),
    (made(assumed=["streak"]), None, "note", "G13", "streak_assumed", "streak",
     "3 months of A+ in a row for promotion or bonus are assumed."),
    (made(talk={"grade": "C"}, assumed=["talk"]), None, "note", "G13", "talk_assumed", "talk",
     "A talk after C 2 times within 4 periods is assumed."),
    # quotas
    *[(made(grading=grading, streak=None, improvement=None), people, level, "quota", text, where,
       words) for grading, people, level, text, where, words in [
        (QUOTA, None, "note", "quota_least", "grading.levels", "From 7 people in a pool on, each "
         "grade gets somebody; below that some grade stays empty."),
        (QUOTA, {"video": 20, "live": 9}, "note", "quota_pooled", "grading.pool_below",
         "1 team has fewer than 10 people and is ranked in a pool: Live."),
        (QUOTA, {"video": 11}, "note", "quota_counts", "grading.levels",
         "11 people (Video): E 1, M+ 3, M 6 and M- 1."),
        (QUOTA, {"video": 4, "live": 5}, "warning", "quota_small", "grading.pool_below",
         "Even the pool of Video and Live has 9 people, fewer than 10: the shares mean little "
         "there."),
        (QUOTA, {"acting": 4}, "warning", "quota_empty", "grading.levels.M-",
         "Among 4 people (acting) nobody can get M-, though 10.0% are to have it."),
        (QUOTA, {"video": 6}, "warning", "quota_odd", "grading.levels.E",
         "Among 6 people (Video) 16.7% get E, though 10.0% are to have it."),
        (QUOTA | {"rounding": "cumulative"}, {"video": 14}, "note", "quota_counts",
         "grading.levels", "14 people (Video): E 1, M+ 5, M 7 and M- 1."),
        (QUOTA | {"carry_over": True}, None, "note", "quota_carried", "grading.carry_over",
         "Fractions of a person are carried into the next period, pool by pool: the numbers of a "
         "period depend on those before."),
        *[(QUOTA | {"ties": ties}, None, "note", f"quota_ties_{ties}", "grading.ties", "Equal "
           f"scores on the border of a quota all get the {ties} grade, so more people than "
           "foreseen can have it.") for ties in ("better", "worse")],
        ({"kind": "quota", "levels": [{"grade": "E", "share": 1}, {"grade": "M", "share": 0}]},
         None, "warning", "quota_zero", "grading.levels.M", "No place is foreseen for grade M."),
    ]],
    (made(unknown="renormalise"), None, "warning", "unknown", "unknown_left_out", "unknown",
     "A reading that is not known is left out as if the item had not occurred; its weight moves "
     "to the others."),
    (made(totals={"kind": "geometric", "floor": 2.5}), None, "note", "totals", "totals_geometric",
     "totals", "Totals are geometric: a weak item is not made up for by a strong one, and points "
     "below 2.5 count as 2.5."),
    # pay, and who comes first when it is raised
    (made(pay={"basis": "score_times_grade", "coefficients": FALLING | {"B": 1.3}}), None,
     "warning", "pay", "coefficient_falls", "pay.coefficients",
     "Grade B is paid by a larger coefficient than A, which is the better grade."),
    (made(pay={"basis": "grade", "coefficients": FALLING}), None, "note", "pay", "pay_by_grade",
     "pay.basis", "Pay goes by the grade alone: a hair's breadth at a cut is worth the whole step "
     "between two coefficients."),
    (made(pay={"pool": {"percent": 90}}), None, "note", "pay", "pool_company", "pay.pool",
     "The pay of all shares a pool of 90% of the bases: one person's gain is another's loss."),
    (made(pay={"pool": {"per": "team"}}), None, "note", "pay", "pool_team", "pay.pool",
     "The pay of each team shares a pool of 100% of its bases: a strong team earns no more than a "
     "weak one."),
    (made(pay={"pool": {}, "cap": 110}), None, "warning", "pay", "pool_over_cap", "pay.cap",
     "Pay is capped at 110% of the base before the pool is shared, so that single amounts may end "
     "above it."),
    (made(pay={"late_returns": "carry"}), None, "note", "pay", "late_returns", "pay.late_returns",
     "Orders that are returned after day 15 of the following month change the next month's pay, "
     "once; what comes later still is not counted."),
    (made(raise_first={"grades": ["C"]}), None, "warning", "G13", "raise_lowest", "raise_first",
     "C is the lowest grade, and comes first for a raise."),
    (made(raise_first={"grades": ["A+", "A"]}, assumed=["raise_first"]), None, "note", "G13",
     "raise_assumed", "raise_first", "Who comes first for a raise is assumed: A+ and A."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "people", "level", "code", "text", "where", "words"),
    CASES,
    ids=[f"{case[4]}-{i}" for i, case in enumerate(CASES)],
)
def test_each_finding_is_made_in_its_words(scheme, people, level, code, text, where, words):
    """Level, opening, place and English words of every finding there is."""
    findings = lint(scheme, n_people=people)
    found = [(f.level, f.code, f.text, f.where) for f in findings.found]
    assert (level, code, text, where) in found
    told = findings.told(lookup("en"))
    assert words in told.loc[told["where"] == where, "finding"].tolist()


def test_plain_pay_has_no_finding():
    for pay in ({"floor": 50, "cap": 110}, {"basis": "grade", "coefficients": FALLING}):
        levels = [f.level for f in lint(made(pay=pay)).found if f.code == "pay"]
        assert levels == ["note"] * ("basis" in pay)


def test_a_sound_scheme_has_nothing_but_what_every_scheme_must_say():
    """Edge policy and as-of day are said always; nothing else of the cases is found here."""
    assert [f.text for f in lint(made()).found] == ["edge_upper_closed", "windows"]


HALF = {"live_views_growth": {"weight": 0.5, "target": 0.1}}
TWO_GRADES = {"kind": "bands", "bands": [{"grade": "A", "above": 60}, {"grade": "C"}]}
PLAIN = {"grading": QUOTA, "streak": None, "improvement": None}
SILENT = [
    (made(**PLAIN), {"video": 12, "live": 10}, {"quota_pooled", "quota_small", "quota_zero",
     "quota_empty", "quota_odd", "quota_least"}),
    (made(**PLAIN | {"grading": {"kind": "quota", "levels": [{"grade": "E", "share": 1},
     {"grade": "M", "share": 0}]}}), {"video": 12}, {"quota_empty", "quota_odd"}),
    (made(**PLAIN, bonus=BONUS), None, {"bonus_assumed", "bonus_large", "bonus_idle"}),
    (made(grading=TWO_GRADES, streak=None, bonus=BONUS), None, {"bonus_large"}),
    (capped(70, bonus=BONUS), None, {"grade_by_bonus"}),
    (made({"completion_rate": {"weight": 1, "target": 0.4}},
          {"watch_time": {"weight": 1, "target": 180}}), None, {"windows", "windows_bonus"}),
    (one("return_rate", steps((0, 110), (0.1, 100), (1, 60))), None, {"step_beyond"}),
    (one("cooperation", judged(1, 5)), None, {"target_absent", "anchors_short"}),
    (host(**HALF, watch_time={"weight": 0.5, "target": 180}), None,
     {"exposure_alone", "exposure_heavy"}),
    (host(watch_time={"weight": 0.6, "target": 180}, roi={"weight": 0.35, "target": 3},
          order_conversion={"weight": 0.05, "target": 0.05}), None,
     {"weight_heavy", "weight_light", "weight_only", "weight_zero"}),
]  # fmt: skip


@pytest.mark.parametrize(("scheme", "people", "texts"), SILENT)
def test_what_is_just_within_bounds_is_not_found_fault_with(scheme, people, texts):
    """Exactly at 5%, 50% and 60%, ten people in a pool, a bonus that is not assumed, and so on."""
    assert not texts & set(lint(scheme, n_people=people).table["text"])


def test_every_text_has_a_case_and_every_case_both_languages():
    """No words without a finding, no finding without words or remedy, in English and Chinese."""
    said = {case[4] for case in CASES}
    for lang in LANGS:
        t = lookup(lang)
        entries = {key.removeprefix("lint.") for key in t.entries if key.startswith("lint.")}
        own = {"error", "warning", "note", "none", "summary"}
        assert entries - own == said | {f"{text}_remedy" for text in said}
        for scheme, people, *_ in CASES:
            told = lint(scheme, n_people=people).told(t)
            assert told["remedy"].str.len().gt(0).all()
            if lang == "zh":
                bare = told["finding"].str.replace(r"[A-Za-z_./+0-9%]", "", regex=True)
                assert bare.str.contains(r"[\u4e00-\u9fff]").all()


def test_titles_and_readings_are_told_in_the_language_asked_for():
    """Roles, indicators and units of a finding are those of the language, lists included."""
    told = lint(one("watch_time", SWITCH, 180)).told(lookup("zh"))
    cliff = told.loc[told["code"] == "cliff", "finding"].item()
    assert cliff == (
        "主播的“平均观看时长”：在3分0秒处毫厘之差相差100.0分，即总分100.0分，可能相差3个等级。"
    )
    piled = lint(capped(100)).told(lookup("zh"))
    assert piled["finding"].str.contains("编导和主播").any()


def test_words_are_never_those_of_dismissal():
    """Being last is no proof of incompetence: no finding speaks of eliminating people."""
    for lang in LANGS:
        everything = " ".join(v for k, v in lookup(lang).entries.items() if k.startswith("lint."))
        assert not re.search("淘汰|eliminat|dismiss", everything, re.IGNORECASE)


def test_the_published_scheme_is_free_of_errors_and_says_its_openings():
    """Gravest first, then by opening; the openings of the source that a scheme file can show."""
    findings = lint(read_scheme("published"))
    assert findings.errors == 0
    assert [(f.code, f.text) for f in findings.found] == [
        ("G2", "role_weights_normalise"),
        ("G3", "roles_unscored"),
        ("G14", "shared_none"),
        ("G15", "exposure_heavy"),
        ("G1", "weights_assumed"),
        ("G4", "targets_assumed"),
        ("G5", "less_is_better"),
        ("G6", "edge_upper_closed"),
        ("G8", "bonus_assumed"),
        ("G9", "self_review"),
        ("G9", "leniency_taken"),
        ("G11", "plan_assumed"),
        ("G12", "windows"),
        ("G13", "streak_assumed"),
        ("assumed", "methods_assumed"),
        ("cap", "cap_unreached"),
        ("assumed", "rule_assumed"),  # the stages' profiles
    ]
    assert findings.table["level"].tolist() == ["warning"] * 4 + ["note"] * 13
    assert (findings.count("warning"), findings.count("note")) == (4, 13)


def test_a_shared_indicator_answers_the_opening():
    """The shipped variant with a shared indicator has no finding on G14."""
    assert "G14" not in set(lint(read_scheme("shared-indicator")).table["code"])


def test_the_cliff_that_counts_is_the_readers_choice():
    """A jump of 20 points is said above 10, not above 20."""
    scheme = one("watch_time", steps((180, 100), (120, 80), (60, 60), otherwise=40))
    assert "cliff" in set(lint(scheme).table["text"])
    assert "cliff" not in set(lint(scheme, cliff=20).table["text"])


def test_a_cliff_of_an_indicator_without_weight_moves_nothing():
    """Zero weight is said once, and not again as a cliff of 0 points."""
    zero = {"weight": 0, "method": steps((0.05, 100))}
    scheme = host(order_conversion=zero, watch_time={"weight": 1, "target": 180})
    assert "cliff" not in set(lint(scheme).table["text"])


def test_ratios_that_can_earn_their_cap_are_not_doubted():
    """Cap 120 of a share with target 0.8 is earned at 96%, of a return rate at 8%."""
    scheme = host(campaign_delivery={"target": 0.8}, return_rate={"target": 0.1})
    assert "cap_unreached" not in set(lint(scheme).table["text"])


# ---- reach: exact, proved by enumeration ----


def readings(rule):
    """Return many readings of a rule within its bounds, the ends and all breaks among them."""
    low, high = rule.definition.bounds
    ends = [x for x in (low, high) if math.isfinite(x)]
    method = rule.method
    breaks = [rule.target or 1.0]
    if method.kind == "steps":
        breaks = [step.at for step in method.table]
    if method.kind == "deduct":
        sign = -1 if rule.definition.direction == "higher" else 1
        units = range(math.ceil((100 - method.floor) / method.points) + 1)
        breaks = [rule.target + sign * method.unit * i for i in units]
    spread = [b * f for b in breaks for f in (0, 0.5, 1, 1.5, 3)]
    return np.clip([*ends, *breaks, *spread, -1e9, 1e9], low, high)


@given(schemes(grading=bands()))
def test_what_an_indicator_earns_is_within_its_reach_and_the_ends_are_earned(scheme):
    for rule in (rule for role in scheme.roles for rule in role.indicators):
        reach = reach_of_rule(rule)
        earned = points_of(rule, readings(rule))
        within = [((reach[:, 0] <= p + 1e-9) & (p - 1e-9 <= reach[:, 1])).any() for p in earned]
        assert all(within)
        assert (reach.min(), reach.max()) == pytest.approx((earned.min(), earned.max()))
        if not isinstance(rule.method, Ratio) and rule.method.kind != "judged":
            assert set(reach[:, 0]) == set(reach[:, 1])
            assert set(np.round(reach[:, 0], 9)) == set(np.round(earned, 9))


@given(schemes(roles=(1, 1), indicators=(1, 3), grading=bands()), st.data())
def test_totals_stay_within_reach_and_the_ends_are_the_weighted_ends(scheme, data):
    """The largest total of a role is the sum of weight x largest points."""
    role = scheme.roles[0]
    reach = reach_of_role(role)
    ends = [(rule.weight, reach_of_rule(rule)) for rule in role.indicators]
    assert reach.max() == pytest.approx(sum(w * r.max() for w, r in ends), abs=1e-5)
    assert reach.min() == pytest.approx(sum(w * r.min() for w, r in ends), abs=1e-5)
    earned = [data.draw(st.sampled_from(list(points_of(r, readings(r))))) for r in role.indicators]
    total = sum(w * p for (w, _), p in zip(ends, earned, strict=True))
    assert ((reach[:, 0] <= total + 1e-5) & (total - 1e-5 <= reach[:, 1])).any()
    assert band_of([round(total, 6)], scheme.grading)[0] in grades_within(
        reach + np.array([-1e-5, 1e-5]), scheme.grading
    )


SETS = st.lists(
    st.lists(st.integers(0, 120), min_size=2, max_size=4, unique=True), min_size=1, max_size=4
)


@given(SETS, bands(), st.data())
def test_grades_of_interval_tables_are_those_that_enumeration_finds(points, grading, data):
    """Every combination of intervals, added up one by one, gives the same set of grades."""
    keys = ["order_conversion", "watch_time", "gmv_completion", "roi"][: len(points)]
    rules = {}
    for key, earned in zip(keys, points, strict=True):
        falling = sorted(earned, reverse=True)
        table = [(0.9 / (i + 1), p) for i, p in enumerate(falling[:-1])]
        rules[key] = {"method": steps(*table, otherwise=falling[-1])}
    shares = data.draw(weights(len(keys)))
    scheme = host(
        **{k: {**r, "weight": w} for (k, r), w in zip(rules.items(), shares, strict=True)}
    )
    grading = Bands.model_validate(grading)
    totals = {
        round(math.fsum(w * p for w, p in zip(shares, combination, strict=True)), 6)
        for combination in itertools.product(*points)
    }
    found = grades_within(reach_of_role(scheme.role("host")), grading)
    # a sum of sums may differ in its sixth place: totals that near to a cut prove nothing
    clear = [
        t for t in totals if all(abs(t - c - s) > 1e-5 for c in grading.cuts for s in (0, 0.5, 1))
    ]
    assert set(band_of(clear, grading)) <= set(found)
    if len(clear) == len(totals):
        assert set(band_of(clear, grading)) == set(found)


def test_a_grade_between_two_steps_is_out_of_reach():
    """Two switches of half the weight each total 0, 50 or 100: nobody gets a B."""
    scheme = host(
        order_conversion={"target": 0.05, "method": SWITCH},
        watch_time={"target": 180, "method": SWITCH},
    )
    reach = reach_of_role(scheme.role("host"))
    assert reach.tolist() == [[0, 0], [50, 50], [100, 100]]
    assert grades_within(reach, scheme.grading) == ["A", "C"]
    assert reach_of_role(scheme.role("host"), bonus=10).tolist() == [[0, 10], [50, 60], [100, 110]]


def test_an_edge_that_belongs_to_the_upper_grade_is_reached_exactly():
    """Totals 0 and 80: an A from 80 on is in reach, above 80 it is not, and B never is."""
    scheme = one("watch_time", {"kind": "switch", "met": 80, "missed": 0}, 180)
    reach = reach_of_role(scheme.role("host"))
    grades = {
        edge: grades_within(reach, Bands.model_validate(BANDS | {"edge": edge}))
        for edge in ("upper_closed", "lower_closed", "rounded", "floored")
    }
    assert grades == {
        "upper_closed": ["B", "C"],
        "lower_closed": ["A", "C"],
        "rounded": ["B", "C"],
        "floored": ["B", "C"],
    }


def test_many_pieces_are_joined_before_they_grow_without_bound():
    """Six tables of a hundred deductions each: a second at most, and the ends still exact."""
    deduct = {"kind": "deduct", "unit": 0.01, "points": 1}
    keys = ["order_conversion", "watch_time", "gmv_completion", "roi", "cpm", "response_time"]
    shares = [0.31, 0.23, 0.17, 0.13, 0.11, 0.05]
    rules = {
        key: {"weight": w, "target": 1.0, "method": deduct}
        for key, w in zip(keys, shares, strict=True)
    }
    reach = reach_of_role(host(**rules).role("host"))
    assert (reach.min(), reach.max()) == (0, 100)
    assert len(reach) <= 2000


@given(st.sets(st.integers(1, 119), min_size=1, max_size=4), st.integers(1, 1200))
def test_cuts_crossed_by_a_move_are_those_of_the_best_placed_window(cuts, tenths):
    """Slide the move over a fine grid and count the cuts it passes."""
    width = tenths / 10
    starts = np.arange(0, 120, 0.05)
    passed = max(sum(a <= c < a + width - 1e-9 for c in cuts) for a in [*starts, *cuts])
    assert cuts_within(sorted(cuts, reverse=True), width) == max(1, passed)


@given(st.integers(2, 5).flatmap(weights))
def test_from_the_least_number_of_people_on_no_grade_is_empty(shares):
    least = least_people(shares)
    assert all(min(apportion(n, shares)) > 0 for n in range(least, least + 150))
    assert least == 1 or min(apportion(least - 1, shares)) == 0


@given(schemes(), st.dictionaries(st.sampled_from(["video", "live", "other"]), st.integers(0, 40)))
def test_any_legal_scheme_can_be_looked_over_in_both_languages(scheme, people):
    """Whatever is legal has findings, and all of them have words."""
    findings = lint(scheme, n_people=people)
    for lang in LANGS:
        assert len(findings.told(lookup(lang))) == len(findings.found)


def test_a_geometric_role_reaches_products():
    """100 or 0 with 100 or 50, half each: 100 and 70.7, and with 0 as the floor of 4 20 and 14."""
    rules = {
        "order_conversion": {"kind": "switch", "met": 100, "missed": 0},
        "watch_time": {"kind": "switch", "met": 100, "missed": 50},
    }
    data = {key: {"weight": 0.5, "method": method} for key, method in rules.items()}
    role = scheme_of({"host": data}).role("host")
    totals = Geometric(kind="geometric", floor=4)
    reach = reach_of_role(role, 0.0, totals)
    assert reach[:, 0].tolist() == [14.142, 20.0, 70.711, 100.0]
    assert reach_of_role(role)[:, 0].tolist() == [25, 50, 75, 100]
