"""What prices say of a claim: one symmetric rule for every leg.

A reading holds an effect in the direction that a claim expects, and the same
effect on dates on which nothing happened. The rule asks both whether the effect
is there and whether one as large as would matter can be excluded, so that silence
of a weak test is told from a result.

References
----------
Barone-Adesi, G., Giannopoulos, K. and Vosper, L. (1999), VaR without correlations
for portfolios of derivative securities, Journal of Futures Markets 19 (draws
rescaled to the volatility of the day).
Schuirmann, D. J. (1987), Journal of Pharmacokinetics and Biopharmaceutics 15
(tests of equivalence).
Holm, S. (1979), Scandinavian Journal of Statistics 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.groups import overlapping_groups
from helpers.inference.multiple import adjusted
from helpers.inference.null import choose_anchors, not_iterative, real_dates
from helpers.inference.outcome import Undefined
from helpers.inference.placebo_dates import clusters_of, draw_anchors, free_sessions
from helpers.study.fit import Fit
from helpers.study.windows import Windows

if TYPE_CHECKING:
    from helpers.inference.result import EventStudy

WORDS = ("supported", "contradicted", "undecided", "not testable")
ALPHA = 0.05
POWER = 0.8
SMALLEST_CORRELATION = 0.1


@dataclass(frozen=True)
class Reading:
    """One leg of a claim, as prices bear on it.

    Attributes
    ----------
    effect : float
        In the direction that the claim expects: positive speaks for it. Decimal
        for returns.
    null : (B,) the same effect on placebo dates or in resampled histories, where
        there is none; centred by its making, not by force
    smallest : float
        Smallest effect that would matter.
    turned : int
        -1 where the claim expects a fall, so that ``turned * effect`` is the change
        itself; else 1.
    largest : float
        Largest effect that is possible, where there is a bound.
    about : dict
        What was read: symbols, benchmark, events, window and the like.
    dates : int
        Independent dates behind the effect.
    """

    effect: float
    null: np.ndarray = field(repr=False)
    smallest: float
    turned: int = 1
    largest: float = np.inf
    dates: int = 1
    about: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        null = np.asarray(self.null, dtype=float)
        if not np.isfinite(self.effect) or not np.isfinite(null).all():
            raise StudyError("A reading needs an effect and draws that are finite.")
        if not self.smallest > 0:
            raise StudyError(
                f"The smallest effect that would matter is {self.smallest}: make it "
                "larger than zero."
            )
        object.__setattr__(self, "null", null)

    @property
    def change(self) -> float:
        """The effect with the sign that it has in the data."""
        return self.turned * self.effect

    @property
    def p_value(self) -> float:
        """Two-sided: how often nothing moves as far, in either direction."""
        return _at_least(np.abs(self.null), abs(self.effect))

    @property
    def equivalence_p(self) -> float:
        """How often an effect as large as matters would look as small as this."""
        return _at_least(-(self.null + self.smallest), -self.effect)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Effects that the data do not exclude, with the sign of :attr:`change`."""
        tail = (1 - level) / 2
        low, high = np.quantile(self.null, [tail, 1 - tail])
        ends = sorted(self.turned * (self.effect - np.array([low, high])))
        return float(ends[0]), float(ends[1])

    def critical(self, alpha: float = ALPHA) -> float:
        """Effect from which on the test is significant."""
        return float(np.quantile(np.abs(self.null), 1 - alpha, method="higher"))

    def detectable(self, alpha: float = ALPHA, power: float = POWER) -> float:
        """True effect that the test finds with this power, by simulation."""
        return self.critical(alpha) - float(np.quantile(self.null, 1 - power))

    def testable(self, alpha: float = ALPHA) -> bool:
        """Whether the rule could have given another answer."""
        enough = 1 / (1 + len(self.null)) < alpha
        return enough and max(self.critical(alpha), self.smallest) <= self.largest

    def word(self, alpha: float = ALPHA) -> str:
        """Supported, contradicted, undecided or not testable, by one test each way."""
        return judge({"": self}, alpha=alpha)["word"].iloc[0]


def judge(readings: Mapping[str, Reading], *, alpha: float = ALPHA) -> pd.DataFrame:
    """Read every leg of a claim by the same rule, corrected for their number.

    *Supported*: the effect has the direction that the claim expects and chance does
    not explain it. *Contradicted*: it has the other direction by the same test, or
    any effect in the claimed direction as large as would matter is excluded.
    *Undecided*: neither. *Not testable*: the rule could give no other answer.

    Parameters
    ----------
    readings : mapping of leg to Reading
    alpha : float
        Level of both tests, each corrected by Holm over the legs.

    Returns
    -------
    DataFrame
        By leg: change, ci_low, ci_high, p_value, holm, equivalence_p,
        equivalence_holm, smallest, detectable (at the level that the worst of the
        legs must meet), dates and word.

    Examples
    --------
    >>> import numpy as np
    >>> chance = np.linspace(-0.02, 0.02, 999)
    >>> judge({"leg": Reading(0.03, chance, smallest=0.01)})["word"].tolist()
    ['supported']
    >>> judge({"leg": Reading(-0.015, chance, smallest=0.01)})["word"].tolist()
    ['contradicted']
    """
    rows = {}
    for leg, reading in readings.items():
        low, high = reading.interval()
        rows[leg] = {
            "change": reading.change,
            "ci_low": low,
            "ci_high": high,
            "p_value": reading.p_value,
            "equivalence_p": reading.equivalence_p,
            "smallest": reading.smallest,
            "detectable": reading.detectable(alpha / len(readings)),
            "dates": reading.dates,
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.insert(4, "holm", adjusted(table["p_value"])["holm"])
    table.insert(6, "equivalence_holm", adjusted(table["equivalence_p"])["holm"])
    table["word"] = [
        _word(reading, *row, alpha=alpha / len(readings), level=alpha)
        for reading, row in zip(
            readings.values(),
            table[["holm", "equivalence_holm"]].to_numpy(),
            strict=True,
        )
    ]
    return table


def combine(words: Iterable[str]) -> str:
    """One word over several: what all say, that they part, or that it is open.

    Legs that cannot be tested say nothing. All supported: supported. At least one
    contradicted and none supported: contradicted. Some of each: the legs part.

    Examples
    --------
    >>> combine(["supported", "undecided"])
    'undecided'
    >>> combine(["supported", "contradicted"])
    'the legs part'
    """
    given = [word for word in words if word != "not testable"]
    if not given:
        return "not testable"
    if "the legs part" in given or {"supported", "contradicted"} <= set(given):
        return "the legs part"
    if "contradicted" in given:
        return "contradicted"
    return "supported" if set(given) == {"supported"} else "undecided"


def read_study(
    study: EventStudy,
    first: int,
    last: int,
    *,
    sign: int | Mapping[str, int] = 1,
    smallest: float | None = None,
    exclude: Iterable[Any] = (),
    draws: int = 5000,
    seed: int = 20250829,
) -> Reading:
    """Read a claim's leg from an event study, by placebo dates.

    Events whose windows [first, last] share a session are one observation: their
    CARs are averaged before the mean over dates is taken. The same is done on
    placebo dates, each CAR there rescaled to the error of the event that it stands
    for, since calm and stormy years differ.

    Parameters
    ----------
    study : EventStudy
    first, last : int
        Window, sessions relative to day 0, inclusive.
    sign : 1, -1 or mapping of event_id to 1 or -1
        Direction that the claim expects.
    smallest : float, optional
        Smallest effect that would matter, decimal; by default one ordinary session's
        abnormal move: the mean standard deviation of the estimation residuals.
    exclude : dates
        Sessions that no placebo's window may hold.
    draws, seed : int
        Where several dates are drawn at a time; one date takes every eligible one.

    Raises
    ------
    StudyError
        If no event could be studied or fewer than 20 dates are eligible.
    """
    ids = study.panel.events["event_id"].tolist()
    by_event = sign if isinstance(sign, Mapping) else dict.fromkeys(ids, sign)
    turned = sign if isinstance(sign, int) else 1
    signs = np.array([by_event.get(one, 0) for one in ids], dtype=float)
    if not len(signs):
        study.car(first, last)  # says why no event could be studied
    if not np.isin(signs, (1, -1)).all():
        lost = [one for one, at in zip(ids, signs, strict=True) if at not in (1, -1)]
        raise StudyError(f"The sign of {', '.join(lost)} is not 1 or -1.")
    fit = _narrowed(study.fit, first, last)
    try:
        effect, null, dates = _against_chance(fit, signs, exclude, draws, seed)
    except Undefined as reason:
        raise StudyError(f"No placebo distribution: {reason}.") from None
    return Reading(
        effect,
        null,
        smallest=float(fit.estimates.sigma.mean()) if smallest is None else smallest,
        turned=turned,
        dates=dates,
        about={
            "symbols": sorted(set(study.panel.events["symbol"])),
            "events": sorted(set(ids)),
            "window": (first, last),
            "model": fit.design.model.name,
            "benchmark": sorted(
                {x for one in fit.design.samples for x in one.regressors}
            ),
            "sign": dict(zip(ids, signs.astype(int).tolist(), strict=True)),
        },
    )


def read_change(
    change: float,
    draws: Sequence[float] | np.ndarray,
    *,
    sign: int,
    smallest: float = SMALLEST_CORRELATION,
    largest: float = np.inf,
    about: Mapping[str, Any] | None = None,
) -> Reading:
    """Read a claim's leg from an estimate and its resampled values.

    Parameters
    ----------
    change : float
        The estimate, such as a change in correlation.
    draws : (B,)
        The estimate in resampled histories; their spread about the estimate is
        what chance does.
    sign : 1 or -1
        Direction that the claim expects.
    smallest : float
        Smallest change that would matter.
    largest : float
        Largest change in that direction that is possible.
    about : mapping, optional
        What was read.

    Examples
    --------
    >>> import numpy as np
    >>> draws = 0.02 + np.linspace(-0.05, 0.05, 999)
    >>> read_change(0.02, draws, sign=-1).word()
    'contradicted'
    """
    if sign not in (1, -1):
        raise StudyError(f"sign is 1 or -1, not {sign!r}.")
    null = sign * (np.asarray(draws, dtype=float) - change)
    return Reading(
        sign * change,
        null,
        smallest=smallest,
        turned=sign,
        largest=largest,
        about=dict(about or {}),
    )


def _word(
    reading: Reading, p: float, equivalence_p: float, *, alpha: float, level: float
) -> str:
    if not reading.testable(alpha):
        return "not testable"
    if equivalence_p < level or (p < level and reading.effect < 0):
        return "contradicted"
    return "supported" if p < level else "undecided"


def _at_least(null: np.ndarray, observed: float) -> float:
    """Share of the draws at least as large as what was observed, itself counted."""
    return float((1 + (null >= observed).sum()) / (1 + len(null)))


def _narrowed(fit: Fit, first: int, last: int) -> Fit:
    """The same events with an event window no wider than the test needs.

    A placebo's whole event window must be free of news, so a wide one would leave
    few dates.
    """
    fit.design.windows.within_event(first, last)
    windows = Windows(fit.design.windows.estimation, (first, last))
    design = replace(fit.design, windows=windows)
    found = design.fit(fit.sample, fit.column, fit.position)
    return found if fit.sign is None else found.turned(fit.sign)


def _against_chance(
    fit: Fit, signs: np.ndarray, exclude: Iterable[Any], draws: int, seed: int
) -> tuple[float, np.ndarray, int]:
    """Mean over dates of sign x CAR, the same on placebo dates, number of dates."""
    not_iterative(fit.design)
    span = fit.design.windows.event
    dates = fit.design.timeline.dates
    free = free_sessions(dates, fit.places(*span)[:, [0, -1]], exclude)
    groups = overlapping_groups(fit, *span)
    size = np.bincount(groups.of_event, minlength=groups.count)
    weight = signs / (groups.count * size[groups.of_event])
    error = fit.car_error(*span)
    day0 = fit.places(0, 0)[:, 0]
    samples = fit.design.samples
    symbols = [
        samples[k].symbols[c] for k, c in zip(fit.sample, fit.column, strict=True)
    ]
    null = real_dates(dates, free)
    tables = null.tables(fit.design, list(dict.fromkeys(symbols)), [span])
    scaled = tables.car[0] / tables.error[0]
    rows = [tables.row(symbol) for symbol in symbols]
    clusters = clusters_of(day0, groups.of_event, groups.count)
    anchors = [
        choose_anchors(
            null,
            cluster,
            [
                (tables.usable[rows[i]], int(ahead))
                for i, ahead in zip(cluster.members, cluster.ahead, strict=True)
            ],
            day0,
            None,
        )
        for cluster in clusters
    ]
    drawn = draw_anchors(anchors, draws, seed)
    own = np.ones(len(fit)) if fit.sign is None else fit.sign
    total = np.zeros(len(drawn[0]))
    for cluster, at in zip(clusters, drawn, strict=True):
        for i, ahead in zip(cluster.members, cluster.ahead, strict=True):
            total += weight[i] * own[i] * error[i] * scaled[rows[i], at + ahead]
    return float((weight * fit.car(*span)).sum()), total, groups.count
