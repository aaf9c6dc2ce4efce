"""The quantiles against scipy's."""

import pytest
from scipy import stats

from alerts.judgement.quantiles import normal_quantile, normal_upper_tail, t_quantile, t_upper_tail

LEVELS = (0.1, 1.28, 2.33, 3.0, 4.5, 6.0)


@pytest.mark.parametrize("z", LEVELS)
def test_normal_quantile_undoes_the_upper_tail(z):
    """The normal quantile is scipy's, out to one in a thousand million."""
    assert normal_upper_tail(z) == pytest.approx(stats.norm.sf(z), rel=1e-12)
    assert normal_quantile(normal_upper_tail(z)) == pytest.approx(z, rel=1e-9)


@pytest.mark.parametrize("df", [1, 2, 3, 4, 9, 19, 119, 5000])
@pytest.mark.parametrize("z", LEVELS)
def test_t_quantile_is_scipys(df, z):
    """Student's t quantile is scipy's for few and many degrees of freedom, near the middle and far out."""
    tail = normal_upper_tail(z)
    expected = stats.t.isf(tail, df)
    assert t_quantile(tail, df) == pytest.approx(expected, rel=1e-9)
    assert t_upper_tail(expected, df) == pytest.approx(tail, rel=1e-9)


def test_t_upper_tail_at_zero_is_a_half():
    """Student's t is symmetric."""
    assert t_upper_tail(0.0, 5) == pytest.approx(0.5)
