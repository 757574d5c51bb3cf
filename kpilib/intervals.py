"""How sure a reading is: 95% confidence intervals of counts and of ratios of sums."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

LEVEL = 0.95
Z = 1.96  # quantile of the normal distribution at 97.5%
# Student's t at 97.5% for 1 to 4 degrees of freedom; above, the expansion below is near enough
_FEW = (12.706204736, 4.302652730, 3.182446305, 2.776445105)

Interval = tuple[float, float]
UNKNOWN: Interval = (math.nan, math.nan)


def wilson(k: float, n: float) -> Interval:
    """Return the score interval of a share of cases.

    Parameters
    ----------
    k, n : float
        ``k`` of ``n`` cases; no interval where there are none, or where ``k`` is not among them.

    Returns
    -------
    (float, float)
        Limits between 0 and 1, or NaN.

    References
    ----------
    .. [1] Wilson, E. B. (1927), Probable inference, the law of succession, and statistical
       inference, JASA 22, 209-212.

    Examples
    --------
    >>> low, high = wilson(15, 148)
    >>> f"{low:.4f} {high:.4f}"
    '0.0624 0.1605'
    """
    if not 0 <= k <= n or n == 0:
        return UNKNOWN
    share, square = k / n, Z * Z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    # 0 and 1 are reached exactly; the subtraction alone leaves a hair
    return (0.0 if k == 0 else centre - half), (1.0 if k == n else centre + half)


def ratio_of_sums(n: int, sums: tuple[float, float, float, float, float]) -> Interval:
    """Return the interval of sum(y) / sum(x) over rows that are sampled whole.

    Works and sessions are the ultimate clusters: views of one work are alike, so a share of ten
    million plays of twenty works is no surer than twenty works make it. The variance is the
    linearised one of the ratio estimator; Student's t with n - 1 degrees of freedom.

    Parameters
    ----------
    n : int
        Rows; fewer than 2 give no interval.
    sums : tuple of float
        Sums of y, x, y*y, x*y and x*x over the rows.

    Returns
    -------
    (float, float)
        Limits, not yet held within what is possible, or NaN.

    References
    ----------
    .. [1] Cochran, W. G. (1977), Sampling Techniques, 3rd ed., Wiley, ch. 6, eq. 6.13.
    """
    y, x = sums[:2]
    if n < 2 or not x > 0 or math.isnan(y):
        return UNKNOWN
    ratio = y / x
    half = t_quantile(n - 1) * math.sqrt(n / (n - 1) * _residual(sums)) / x
    return ratio - half, ratio + half


def _residual(sums: tuple[float, float, float, float, float]) -> float:
    """Return the sum of (y - y/x x)^2 from sums; in long decimals, for doubles would cancel."""
    with localcontext() as context:
        context.prec = 120  # five doubles multiplied three at a time, and none of it lost
        y, x, yy, xy, xx = map(Decimal, sums)
        return max(0.0, float((yy * x * x - 2 * y * x * xy + y * y * xx) / (x * x)))


def t_quantile(freedom: int) -> float:
    """Return Student's t at 97.5%, to within 0.0005.

    SciPy's import would take longer than all intervals of a month.

    References
    ----------
    .. [1] Abramowitz, M., Stegun, I. (1964), Handbook of Mathematical Functions, 26.7.5.
    """
    if freedom <= len(_FEW):
        return _FEW[freedom - 1]
    z, v = 1.959963984540054, float(freedom)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / v ** (i + 1) for i, term in enumerate(terms))
