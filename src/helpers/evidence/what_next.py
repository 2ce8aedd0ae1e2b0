"""What came after the article: readings of the criteria, from later data alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.data.chips import load_chips
from helpers.data.facts import load_fundamentals
from helpers.data.ledger import load_ledger
from helpers.data.nvidia_revenue import load_nvidia_revenue
from helpers.data.prices import load_returns
from helpers.errors import StudyError
from helpers.evidence.domestic_alternatives import Choices, DomesticAlternatives
from helpers.evidence.forward_criteria import (
    CRITERIA,
    LAST_BASELINE,
    PUBLISHED,
    Criterion,
)
from helpers.evidence.reactions import BASKETS, basket_returns

HAC_LAGS = 5
# How much harder the ratios are made to see what hangs on a threshold.
HARDER = 0.1
OUTCOMES = ("met", "in between", "turned around", "no reading")
TOOL_NEWS = "controls on tools and software"
TOOL_EVENTS = (
    "bis-2024-12-02-rules",
    "eda-export-curbs",
    "veu-revocation",
    "domestic-tool-50pct-rule",
)
TOOL_BASKETS = ("mainland tool makers", "Hong Kong foundries", "US tool makers")
CHIPS_NAMED = "Ascend|Cambricon|domestic-chip|Chinese chips"


def tool_study(**options: object) -> DomesticAlternatives:
    """How tool makers and foundries met the news on tools and software."""
    choices = Choices(groups={TOOL_NEWS: TOOL_EVENTS}, alone=(), baskets=TOOL_BASKETS)
    return DomesticAlternatives(choices, **options)  # type: ignore[arg-type]


class WhatNext:
    """The readings of every criterion.

    Parameters
    ----------
    fundamentals, nvidia_revenue, chips, ledger : DataFrame, optional
        As their loaders give them; by default the bundled data.
    returns : dict of basket name to DataFrame, optional
        A basket's return beside its benchmark's, decimal.
    """

    def __init__(
        self,
        fundamentals: pd.DataFrame | None = None,
        nvidia_revenue: pd.DataFrame | None = None,
        chips: pd.DataFrame | None = None,
        ledger: pd.DataFrame | None = None,
        returns: dict[str, pd.DataFrame] | None = None,
    ) -> None:
        self.fundamentals = (
            load_fundamentals() if fundamentals is None else fundamentals
        )
        self.nvidia_revenue = (
            load_nvidia_revenue("headquarters")
            if nvidia_revenue is None
            else nvidia_revenue
        )
        self.chips = load_chips() if chips is None else chips
        self.ledger = load_ledger() if ledger is None else ledger
        self._returns = returns or {}

    def returns(self, basket: str) -> pd.DataFrame:
        """A basket beside its benchmark, to the last session of all its members."""
        if basket in self._returns:
            return self._returns[basket]
        members = load_returns(list(BASKETS[basket].symbols))
        end = min(members[name].last_valid_index() for name in members)
        return basket_returns(BASKETS[basket]).loc[:end]

    def before(self, entity: str, metric: str, start: str, end: str) -> float:
        """Sum or single figure of verified periods known at publication.

        Raises
        ------
        StudyError
            If the span ends after the last baseline.
        """
        if pd.Timestamp(end) > LAST_BASELINE:
            raise StudyError(f"{metric} of {entity} to {end} was not out by then.")
        return self._span(entity, metric, start, end)

    def after(self, entity: str, metric: str, start: str, end: str) -> float:
        """The same for a span that begins after publication.

        Raises
        ------
        StudyError
            If the span begins before publication.
        """
        if pd.Timestamp(start) <= PUBLISHED:
            raise StudyError(f"{metric} of {entity} from {start} is not later news.")
        return self._span(entity, metric, start, end)

    def _span(self, entity: str, metric: str, start: str, end: str) -> float:
        """Verified periods that fill a span, summed; NaN unless they fill it."""
        table = self.fundamentals
        rows = table[
            (table["entity"] == entity)
            & (table["metric"] == metric)
            & (table["verification"] == "verified")
            & (table["period_start"] >= pd.Timestamp(start))
            & (table["period_end"] <= pd.Timestamp(end))
            & table["value"].notna()
        ]
        whole = rows[
            (rows["period_start"] == pd.Timestamp(start))
            & (rows["period_end"] == pd.Timestamp(end))
        ]
        if len(whole):
            return float(whole["value"].iloc[0])
        quarters = rows[rows["period"] == "quarter"].sort_values("period_start")
        days = (quarters["period_end"] - quarters["period_start"]).dt.days + 1
        wanted = (pd.Timestamp(end) - pd.Timestamp(start)).days + 1
        return float(quarters["value"].sum()) if days.sum() == wanted else np.nan

    def later_events(self, criterion: Criterion) -> pd.DataFrame:
        """Verified ledger events after publication and up to the last day read."""
        day = self.ledger["announced_at"].map(
            lambda instant: pd.Timestamp(instant.date())
        )
        inside = (day > PUBLISHED) & (day <= pd.Timestamp(criterion.read_by))
        return self.ledger[inside & (self.ledger["verification"] == "verified")]

    def _capital_spending(self, _: Criterion) -> tuple[float, float]:
        year = self.before("SMIC", "capex", "2024-01-01", "2024-12-31")
        return year / 2, self.after("SMIC", "capex", "2026-01-01", "2026-06-30")

    def _smic_revenue(self, _: Criterion) -> tuple[float, float]:
        base = self.before("SMIC", "revenue", "2025-01-01", "2025-06-30")
        return base, self.after("SMIC", "revenue", "2026-01-01", "2026-06-30")

    def _utilisation(self, _: Criterion) -> tuple[float, float]:
        base = self.before("SMIC", "utilisation", "2025-04-01", "2025-06-30")
        return base, self.after("SMIC", "utilisation", "2026-04-01", "2026-06-30")

    def _sales_in_china(self, _: Criterion) -> tuple[float, float]:
        metric = "china_share_of_revenue"
        base = self.before("SMIC", metric, "2025-04-01", "2025-06-30")
        return base, self.after("SMIC", metric, "2026-01-01", "2026-03-31")

    def _cambricon(self, _: Criterion) -> tuple[float, float]:
        base = self.before("Cambricon", "revenue", "2025-01-01", "2025-06-30")
        return base, self.after("Cambricon", "revenue", "2026-01-01", "2026-06-30")

    def _nvidia_china(self, criterion: Criterion) -> tuple[float, float]:
        """Both figures from the later filing, which recast the earlier quarter."""
        table = self.nvidia_revenue
        verified = table[table["verification"] == "verified"]["china_usd_m"]
        late = pd.Timestamp(criterion.read_by)
        year_before = pd.Timestamp("2025-04-27")
        return tuple(verified.get(day, np.nan) for day in (year_before, late))

    def _models(self, criterion: Criterion) -> tuple[float, float]:
        return np.nan, float(len(self._releases(criterion)))

    def _releases(self, criterion: Criterion) -> pd.DataFrame:
        rows = self.later_events(criterion)
        by_deepseek = rows["firms"].map(lambda firms: "DeepSeek" in firms)
        named = rows["title"].str.contains("DeepSeek") | by_deepseek
        return rows[(rows["type"] == "model-release") & named]

    def _for_chinese_chips(self, criterion: Criterion) -> tuple[float, float]:
        rows = self._releases(criterion)
        words = rows["title"] + " " + rows["description"]
        return np.nan, float(words.str.contains(CHIPS_NAMED).sum())

    def _listings(self, criterion: Criterion) -> tuple[float, float]:
        rows = self.later_events(criterion)
        chosen = (rows["type"] == "funding") & (rows["actor"] == "chinese-firm")
        return np.nan, float(chosen.sum())

    def _guidance(self, criterion: Criterion) -> tuple[float, float]:
        return np.nan, float(self._beijing(criterion, "procurement-guidance"))

    def _approvals(self, criterion: Criterion) -> tuple[float, float]:
        return np.nan, float(self._beijing(criterion, "relaxation"))

    def _beijing(self, criterion: Criterion, kind: str) -> int:
        rows = self.later_events(criterion)
        nvidia = rows["symbols"].map(lambda symbols: "NVDA" in symbols)
        own = rows["actor"] == "chinese-government"
        return int(((rows["type"] == kind) & own & nvidia).sum())

    def _sure(self, name: str) -> float:
        """Processing performance of a chip; NaN unless it is verified."""
        row = self.chips.loc[name]
        return np.nan if "tpp" in row["unverified"] else float(row["tpp"])

    def _roadmap(self, criterion: Criterion) -> tuple[float, float]:
        shown = self.chips.loc["huawei-atlas-350"]
        in_time = PUBLISHED < shown["announced_last"] <= pd.Timestamp(criterion.read_by)
        promised = self._sure("huawei-ascend-950pr")
        return promised, self._sure("huawei-atlas-350") if in_time else 0.0

    def _stronger(self, criterion: Criterion) -> tuple[float, float]:
        table = self.chips
        sure = table["unverified"].map(lambda fields: "tpp" not in fields)
        own = table[(table["country"] == "CN") & sure & table["tpp"].notna()]
        own = own[own["availability"] == "actual"]
        first = own["available_first"]
        by_then = own[own["available_last"] <= PUBLISHED]["tpp"]
        later = own[(first > PUBLISHED) & (first <= pd.Timestamp(criterion.read_by))]
        return float(by_then.max()), float(later["tpp"].max())

    def excess(self, basket: str, criterion: Criterion) -> pd.Series:
        """Daily log return of a basket beyond its market, after publication."""
        table = np.log1p(self.returns(basket).dropna())
        later = table.loc[PUBLISHED + pd.Timedelta(days=1) : criterion.read_by]
        return later[basket] - later[BASKETS[basket].benchmark]

    def _t_statistic(self, basket: str, criterion: Criterion) -> tuple[float, float]:
        """Cumulative excess log return, and the t of its mean (Newey and West)."""
        import statsmodels.api as sm

        series = self.excess(basket, criterion)
        fit = sm.OLS(series.to_numpy(), np.ones(len(series))).fit(
            cov_type="HAC", cov_kwds={"maxlags": HAC_LAGS}
        )
        return float(series.sum()), float(fit.tvalues[0])

    def _foundry_shares(self, criterion: Criterion) -> tuple[float, float]:
        return self._t_statistic("Hong Kong foundries", criterion)

    def _chip_shares(self, criterion: Criterion) -> tuple[float, float]:
        return self._t_statistic("mainland chip names", criterion)

    @cached_property
    def _readers(self) -> dict[str, Callable[[Criterion], tuple[float, float]]]:
        return {
            "smic-capital-spending": self._capital_spending,
            "smic-revenue": self._smic_revenue,
            "smic-utilisation": self._utilisation,
            "smic-sales-in-china": self._sales_in_china,
            "open-models": self._models,
            "new-listings": self._listings,
            "foundry-shares": self._foundry_shares,
            "cambricon-doubles": self._cambricon,
            "nvidia-china-halves": self._nvidia_china,
            "roadmap-kept": self._roadmap,
            "stronger-part": self._stronger,
            "runs-on-chinese-chips": self._for_chinese_chips,
            "guidance-goes-on": self._guidance,
            "no-approval": self._approvals,
            "chip-shares": self._chip_shares,
        }

    @cached_property
    def scoreboard(self) -> pd.DataFrame:
        """Every criterion with its reading.

        Returns
        -------
        DataFrame
            Indexed by criterion_id: claim_id, label, question, measure, supports,
            reverses, rising, read_by, source, baseline (known at publication; of
            the t statistics the cumulative excess log return), later (the later
            figure), reading (what is held against the thresholds), outcome, and
            harder: the outcome if ratios had to be a tenth further.
        """
        rows = {}
        for criterion in CRITERIA:
            base, later = self._readers[criterion.criterion_id](criterion)
            reading = {
                "ratio": later / base,
                "difference": later - base,
            }.get(criterion.measure, later)
            rows[criterion.criterion_id] = {
                **{
                    name: getattr(criterion, name)
                    for name in criterion.__dataclass_fields__
                    if name != "criterion_id"
                },
                "baseline": base,
                "later": later,
                "reading": reading,
                "outcome": outcome(criterion, reading),
                "harder": outcome(criterion, reading, HARDER),
            }
        return pd.DataFrame.from_dict(rows, orient="index")


def outcome(criterion: Criterion, reading: float, harder: float = 0.0) -> str:
    """How a reading stands to a criterion: one of :data:`OUTCOMES`.

    Parameters
    ----------
    criterion : Criterion
    reading : float
    harder : float
        By what share a ratio must go beyond its threshold to meet it.
    """
    if np.isnan(reading):
        return "no reading"
    sign = 1 if criterion.rising else -1
    supports = criterion.supports
    if criterion.measure == "ratio":
        supports *= 1 + sign * harder
    if sign * reading >= sign * supports:
        return "met"
    if criterion.reverses is not None and sign * reading <= sign * criterion.reverses:
        return "turned around"
    return "in between"
