"""What one share did on the Monday on which markets took notice of DeepSeek's R1."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from helpers.data.prices import load_returns
from helpers.inference.event_study import event_study
from helpers.study.events import event_mask, load_events
from helpers.study.windows import Window

MONDAY = "deepseek-monday"
SIZE = 0.05
WINDOWS: tuple[Window, ...] = ((0, 0), (0, 1), (-1, 1), (-5, 5))


class MondayAfterR1:
    """The share against two benchmarks, other events masked and not.

    Parameters
    ----------
    share, market, sector : str
        Symbols.
    estimation : (int, int)
        Estimation window, sessions relative to the Monday.
    returns : DataFrame, optional
        Decimal returns of the three, one column each; by default the bundled ones.
    """

    def __init__(
        self,
        share: str,
        market: str,
        sector: str,
        *,
        estimation: Window,
        returns: pd.DataFrame | None = None,
    ) -> None:
        self.share = share
        self.benchmarks = (market, sector)
        self.estimation = estimation
        if returns is None:
            returns = load_returns([share, market, sector])
        self.returns = returns

    @cached_property
    def table(self) -> pd.DataFrame:
        """The share under every specification.

        Returns
        -------
        DataFrame
            Indexed by benchmark, window and mask (bool): car, interval, p_value
            and placebo_p.
        """
        events = load_events(self.share, event_ids=MONDAY)
        left_out = event_mask(self.share, exclude=[MONDAY])
        rows = []
        for benchmark in self.benchmarks:
            for window in WINDOWS:
                for mask in (True, False):
                    study = event_study(
                        self.returns,
                        events,
                        benchmark=benchmark,
                        estimation=self.estimation,
                        window=(min(window[0], 0), max(window[1], 0)),
                        mask=left_out if mask else None,
                    )
                    rows.append(
                        {
                            "benchmark": benchmark,
                            "window": window,
                            "mask": mask,
                            **study.car(*window).iloc[0],
                            "placebo_p": study.placebo(*window).p_value,
                        }
                    )
        return pd.DataFrame(rows).set_index(["benchmark", "window", "mask"])

    def fell(self, benchmark: str, window: Window) -> bool:
        """Whether the share fell by exact t and placebo dates, masked and not."""
        rows = self.table.loc[(benchmark, [window]), :]
        fallen = (rows["car"] < 0) & (rows["p_value"] < SIZE)
        return bool((fallen & (rows["placebo_p"] < SIZE)).all())
