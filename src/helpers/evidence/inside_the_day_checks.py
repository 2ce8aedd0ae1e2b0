"""What the method does where nothing happened, and where something is put in."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from helpers.evidence.inside_the_day import HOUR, SIZE, InsideTheDay, spans
from helpers.inference.bootstrap import two_sided_share
from helpers.inference.intraday.jumps import jump_rule
from helpers.inference.intraday.result import IntradayStudy
from helpers.inference.intraday.study import session_events
from helpers.inference.power import detectable_effect, power_of_t

INJECTED_AT = (HOUR, 3 * HOUR, 5 * HOUR)  # the bars to 10:30, 12:30 and 14:30
MULTIPLES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0)


class MethodChecks:
    """Clear sessions as if each were an event.

    Parameters
    ----------
    day : InsideTheDay
    """

    def __init__(self, day: InsideTheDay) -> None:
        self.day = day

    @cached_property
    def null(self) -> dict[str, IntradayStudy]:
        """Every clear session as if it were an event, by benchmark."""
        events = session_events(self.day.clear, self.day.grid)
        return {
            symbol: self.day.study(symbol, events) for symbol in self.day.benchmarks
        }

    @cached_property
    def statistics(self) -> pd.DataFrame:
        """CAR over its scale, of each part of each clear session.

        Sessions x (benchmark, part), in order of date.
        """
        columns = {}
        for symbol, study in self.null.items():
            abnormal, scales = study.model.abnormal(), study.model.scales
            for part, (first, last) in spans(study).items():
                values = []
                for number, window in enumerate(study.bounds(first, last)):
                    where = study.stretch(number, *window)
                    size = np.sqrt((scales[where.row, where.slots] ** 2).sum())
                    values.append(abnormal[where.row, where.slots].sum() / size)
                columns[symbol, part] = values
        sessions = pd.DatetimeIndex(next(iter(self.null.values())).events["session"])
        table = pd.DataFrame(columns, index=sessions)
        return table.rename_axis(columns=["benchmark", "part"])

    @cached_property
    def p_values(self) -> pd.DataFrame:
        """Placebo p-value of every second clear session against the others.

        No session is held against itself or one that is tested, so that the
        p-values are not uniform by construction. Columns as :attr:`statistics`.
        """
        tested, reference = self.statistics.iloc[::2], self.statistics.iloc[1::2]
        return pd.DataFrame(
            {
                column: [
                    two_sided_share(one, reference[column].to_numpy())
                    for one in tested[column]
                ]
                for column in tested
            },
            index=tested.index,
        ).rename_axis(columns=["benchmark", "part"])

    @cached_property
    def false_alarms(self) -> pd.DataFrame:
        """How often the two tests reject at 5 % on clear sessions.

        Indexed by (benchmark, part): ``hac`` and ``placebo``, shares; ``sessions``;
        ``alternate_p`` and ``halves_p``, the two-sample Kolmogorov-Smirnov p-values
        of every second clear session against the others and of the earlier half
        against the later. Placebo p-values are uniform if both samples are from one
        distribution.
        """
        from scipy.stats import ks_2samp

        rows = {}
        for symbol, study in self.null.items():
            for part, (first, last) in spans(study).items():
                values = self.statistics[symbol, part].to_numpy()
                half = len(values) // 2
                rejected = self.p_values[symbol, part] < SIZE
                rows[symbol, part] = {
                    "hac": float((study.car(first, last)["p_value"] < SIZE).mean()),
                    "placebo": float(rejected.mean()),
                    "sessions": len(values),
                    "alternate_p": float(ks_2samp(values[::2], values[1::2]).pvalue),
                    "halves_p": float(ks_2samp(values[:half], values[half:]).pvalue),
                }
        table = pd.DataFrame.from_dict(rows, orient="index")
        table.index = pd.MultiIndex.from_tuples(list(rows), names=["benchmark", "part"])
        return table

    @cached_property
    def power(self) -> pd.DataFrame:
        """Share of injected jumps that are found, beside what was promised.

        A jump is added to one bar of each clear session, at three times of the day,
        in units of that session's smallest effect that the t test promises to find
        with 80 % power. Against the market.

        Returns
        -------
        DataFrame
            By multiple of that unit: ``promised``, the mean power by the t
            distribution; ``known``, the share found by a test of the right bar;
            ``searched``, the share in which that bar is the session's largest and
            stands out, and ``promised_search``, what a normal variable would give;
            ``effect``, the mean size of the jump (decimal).
        """
        from scipy.special import ndtr, stdtr

        study = self.null[self.day.choices.market]
        grid = self.day.grid
        rule = jump_rule(study.model)
        at = grid.sessions.get_indexer(pd.DatetimeIndex(study.events["session"]))
        full = grid.bars[at] == grid.bars.max()
        abnormal, scale = study.model.abnormal()[at], study.model.scales[at]
        sizes = np.abs(abnormal / scale)
        units: dict[float, float] = {}
        parts = []
        for slot in INJECTED_AT:
            cars = study.car(slot, slot)
            df, se = cars["df"].to_numpy(), cars["se"].to_numpy()
            for one in set(df) - set(units):
                units[one] = detectable_effect(1.0, one)
            unit = np.array([units[one] for one in df])
            others = np.delete(sizes[:, 1:], slot - 1, axis=1).max(axis=1)
            for multiple in MULTIPLES:
                effect = multiple * unit
                promised = {
                    one: power_of_t(multiple * units[one], 1.0, one) for one in set(df)
                }
                t = cars["t"].to_numpy() + effect
                usual = scale[:, slot]
                moved = np.abs(abnormal[:, slot] + effect * se) / usual
                table = pd.DataFrame(
                    {
                        "multiple": multiple,
                        "promised": [promised[one] for one in df],
                        "known": 2 * stdtr(df, -np.abs(t)) < SIZE,
                        "searched": moved > np.maximum(rule.threshold, others),
                        "promised_search": ndtr(effect * se / usual - rule.threshold),
                        "effect": effect * se,
                    }
                )
                parts.append(table[full])
        return pd.concat(parts).groupby("multiple").mean()
