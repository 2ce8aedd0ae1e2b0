"""What prices say of a claim: one symmetric rule for every leg.

A reading holds an effect in the direction that a claim expects, and the same
effect on dates on which nothing happened. The rule asks both whether the effect
is there and whether one as large as would matter can be excluded, so that silence
of a weak test is told from a result.

References
----------
Schuirmann, D. J. (1987), Journal of Pharmacokinetics and Biopharmaceutics 15
(tests of equivalence).
Holm, S. (1979), Scandinavian Journal of Statistics 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import StudyError
from helpers.inference.multiple import adjusted_p_values
from helpers.inference.outcome import FEWEST_PLACEBO_DATES

WORDS = ("supported", "contradicted", "undecided", "not testable")
ALPHA = 0.05
POWER = 0.8
SMALLEST_CORRELATION = 0.1
# True effects of a power curve, in units of the smallest that would matter.
EFFECTS = np.arange(-2, 4.5, 0.5)


@dataclass(frozen=True)
class Reading:
    """One leg of a claim, as prices bear on it.

    Attributes
    ----------
    effect : float
        In the direction that the claim expects: positive speaks for it. Decimal
        for returns.
    null : (B,) the same effect on placebo dates or in resampled histories, where
        there is none; not centred by force, so that what ordinary dates give is
        no effect
    smallest : float
        Smallest effect that would matter.
    turned : int
        -1 where the claim expects a fall, so that ``turned * effect`` is the change
        itself; else 1.
    largest : float
        Largest effect that is possible, where there is a bound.
    dates : int
        Independent dates behind the effect.
    about : dict
        What was read: symbols, benchmark, events, window and the like.

    Examples
    --------
    >>> fall = Reading(0.03, np.linspace(-0.02, 0.02, 999), smallest=0.01, turned=-1)
    >>> fall.word(), fall.change, fall.p_value
    ('supported', -0.03, 0.002)
    """

    effect: float
    null: np.ndarray = field(repr=False)
    smallest: float
    turned: int = 1
    largest: float = np.inf
    dates: int = 1
    about: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        null = np.sort(np.asarray(self.null, dtype=float))
        if not np.isfinite(self.effect) or not np.isfinite(null).all():
            raise StudyError("A reading needs an effect and draws that are finite.")
        if len(null) < FEWEST_PLACEBO_DATES:
            raise StudyError(
                f"{len(null)} draws are too few for a reading: it needs "
                f"{FEWEST_PLACEBO_DATES}."
            )
        if not 0 < self.smallest < np.inf:
            raise StudyError(
                f"The smallest effect that would matter is {self.smallest}: make it "
                "a number larger than zero."
            )
        object.__setattr__(self, "null", null)

    @property
    def change(self) -> float:
        """The effect with the sign that it has in the data."""
        return self.turned * self.effect

    @property
    def ordinary(self) -> float:
        """What ordinary dates give, with the sign of :attr:`change`: their median."""
        return self.turned * float(np.median(self.null))

    @property
    def p_value(self) -> float:
        """Two-sided: twice how often nothing moves as far on the side of the effect."""
        return min(1.0, 2 * min(self._tail(self.effect), self._tail_below(self.effect)))

    @property
    def equivalence_p(self) -> float:
        """How often an effect as large as matters would look as small as this."""
        return self._tail_below(self.effect - self.smallest)

    @property
    def best_p(self) -> float:
        """The p-value if the effect were as large as it can be."""
        return min(1.0, 2 * self._tail(self.largest))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Effects that the test does not reject, with the sign of :attr:`change`."""
        low, high = self.bounds(round(1 - level, 12))
        ends = sorted(self.turned * (self.effect - end) for end in (low, high))
        return ends[0], ends[1]

    def bounds(self, alpha: float = ALPHA) -> tuple[float, float]:
        """Effects outside of which p is below `alpha`; infinite with too few draws."""
        rank = self._rank(alpha / 2)
        if rank < 0:
            return -np.inf, np.inf
        return float(self.null[rank]), float(self.null[-1 - rank])

    def excluded_below(self, alpha: float = ALPHA) -> float:
        """Effect below which one as large as matters is excluded at `alpha`."""
        rank = self._rank(alpha)
        return -np.inf if rank < 0 else float(self.null[rank]) + self.smallest

    def detectable(
        self, alpha: float = ALPHA, power: float = POWER, legs: int = 1
    ) -> float:
        """True effect that the rule finds with this power, by simulation.

        It has to be significant at the level that may be left by other `legs`, and not
        excluded as too small to matter at the full level.
        """
        bar = max(self.bounds(alpha / legs)[1], self.excluded_below(alpha))
        return bar - float(np.quantile(self.null, 1 - power, method="lower"))

    def curve(
        self, effects: Iterable[float] | None = None, *, alpha: float = ALPHA
    ) -> pd.DataFrame:
        """Chance of each word by true effect: power and equivalence in one table.

        Parameters
        ----------
        effects : iterable of float, optional
            True effects in the direction that the claim expects; by default from
            -2 to 4 times the smallest that would matter.
        alpha : float
            Level of both tests.

        Returns
        -------
        DataFrame
            A column a word, indexed by ``effect``; rows sum to one.

        Examples
        --------
        >>> chance = np.linspace(-0.02, 0.02, 999)
        >>> leg = Reading(0.03, chance, smallest=0.03)
        >>> leg.curve([0, 0.035])["supported"].round(2).to_dict()
        {0.0: 0.02, 0.035: 0.9}
        """
        asked = self.smallest * EFFECTS if effects is None else list(effects)
        low, high = self.bounds(alpha)
        small = max(self.excluded_below(alpha), low)
        out = pd.DataFrame(0.0, index=pd.Index(asked, name="effect"), columns=WORDS)
        if not self.testable(alpha):
            return out.assign(**{"not testable": 1.0})
        seen = np.asarray(asked, dtype=float)[:, None] + self.null
        out["contradicted"] = (seen < small).mean(axis=1)
        out["supported"] = ((seen > high) & (seen >= small)).mean(axis=1)
        out["undecided"] = 1 - out["contradicted"] - out["supported"]
        return out

    def testable(self, alpha: float = ALPHA) -> bool:
        """Whether the rule could have given another answer."""
        return self.best_p < alpha and self.smallest <= self.largest

    def word(self, alpha: float = ALPHA) -> str:
        """Supported, contradicted, undecided or not testable, as a leg by itself."""
        return str(judge({"": self}, alpha=alpha)["word"].iloc[0])

    def _tail(self, effect: float) -> float:
        """Share of the draws at or above `effect`, which itself is counted."""
        above = len(self.null) - np.searchsorted(self.null, effect, side="left")
        return float((1 + above) / (1 + len(self.null)))

    def _tail_below(self, effect: float) -> float:
        below = np.searchsorted(self.null, effect, side="right")
        return float((1 + below) / (1 + len(self.null)))

    def _rank(self, alpha: float) -> int:
        """Most draws that may be as extreme as an effect with a tail below `alpha`."""
        total = 1 + len(self.null)
        rank = int(alpha * total)
        while (1 + rank) / total >= alpha:
            rank -= 1
        return rank


def judge(readings: Mapping[str, Reading], *, alpha: float = ALPHA) -> pd.DataFrame:
    """Read every leg of a claim by the same rule, corrected for their number.

    *Supported*: the effect has the direction that the claim expects and chance does
    not explain it. *Contradicted*: it has the other direction by the same test, or
    any effect in the claimed direction as large as would matter is excluded, even
    where a smaller one is there. *Undecided*: neither. *Not testable*: the rule
    could give no other answer.

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
        legs must meet), ordinary, dates and word.

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
            "detectable": reading.detectable(alpha, legs=len(readings)),
            "ordinary": reading.ordinary,
            "dates": reading.dates,
            "best": reading.best_p,
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.insert(4, "holm", adjusted_p_values(table["p_value"])["holm"])
    table.insert(
        6, "equivalence_holm", adjusted_p_values(table["equivalence_p"])["holm"]
    )
    # The rule as a whole, on the best that could have been seen.
    possible = (adjusted_p_values(table.pop("best"))["holm"] < alpha).to_numpy()
    matters = np.array([one.smallest <= one.largest for one in readings.values()])
    above = np.array([one.effect > np.median(one.null) for one in readings.values()])
    significant = (table["holm"] < alpha).to_numpy()
    excluded = (table["equivalence_holm"] < alpha).to_numpy()
    table["word"] = np.select(
        [~(possible & matters), excluded | (significant & ~above), significant],
        ["not testable", "contradicted", "supported"],
        "undecided",
    )
    return table


def combine(words: Iterable[str], *, whole: bool = True) -> str:
    """One word over several: what all say, that they part, or that it is open.

    Legs that cannot be tested say nothing. All supported: supported; all contradicted:
    contradicted; some of each: the legs part; else undecided. Where a part of the claim
    is not measured at all (`whole` is false), it is not called supported.

    Examples
    --------
    >>> combine(["supported", "undecided"])
    'undecided'
    >>> combine(["supported"], whole=False)
    'undecided'
    >>> combine(["supported", "contradicted"])
    'the legs part'
    """
    given = [word for word in words if word != "not testable"]
    if not given:
        return "not testable"
    if "the legs part" in given or {"supported", "contradicted"} <= set(given):
        return "the legs part"
    if len(set(given)) > 1 or (given[0] == "supported" and not whole):
        return "undecided"
    return given[0]


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

    Raises
    ------
    StudyError
        If the sign is not 1 or -1, fewer than 20 draws are given or one is not
        finite.

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
