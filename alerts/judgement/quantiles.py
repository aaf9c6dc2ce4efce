"""Quantiles of the normal and of Student's t distribution: how far a limit lies out, without scipy at run time.

Upper tails throughout: the probability of a false alarm is small (1e-9 at z = 6), and 1 - p would lose its digits.
"""

import math
from functools import lru_cache
from statistics import NormalDist

_STANDARD = NormalDist()
_CONVERGED = 1e-15
_MAXIMUM_STEPS = 500
_TINY = 1e-300


def normal_upper_tail(z: float) -> float:
    """The probability that a standard normal variable lies above `z`."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def normal_quantile(upper_tail: float) -> float:
    """The z above which a standard normal variable lies with probability `upper_tail` (0 to 1, exclusive)."""
    return -_STANDARD.inv_cdf(upper_tail)


def t_upper_tail(t: float, degrees_of_freedom: float) -> float:
    """The probability that Student's t with so many degrees of freedom lies above `t` (0 or more)."""
    df = degrees_of_freedom
    return 0.5 * _incomplete_beta(df / (df + t * t), t * t / (df + t * t), df / 2, 0.5)


@lru_cache(maxsize=4096)
def t_quantile(upper_tail: float, degrees_of_freedom: float) -> float:
    """The t above which Student's t lies with probability `upper_tail` (below 0.5), by bisection.

    Args:
        upper_tail: one-sided probability.
        degrees_of_freedom: 1 or more.
    """
    low, high = 0.0, 1.0
    while t_upper_tail(high, degrees_of_freedom) > upper_tail:
        low, high = high, high * 2
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        above = t_upper_tail(middle, degrees_of_freedom) > upper_tail
        low, high = (middle, high) if above else (low, middle)
    return (low + high) / 2


def _incomplete_beta(x: float, complement: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b); `complement` is 1 - x without its rounding error."""
    if x <= 0 or complement <= 0:
        return 0.0 if x <= 0 else 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(complement)
    if x < (a + 1) / (a + b + 2):
        return math.exp(log_front) * _continued_fraction(x, a, b) / a
    return 1.0 - math.exp(log_front) * _continued_fraction(complement, b, a) / b


def _continued_fraction(x: float, a: float, b: float) -> float:
    """Lentz's evaluation of the incomplete beta function's continued fraction (Numerical Recipes, 6.4)."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, _MAXIMUM_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            fraction *= c * d
        if abs(c * d - 1) < _CONVERGED:
            break
    return fraction


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
