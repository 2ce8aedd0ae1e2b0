"""Announced accelerators against the lines that the export controls draw."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from helpers.data.chips import load_chips
from helpers.data.thresholds import load_thresholds

ROADMAP_DAY = pd.Timestamp("2025-09-18")
LAST_DAY = pd.Timestamp("2029-06-30")
METRICS = ("tpp", "performance_density")
MAKERS = {"Huawei": "Huawei", "Nvidia": "Nvidia", "AMD": "AMD"}
OTHERS = "other Chinese makers"


class Accelerators:
    """Chips and thresholds, read for the chapter.

    Parameters
    ----------
    chips, thresholds : DataFrame, optional
        As ``load_chips`` and ``load_thresholds`` give them; by default the
        bundled data.
    """

    def __init__(
        self,
        chips: pd.DataFrame | None = None,
        thresholds: pd.DataFrame | None = None,
    ) -> None:
        self.chips = load_chips() if chips is None else chips
        self.thresholds = load_thresholds() if thresholds is None else thresholds

    @cached_property
    def points(self) -> pd.DataFrame:
        """Chips whose processing performance and date are known.

        Returns
        -------
        DataFrame
            Indexed by chip_id: name, maker, date (middle of the span in which it
            became or is to become available; of the announcement if it never
            did), tpp, tpp_low, tpp_high, performance_density, kind ("actual",
            "planned" or "never"), doubtful (the figure is not verified) and
            density_doubtful.
        """
        table = self.chips[self.chips["tpp"].notna()]
        never = table["availability"] == "never"
        first = table["available_first"].where(~never, table["announced_first"])
        last = table["available_last"].where(~never, table["announced_last"])
        out = pd.DataFrame(
            {
                "name": table["name"],
                "maker": table["vendor"].map(MAKERS).fillna(OTHERS),
                "date": first + (last - first) / 2,
                "tpp": table["tpp"],
                "tpp_low": table["tpp_low"],
                "tpp_high": table["tpp_high"],
                "performance_density": table["performance_density"],
                "kind": table["availability"],
                "doubtful": _names(table["unverified"], "tpp"),
                "density_doubtful": _names(table["unverified"], "performance_density"),
            }
        )
        return out[out["date"].notna()].sort_values("date", kind="stable")

    @cached_property
    def undisclosed(self) -> pd.DataFrame:
        """Chinese chips without a known processing performance: name, maker."""
        chinese = self.chips[self.chips["country"] == "CN"]
        missing = chinese[chinese["tpp"].isna()]
        return missing[["name", "vendor"]]

    def lines(self, metric: str) -> pd.DataFrame:
        """Threshold lines of one metric over the time they apply.

        Parameters
        ----------
        metric : {"tpp", "performance_density"}

        Returns
        -------
        DataFrame
            One row a line: value, first, last, effect, rule_id. Rules of
            licence or denial and of case-by-case review on data-centre chips;
            the letters, whose numbers are not public, are left out, and
            a line with no last day is drawn to the end.
        """
        table = self.thresholds
        bounds = table["operator"].isin(["ge", "gt"])
        bounds |= table["effect"] == "case-by-case"
        chosen = table[
            (table["metric"] == metric)
            & table["value"].notna()
            & (table["value_from_chip"] == "")
            & (table["applies_to"] == "data-centre-chips")
            & ~table["effect"].str.startswith("tariff")
            & bounds
        ]
        out = pd.DataFrame(
            {
                "value": chosen["value"],
                "first": chosen["applies_first"],
                "last": chosen["applies_last"].fillna(LAST_DAY),
                "effect": chosen["effect"],
                "rule_id": chosen["rule_id"],
            }
        )
        # A value that two paragraphs share is one line.
        return out.drop_duplicates(["value", "first", "last"]).reset_index(drop=True)

    @cached_property
    def licence_line(self) -> float:
        """The processing performance at which the rule in force denies a chip."""
        lines = self.lines("tpp")
        in_force = lines[
            (lines["first"] <= ROADMAP_DAY)
            & (lines["last"] > ROADMAP_DAY)
            & (lines["effect"] == "licence-denial")
        ]
        return float(in_force["value"].max())

    def _sure(self, maker: str) -> pd.DataFrame:
        points = self.points
        return points[(points["maker"] == maker) & ~points["doubtful"]]

    @cached_property
    def nvidia_best(self) -> pd.Series:
        """Nvidia's strongest verified part on sale when the roadmap was shown."""
        rows = self._sure("Nvidia")
        on_sale = rows[(rows["kind"] == "actual") & (rows["date"] <= ROADMAP_DAY)]
        return on_sale.loc[on_sale["tpp"].idxmax()]

    @cached_property
    def nvidia_for_china(self) -> pd.Series:
        """The part made for China under the rules of 2023."""
        return self.points.loc["nvidia-h20"]

    @cached_property
    def roadmap(self) -> pd.DataFrame:
        """Huawei's planned parts in the order in which they are due."""
        rows = self._sure("Huawei")
        return rows[rows["kind"] == "planned"].sort_values("date", kind="stable")

    @cached_property
    def huawei_best(self) -> pd.Series:
        """Huawei's strongest verified part that was on sale by the roadmap."""
        rows = self._sure("Huawei")
        on_sale = rows[(rows["kind"] == "actual") & (rows["date"] <= ROADMAP_DAY)]
        return on_sale.loc[on_sale["tpp"].idxmax()]


def _names(unverified: pd.Series, field: str) -> list[bool]:
    """Whether each chip's unverified fields name this one."""
    return [field in fields for fields in unverified]
