"""Every indicator computed a second time, in plain pandas, from the words of the scheme.

Nothing here knows the formula language, the SQL, the engine or the attribution of kpilib: each
indicator is a function over rows, and rows are chosen by reading credits and accounts anew.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from kpilib.exports.receipt import Month
from kpilib.scheme import Role, Scheme
from kpilib.scheme.ratings import RatingRules

NOT_APPLICABLE, UNKNOWN = "not_applicable", "unknown"
Answer = float | str
Frame = pd.DataFrame


def month_days(month: str) -> pd.DatetimeIndex:
    year, number = map(int, month.split("-"))
    days = calendar.monthrange(year, number)[1]
    return pd.date_range(f"{month}-01", periods=days, freq="D")


# ---- whose rows -------------------------------------------------------------------------------


def known_as(role: Role) -> set[str]:
    return {role.key, role.title.en, role.title.zh, *role.aliases}


def own_credits(month: Month, person: str, role: Role, kind: str) -> Frame:
    credits = month.tables["credits"]
    mine = (credits["kind"] == kind) & (credits["person"] == person)
    mine &= credits["role"].isin(known_as(role))
    return credits[mine]


def works(month: Month, person: str, role: Role, account: str) -> Frame:
    table = month.tables["works"]
    if role.credit == "account":
        return table[table["account"] == account]
    mine = own_credits(month, person, role, "work")
    pairs = set(zip(mine["name"], mine["at"], strict=True))
    return table[[pair in pairs for pair in zip(table["title"], table["published"], strict=True)]]


def sessions(month: Month, person: str, role: Role, account: str) -> Frame:
    table = month.tables["sessions"]
    if role.credit == "account":
        return table[table["account"] == account].assign(share=1.0)
    mine = own_credits(month, person, role, "session")
    share = {(n, at): s for n, at, s in zip(mine["name"], mine["at"], mine["share"], strict=True)}
    part = [share.get(pair) for pair in zip(table["account"], table["day"], strict=True)]
    return table.assign(share=pd.Series(part, table.index, dtype=float)).dropna(subset="share")


def orders(month: Month, person: str, role: Role, account: str) -> Frame:
    table = month.tables["orders"]
    if role.credit == "account":
        return table[table["account"] == account]
    held = sessions(month, person, role, account)
    days = set(zip(held["account"], held["day"], strict=True))
    return table[[pair in days for pair in zip(table["account"], table["day"], strict=True)]]


def ads(month: Month, person: str, role: Role, account: str) -> Frame:
    table = month.tables["ads"]
    if role.credit == "account":
        return table[table["account"] == account]
    return table[table["material_id"].isin(own_credits(month, person, role, "material")["name"])]


def account_days(month: Month, person: str, role: Role, account: str) -> Frame:
    table = month.tables["account_days"]
    return table[table["account"] == account]


def service(month: Month, person: str, role: Role, account: str) -> Frame:
    table = month.tables["service"]
    return table[table["agent"] == account]


def hosts(month: Month, person: str, role: Role, account: str) -> Frame:
    """Rows of a ranking under what the person is called, unless somebody else is called so too."""
    bearers: dict[str, set[str]] = {}
    for who in month.tables["people"].to_dict("records"):
        for name in (who["name"], who["alias"]):
            bearers.setdefault(name, set()).add(who["person"])
    table = month.tables["hosts"]
    return table[[bearers.get(name) == {person} for name in table["name"]]]


def tasks(month: Month, person: str, role: Role, account: str) -> Frame:
    table = month.tables["tasks"]
    return table[table["person"] == person]


# ---- what is counted --------------------------------------------------------------------------


def ratio(rows: Frame, top: str, bottom: str) -> Answer:
    """Divide two sums over the rows that know both; a gap may hide what there was to divide by."""
    known = rows.dropna(subset=[top, bottom])
    below = math.fsum(known[bottom])
    if below:
        return math.fsum(known[top]) / below
    return UNKNOWN if len(known) < len(rows) else NOT_APPLICABLE


def weighted(rows: Frame, value: str, weight: str) -> Answer:
    """Average a column by a weight, over the rows that know both."""
    return ratio(rows.assign(product=rows[value] * rows[weight]), "product", weight)


def of_decided(rows: Frame, flag: str) -> Answer:
    """Return the share of yes among the rows that say yes or no."""
    decided = rows[flag].dropna()
    if not len(rows):
        return NOT_APPLICABLE
    return float(decided.sum()) / len(decided) if len(decided) else UNKNOWN


def total(values: pd.Series) -> Answer:
    """Sum what is all known; a gap makes the sum unknown."""
    if values.isna().any():
        return UNKNOWN
    return math.fsum(values) if len(values) else NOT_APPLICABLE


def follower_growth(rows: Frame, month: str, days: int) -> Answer:
    span = month_days(month)
    first, last = rows[rows["day"] == span[0]], rows[rows["day"] == span[-1]]
    before = total(first["followers_total"] - first["follower_gain"])
    after = total(last["followers_total"])
    if isinstance(before, str) or isinstance(after, str) or before == 0:
        return UNKNOWN
    return after / before - 1


def hit_rate(rows: Frame, month: str, days: int) -> Answer:
    known = rows["plays"].dropna()
    return float((known >= 100_000).sum()) / len(known) if len(known) else UNKNOWN


def works_published(rows: Frame, month: str, days: int) -> Answer:
    return UNKNOWN if rows["visible"].isna().any() else (rows["visible"] == "公开").sum() / days * 7


def public(rows: Frame) -> Frame | None:
    """Return the public works; None where some work's state is unknown."""
    return None if rows["visible"].isna().any() else rows[rows["visible"] == "公开"]


def plays(rows: Frame, month: str, days: int) -> Answer:
    unclear = rows["visible"].isna() | ((rows["visible"] == "公开") & rows["plays"].isna())
    return UNKNOWN if unclear.any() else total(rows.loc[rows["visible"] == "公开", "plays"])


def preheat_leads(rows: Frame, month: str, days: int) -> Answer:
    leads = []
    for visible, preheat, visits in zip(
        rows["visible"], rows["preheat"], rows["profile_visits"], strict=True
    ):
        live = None if pd.isna(preheat) else bool(preheat)
        shut_out = live is False or (isinstance(visible, str) and visible != "公开")
        if shut_out:
            continue
        if pd.isna(visible) or live is None or math.isnan(visits):
            return UNKNOWN
        leads.append(visits)
    return math.fsum(leads) if leads else NOT_APPLICABLE


def interaction_rate(rows: Frame, month: str, days: int) -> Answer:
    return ratio(
        rows.assign(done=rows["likes"] + rows["comments"] + rows["shares"]), "done", "plays"
    )


def delivery_time(rows: Frame, month: str, days: int) -> Answer:
    edits = rows[rows["kind"] == "edit"]
    if not len(edits):
        return NOT_APPLICABLE
    hours = edits["hours"].dropna()
    return math.fsum(round(h, 6) for h in hours) / len(hours) if len(hours) else UNKNOWN


def live_views_growth(rows: Frame, month: str, days: int) -> Answer:
    span = month_days(month)
    now = rows[rows["day"].isin(span[-7:])]["viewers"]
    before = rows[rows["day"].isin(span[-14:-7])]["viewers"]
    if now.isna().any() or before.isna().any():
        return UNKNOWN
    if not len(now) or not before.sum():
        return NOT_APPLICABLE
    return now.sum() / before.sum() - 1


def repurchase_rate(rows: Frame, month: str, days: int) -> Answer:
    known = rows.dropna(subset=["repeat"])
    known = known[~(known["buyer"].isna())]
    buyers = set(known["buyer"])
    again = set(known.loc[known["repeat"].astype(bool), "buyer"])
    return len(again) / len(buyers) if buyers else UNKNOWN


Rule = Callable[[Frame, str, int], Answer]
Chooser = Callable[[Month, str, Role, str], Frame]


def rated(top: str, bottom: str) -> Rule:
    return lambda rows, month, days: ratio(rows, top, bottom)


def averaged(value: str, weight: str) -> Rule:
    return lambda rows, month, days: weighted(rows, value, weight)


def decided(kind: str, flag: str) -> Rule:
    return lambda rows, month, days: of_decided(rows[rows["kind"] == kind], flag)


def ranked(duty: str, rule: Rule) -> Rule:
    """Take the rows of one ranking only: a person may stand in both."""
    return lambda rows, month, days: rule(rows[rows["duty"] == duty], month, days)


def per_hour(rows: Frame, month: str, days: int) -> Answer:
    return ratio(rows.assign(gmv=3600 * rows["gmv"]), "gmv", "live_s")


COUNTED: dict[str, tuple[Chooser, Rule]] = {
    "follower_growth": (account_days, follower_growth),
    "hit_rate": (works, hit_rate),
    "lead_conversion": (works, rated("profile_visits", "plays")),
    "works_published": (works, works_published),
    "completion_rate": (works, averaged("completion", "plays")),
    "ideas_adopted": (tasks, decided("idea", "adopted")),
    "delivery_time": (tasks, delivery_time),
    "interaction_rate": (works, interaction_rate),
    "gmv_completion": (sessions, lambda r, month, days: total(r["gmv"] * r["share"])),
    "order_conversion": (sessions, rated("pay_users", "viewers")),
    "watch_time": (sessions, averaged("avg_watch_s", "viewers")),
    "return_rate": (orders, lambda r, month, days: of_decided(r, "returned")),
    "cpm": (
        ads,
        lambda r, month, days: ratio(r.assign(cost=1000 * r["cost"]), "cost", "impressions"),
    ),
    "campaign_delivery": (tasks, decided("campaign", "met")),
    "live_views_growth": (sessions, live_views_growth),
    "response_time": (service, averaged("avg_reply_s", "conversations")),
    "bad_review_rate": (service, rated("bad_reviews", "reviews")),
    "inquiry_conversion": (service, rated("inquiry_pay_users", "inquiry_users")),
    "creative_ctr": (ads, rated("clicks", "impressions")),
    "page_conversion": (ads, rated("conversions", "clicks")),
    "roi": (sessions, rated("gmv", "ad_cost")),
    "repurchase_rate": (orders, repurchase_rate),
    "preheat_leads": (works, preheat_leads),
    "plays": (works, plays),
    "host_gmv_per_hour": (hosts, ranked("host", per_hour)),
    "host_order_conversion": (hosts, ranked("host", rated("pay_users", "viewers"))),
    "host_follow_rate": (hosts, ranked("host", rated("follower_gain", "viewers"))),
    "host_watch_time": (hosts, ranked("host", averaged("avg_watch_s", "viewers"))),
    "host_roi": (hosts, ranked("host", rated("gmv", "total_cost"))),
    "controller_gmv_per_hour": (hosts, ranked("controller", per_hour)),
    "controller_order_conversion": (
        hosts,
        ranked("controller", rated("pay_users", "viewers")),
    ),
    "controller_roi": (hosts, ranked("controller", rated("gmv", "total_cost"))),
}
JUDGED = {
    "editing_quality": ("peer", "manager"),
    "topic_fit": ("peer", "manager"),
    "screen_performance": ("user",),
    "cooperation": ("peer", "manager"),
}


def judged(month: Month, person: str, key: str, rules: RatingRules) -> Answer:
    marks = month.tables["ratings"]
    taken = leniency(month) if rules.leniency == "correct" else {}
    marks = marks[(marks["ratee"] == person) & (marks["item"] == key) & (marks["rater"] != person)]
    marks = marks.assign(score=marks["score"] - marks["rater"].map(taken).fillna(0.0))
    means = [marks.loc[marks["relation"] == r, "score"].mean() for r in JUDGED[key]]
    means = [mean for mean in means if not math.isnan(mean)]
    return min(max(sum(means) / len(means), 1), 5) if means else NOT_APPLICABLE


_LENIENCY: dict[int, dict[str, float]] = {}  # by the marks, for the same month is read often


def leniency(month: Month) -> dict[str, float]:
    """Take off what a rater adds, by a dense likelihood; nothing where fewer than five are rated.

    The marks of the sample hang together, and no random month has five people who are rated.
    """
    marks = month.tables["ratings"].dropna(subset="score")
    marks = marks[(marks["rater"] != marks["ratee"]) & (marks["relation"] != "self")]
    if marks["ratee"].nunique() < 5:
        return {}
    key = int(pd.util.hash_pandas_object(marks).sum())
    if key not in _LENIENCY:
        _LENIENCY[key] = {rater: round(b, 2) for rater, b in dense_blups(marks).items()}
    return _LENIENCY[key]


def dense_blups(marks: Frame) -> dict[str, float]:
    """Return the BLUP of each rater: REML over whole n x n matrices, searched without slopes."""
    y, ones = marks["score"].to_numpy(), np.ones((len(marks), 1))
    designs = [pd.get_dummies(marks[f]).to_numpy(float) for f in ("rater", "ratee", "item")]

    def likelihood(theta: np.ndarray) -> tuple[float, np.ndarray]:
        v = np.eye(len(y)) + sum(t**2 * z @ z.T for t, z in zip(theta, designs, strict=True))
        inverse = np.linalg.inv(v)
        within = ones.T @ inverse @ ones
        p = inverse - inverse @ ones @ ones.T @ inverse / within
        logs = np.linalg.slogdet(v)[1] + math.log(within.item())
        return (len(y) - 1) * math.log(y @ p @ y) + logs, p @ y

    options = {"xatol": 1e-7, "fatol": 1e-11, "maxiter": 2000}
    top = minimize(lambda t: likelihood(t)[0], [0.6, 1, 0.3], method="Nelder-Mead", options=options)
    blups = top.x[0] ** 2 * designs[0].T @ likelihood(top.x)[1]
    return dict(zip(pd.get_dummies(marks["rater"]).columns, blups, strict=True))


def answer(month: Month, scheme: Scheme, seat: pd.Series, key: str) -> Answer:
    """Compute one reading: a number, or why there is none."""
    role = scheme.role(seat["role"])
    table = "ratings" if key in JUDGED else COUNTED[key][0].__name__
    if not len(month.tables[table]):
        return UNKNOWN
    if key in JUDGED:
        return judged(month, seat["person"], key, scheme.ratings)
    shared = next(rule.shared for rule in role.indicators if rule.key == key)
    choose, rule = COUNTED[key]
    rows = choose(month, seat["person"], role, seat["account"])
    rows = month.tables[table] if shared else rows
    if not len(rows):
        return UNKNOWN if table == "account_days" else NOT_APPLICABLE
    days = len(month_days(month.month)) if shared else int(seat["days"])
    value = rule(rows, month.month, days)
    if key != "gmv_completion" or isinstance(value, str):
        return value
    plans = month.tables["plans"]
    plan = plans[(plans["month"] == month.month) & (plans["person"] == seat["person"])]
    plan = plan.loc[plan["indicator"] == key, "target"]
    return value / plan.iloc[0] if len(plan) and plan.iloc[0] > 0 else UNKNOWN
