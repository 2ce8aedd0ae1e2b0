"""Breaks at unknown dates: published critical values, size, power, dates."""

import numpy as np
import pandas as pd
import pytest

from helpers import StudyError
from helpers.inference.breaks import asymptotic_p, find_break


def series(values):
    return pd.Series(
        np.asarray(values, dtype=float),
        index=pd.bdate_range("2015-01-01", periods=len(values)),
    )


# Andrews (2003), one coefficient, 15 % trimming.
@pytest.mark.parametrize(("value", "p"), [(7.12, 0.10), (8.68, 0.05), (12.16, 0.01)])
def test_asymptotic_p_agrees_with_the_published_values(value, p):
    assert asymptotic_p(value) == pytest.approx(p, rel=0.2)


def test_statistic_is_the_robust_wald_of_two_separate_regressions():
    import statsmodels.api as sm

    rng = np.random.default_rng(0)
    x, y = series(rng.standard_normal(200)), series(rng.standard_normal(200))
    found = find_break(y, x, draws=9)
    at = y.index.get_loc(found.date)
    path = found.path[found.date]
    one, two = (
        sm.OLS(y[part], x[part]).fit(cov_type="HC0")
        for part in (slice(None, at), slice(at, None))
    )
    gap = one.params.iloc[0] - two.params.iloc[0]
    assert path == pytest.approx(gap**2 / (one.bse.iloc[0] ** 2 + two.bse.iloc[0] ** 2))
    assert (found.before, found.after) == pytest.approx(
        (one.params.iloc[0], two.params.iloc[0])
    )


def test_date_is_the_one_with_the_least_squares():
    rng = np.random.default_rng(1)
    y = series(rng.standard_normal(100))
    found = find_break(y, draws=9)
    squares = {
        date: ((y[:at] - y[:at].mean()) ** 2).sum()
        + ((y[at:] - y[at:].mean()) ** 2).sum()
        for at, date in enumerate(y.index)
        if date in found.path.index
    }
    assert found.date == min(squares, key=squares.get)


def test_a_shift_of_the_mean_is_found_and_dated():
    rng = np.random.default_rng(2)
    y = series(rng.standard_normal(600) + np.repeat([0.5, 0.0], [380, 220]))
    found = find_break(y)
    assert found.p_bootstrap < 0.01
    assert found.p_asymptotic < 0.01
    assert found.date_low <= y.index[380] <= found.date_high
    assert found.after < found.before


def test_a_change_of_the_errors_size_is_no_break():
    """Five in a hundred of such samples may reject, not many more."""
    rng = np.random.default_rng(3)
    size = np.repeat([1.0, 4.0], [300, 100])
    rejected = 0
    for number in range(200):
        x = series(size * rng.standard_normal(400))
        y = 0.3 * x + size * rng.standard_normal(400)
        rejected += find_break(y, x, draws=99, seed=number).p_bootstrap < 0.05
    assert rejected <= 22  # 10 expected; 0.0003 to be above by chance


def test_interval_of_the_date_covers_it():
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(200):
        y = series(rng.standard_normal(400) + np.repeat([0.6, 0.0], 200))
        found = find_break(y, draws=1)
        covered += found.date_low <= y.index[200] <= found.date_high
    assert covered >= 180  # 190 expected


def test_noise_has_no_break():
    noise = series(np.random.default_rng(6).standard_normal(500))
    assert find_break(noise).p_bootstrap > 0.05


def test_same_seed_gives_the_same_p():
    y = series(np.random.default_rng(7).standard_normal(300))
    assert find_break(y).p_bootstrap == find_break(y).p_bootstrap


def test_prices_wander_without_a_break_and_are_refused():
    walk = series(np.random.default_rng(8).standard_normal(300).cumsum() + 100)
    with pytest.raises(StudyError, match="prices and other levels"):
        find_break(walk)
    changed = walk.diff().dropna()
    assert find_break(changed).p_bootstrap > 0.05
    with pytest.raises(StudyError, match="on the same dates"):
        find_break(changed, walk)
    with pytest.raises(StudyError, match="on the same dates"):
        find_break([1.0] * 300)
    with pytest.raises(StudyError, match="date order"):
        find_break(changed[::-1])


def test_bad_input_gives_no_number():
    y = series(np.arange(100))
    with pytest.raises(StudyError, match="60 rows"):
        find_break(y.iloc[:50])
    with pytest.raises(StudyError, match="gaps"):
        find_break(y.where(y > 0))
