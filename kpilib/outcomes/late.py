"""Orders that were returned after the day on which a month's exports were taken."""

from __future__ import annotations

from dataclasses import replace

from kpilib.exports import formats
from kpilib.exports.receipt import Month


def with_late_returns(earlier: Month, later: Month) -> Month | None:
    """Return the month before with the returns that only the next month's exports know.

    An order counts as returned late where the earlier exports have it as kept, and the later
    aftersales file says that it was refunded.

    Parameters
    ----------
    earlier, later : Month
        A month and the next, as read.

    Returns
    -------
    Month or None
        None where nothing was returned late.
    """
    orders, claims = earlier.tables["orders"], later.tables["aftersales"]
    refunded = {word for form in formats().values() for word in form.refunded}
    back = set(claims.loc[claims["status"].isin(refunded), "suborder_id"].dropna())
    kept = ~orders["returned"].fillna(value=True).astype(bool)
    late = kept & orders["suborder_id"].isin(back)
    if not late.any():
        return None
    changed = orders.assign(returned=orders["returned"].mask(late, other=True))
    return replace(earlier, tables={**earlier.tables, "orders": changed})
