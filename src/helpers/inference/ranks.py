"""Tests on ranks and signs of abnormal returns.

References
----------
Corrado, C. J. (1989), Journal of Financial Economics 23.
Corrado, C. J. and Zivney, T. L. (1992), Journal of Financial and Quantitative
Analysis 27.
Cowan, A. R. (1992), Review of Quantitative Finance and Accounting 2.
Wilcoxon, F. (1945), Biometrics Bulletin 1.
"""

from __future__ import annotations

import numpy as np

from helpers.inference.outcome import Outcome, Undefined, normal_outcome
from helpers.inference.parametric import NO_SPREAD
from helpers.study.fit import Fit

FEW = 10


def _ranks(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mid-ranks along each row with gaps left out, and how many were ranked."""
    from scipy.stats import rankdata

    present = ~np.isnan(values)
    # Gaps go behind everything, where they push nobody's rank.
    ranks = rankdata(np.where(present, values, np.inf), axis=1)
    return np.where(present, ranks, np.nan), present.sum(axis=1)


def corrado(fit: Fit, first: int, last: int) -> Outcome:
    """Corrado's rank test over estimation and event window together.

    Ranks are scaled to rank/(T + 1) - 1/2 and each day weighted by the root of
    its number of events (Corrado and Zivney), which without missing returns is
    Corrado's own statistic.
    """
    days = fit.design.windows.within_event(first, last)
    residuals = fit.in_step(fit.residuals)
    ranks, observed = _ranks(np.concatenate([residuals, fit.abnormal], axis=1))
    scaled = ranks / (observed[:, None] + 1) - 0.5
    present = ~np.isnan(scaled)
    count = present.sum(axis=0)
    used = count > 0
    daily = np.zeros(len(count))
    total = np.where(present, scaled, 0.0).sum(axis=0)
    daily[used] = total[used] / np.sqrt(count[used])
    spread = np.sqrt((daily[used] ** 2).mean())
    if spread <= NO_SPREAD:
        raise Undefined("the mean rank does not vary")
    window = daily[residuals.shape[1] :][days]
    z = float(np.sqrt(len(window)) * window.mean() / spread)
    # Ranks of one event are spread evenly: their mean goes only so far.
    note = f"|z| of one event stays below {np.sqrt(3 * len(window)):.2f}"
    return normal_outcome(z, note if len(fit) == 1 else "")


def sign(fit: Fit, first: int, last: int) -> Outcome:
    """Sign test against one half."""
    return _signs(fit, first, last, 0.5)


def generalized_sign(fit: Fit, first: int, last: int) -> Outcome:
    """Cowan's sign test against the share of positive estimation residuals."""
    observed = int((~np.isnan(fit.residuals)).sum())
    return _signs(fit, first, last, int((fit.residuals > 0).sum()) / observed)


def _signs(fit: Fit, first: int, last: int, share: float) -> Outcome:
    """The number of positive CARs against this share of them."""
    count = len(fit)
    if count < 2:
        raise Undefined("one event has one sign")
    if not 0 < share < 1:
        raise Undefined("all estimation residuals have one sign")
    positive = int((fit.car(first, last) > 0).sum())
    spread = np.sqrt(count * share * (1 - share))
    few = "normal approximation with few events" if count < FEW else ""
    return normal_outcome((positive - count * share) / spread, few)


def wilcoxon(fit: Fit, first: int, last: int) -> Outcome:
    """Wilcoxon's signed-rank test of the CARs (scipy)."""
    from scipy.stats import wilcoxon as signed_rank

    values = fit.car(first, last)
    if len(values) < 2:
        raise Undefined("one event has one rank")
    if not (values != 0).any():
        raise Undefined("all CARs are zero")
    found = signed_rank(values)
    least = 2.0 ** (1 - len(values))
    note = f"p cannot fall below {least:.4g}" if least > 0.05 else ""
    return Outcome(float(found.statistic), np.nan, float(found.pvalue), note)
