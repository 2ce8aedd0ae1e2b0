"""Does China buy less from the US? Revenue, market shares and approvals."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import pandas as pd

from helpers.data.facts import fundamentals_series, load_fundamentals
from helpers.data.ledger import load_ledger
from helpers.data.nvidia_revenue import load_nvidia_revenue
from helpers.errors import StudyError

BASES = ("billing", "headquarters")
VENDORS, MARKET = "Chinese vendors", "China"


class Reliance:
    """Verified figures on what China buys from abroad.

    Parameters
    ----------
    data_dir : path, optional
        Folder of the fact tables and the ledger; default the bundled data.
    """

    def __init__(self, data_dir: Path | str | None = None) -> None:
        self.data_dir = data_dir

    @cached_property
    def nvidia_years(self) -> dict[str, pd.DataFrame]:
        """China in Nvidia's fiscal years by basis: china_usd_m, china_share."""
        return {basis: self._nvidia(basis, "year") for basis in BASES}

    @cached_property
    def nvidia_quarters(self) -> pd.DataFrame:
        """The same by quarter, customer headquarters, verified ones only."""
        return self._nvidia("headquarters", "quarter")

    def _nvidia(self, basis: str, period: str) -> pd.DataFrame:
        table = load_nvidia_revenue(
            basis, period=period, verified_only=True, data_dir=self.data_dir
        )
        table = table.dropna(subset=["china_share"])
        if len(table) < 2:
            raise StudyError(
                f"Nvidia's revenue from China by {basis} has {len(table)} verified "
                f"{period}s: two are needed to see it rise or fall."
            )
        return table.set_index("fiscal")

    @cached_property
    def last_quarters(self) -> pd.DataFrame:
        """The last verified quarter and the same one a year before."""
        table = self.nvidia_quarters
        last = table.index[-1]
        year, quarter = last.removeprefix("FY").split()
        before = f"FY{int(year) - 1} {quarter}"
        if before not in table.index:
            raise StudyError(f"There is no verified {before} to hold {last} against.")
        return table.loc[[before, last]]

    @cached_property
    def domestic_share(self) -> pd.Series:
        """Chinese vendors' share of their home market by year, one house.

        For 2023 the house gives a share of sales; for 2025 it gives supply of
        Chinese vendors and of all.
        """
        table = load_fundamentals(verified_only=True, data_dir=self.data_dir)
        table = table[table["basis"] == "estimate"].dropna(subset=["value"])
        keyed = table.set_index(["entity", "metric"])

        def one(entity: str, metric: str) -> pd.Series:
            if (entity, metric) not in keyed.index:
                raise StudyError(f"{metric} of {entity} has no verified estimate.")
            return keyed.loc[[(entity, metric)]].iloc[0]

        early = one(VENDORS, "china_ai_chip_sales_share_bernstein")
        supply = one(MARKET, "china_ai_chip_supply_bernstein")
        market = one(MARKET, "china_ai_chip_market_bernstein")
        return pd.Series(
            {
                early["period_end"].year: early["value"],
                supply["period_end"].year: supply["value"] / market["value"],
            }
        )

    @cached_property
    def foundry_share(self) -> pd.Series:
        """Share of SMIC's revenue that comes from China, by end of quarter."""
        table = fundamentals_series(
            "SMIC",
            "china_share_of_revenue",
            period="quarter",
            verified_only=True,
            data_dir=self.data_dir,
        )
        return table["value"].dropna()

    @cached_property
    def approvals(self) -> pd.DataFrame:
        """Verified steps of Beijing's that let purchases from the US through."""
        ledger = load_ledger(self.data_dir)
        chosen = (
            (ledger["actor"] == "chinese-government")
            & (ledger["type"] == "relaxation")
            & (ledger["verification"] == "verified")
        )
        return ledger[chosen]

    @property
    def nvidia_falls(self) -> dict[str, bool]:
        """Whether the last fiscal year's share is below that before, by basis."""
        return {
            basis: bool(table["china_share"].iloc[-1] < table["china_share"].iloc[-2])
            for basis, table in self.nvidia_years.items()
        }

    @property
    def domestic_rises(self) -> bool:
        """Whether the later estimate is above the earlier one."""
        return bool(self.domestic_share.iloc[-1] > self.domestic_share.iloc[0])
