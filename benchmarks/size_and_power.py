"""Which test decides a leg of a claim: size and power of the candidates.

``python benchmarks/size_and_power.py`` draws pseudo-events from ordinary dates of the
legs in ``data/claim_legs.csv``: as many dates as the leg has, on the same series,
with the same window, with and without an effect. It prints how often each candidate
rejects at 5 % and writes ``build/size_and_power.json``. Same seed, same figures.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import stdtr
from tqdm import tqdm

from helpers import load_claim_legs, load_groups, study_leg
from helpers.inference.claims import clear_of_news
from helpers.inference.groups import overlapping_groups
from helpers.inference.null import (
    VOLATILITY_SESSIONS,
    free_sessions,
    log_volatility,
    nearest_in_volatility,
)
from helpers.inference.readings import ALPHA, Reading
from helpers.inference.study_readings import event_error
from helpers.study.panel import usable_fits

ROOT = Path(__file__).resolve().parents[1]
SEED = 20250829
DRAWS = 1000
NEAR = 250  # sessions on either side that are the same period
WEEK = 5
EFFECTS = (0.0, 1.0, 2.0, 3.0)  # on each date, in sessions' residual deviations
CLASSES = {
    "one date": "one date, 1 to 6 sessions",
    "long": "one date, 21 or 61 sessions",
    "few": "3 to 5 dates",
    "many": "8 to 14 dates",
}
# The one that is used is built from the parts of the reading itself.
USED = "rescaled, error up to date"


@dataclass(frozen=True)
class Dates:
    """A leg's CARs on every ordinary date, and what the candidates ask about each.

    Attributes
    ----------
    at : (P,) session number
    car, sigma, error, recent, dof, volatility : (P,)
    regimes : name to (P,) of bool
    count, length : independent dates of the leg and sessions of its window
    mixed : bool, the claim expects gains on some dates and losses on others
    """

    at: np.ndarray
    car: np.ndarray
    sigma: np.ndarray
    error: np.ndarray
    recent: np.ndarray
    dof: np.ndarray
    volatility: np.ndarray
    regimes: dict[str, np.ndarray]
    count: int
    length: int
    mixed: bool

    @property
    def kind(self) -> str:
        """Class of legs by number of dates and window."""
        if self.count == 1:
            return "long" if self.length > 10 else "one date"
        return "few" if self.count <= 5 else "many"


def ordinary_dates(leg: pd.Series) -> Dates:
    """Fit a leg's series once on all its ordinary dates."""
    fit = study_leg(leg).fit
    first, last = span = fit.design.windows.event
    (sample,), sessions = fit.design.samples, fit.design.timeline.dates
    symbols = load_groups(leg["group"]).iloc[0]["symbols"]
    news = clear_of_news(symbols, last - first)
    free = free_sessions(sessions, fit.places(*span)[:, [0, -1]], news)
    start = -fit.design.windows.estimation[0]
    at = np.arange(start, len(sessions) - last)
    at = at[[free[day + first : day + last + 1].all() for day in at]]
    nought = np.zeros(len(at), dtype=int)
    every = fit.design.fit(nought, nought, at)
    spread = log_volatility(sample.y[0], VOLATILITY_SESSIONS)[at + first]
    kept = usable_fits(every) & np.isfinite(spread)
    every, at, spread = every.keep(kept), at[kept], spread[kept]
    sigma = every.estimates.sigma
    year = pd.Series(sessions[at].year)
    of_year = pd.Series(sigma).groupby(year).mean()
    stormy = year.map(of_year > of_year.median()).to_numpy()
    week = log_volatility(sample.y[0], WEEK)[at + first] - np.log(sigma)
    quiet, wild = np.nanquantile(week, [0.2, 0.8])
    return Dates(
        at=at,
        car=every.car(*span),
        sigma=sigma,
        error=every.car_error(*span),
        recent=event_error(every, *span),
        dof=every.estimates.dof,
        volatility=spread,
        regimes={
            "any date": np.ones(len(at), dtype=bool),
            "calm years": ~stormy,
            "stormy years": stormy,
            "after a quiet week": week < quiet,
            "after a wild week": week > wild,
        },
        count=overlapping_groups(fit, *span).count,
        length=last - first + 1,
        mixed=leg["sign"] not in ("+", "-"),
    )


def chance(
    d: Dates, events: np.ndarray, sign: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Effects of a leg on placebo dates by each candidate that draws them."""
    out: dict[str, np.ndarray] = {}
    for event, turn in zip(events, sign, strict=True):
        away = np.abs(d.at - d.at[event])
        every = np.flatnonzero(away >= d.length)
        near = every[away[every] <= NEAR]
        alike = nearest_in_volatility(every, d.volatility[every], d.volatility[event])
        one = np.ones(len(d.at))
        for name, pool, scale, unit in (
            ("plain", every, one, 1.0),
            ("standardised", every, d.error, 1.0),
            ("rescaled to the event's error", every, d.error, d.error[event]),
            ("matched on volatility", alike, one, 1.0),
            ("matched and rescaled", alike, d.error, d.error[event]),
            ("same period", near, one, 1.0),
            ("same period, rescaled", near, d.error, d.error[event]),
            (USED, every, d.recent, d.recent[event]),
        ):
            if len(events) > 1:
                pool = pool[rng.integers(len(pool), size=DRAWS)]
            drawn = turn * unit * d.car[pool] / scale[pool] / len(events)
            out[name] = out.get(name, 0.0) + drawn
    return out


def by_dates(d: Dates, events: np.ndarray, moved: np.ndarray) -> tuple[float, float]:
    """Two-sided and lower p of KP by dates, or of the exact t of one date."""
    scaled = moved / d.error[events]
    if len(events) == 1:
        t, df = scaled[0], d.dof[events[0]]
    else:
        t = scaled.mean() / (scaled.std(ddof=1) / np.sqrt(len(events)))
        df = len(events) - 1
    return 2 * float(stdtr(df, -abs(t))), float(stdtr(df, t))


def trials(
    d: Dates, studies: int, rng: np.random.Generator
) -> Iterator[dict[str, object]]:
    """One row a pseudo-event, candidate and effect: does it reject?"""
    for regime, where in d.regimes.items():
        among = np.flatnonzero(where)
        if d.count == 1:
            drawn = [np.array([one]) for one in among]
        else:
            drawn = [rng.choice(among, d.count, replace=False) for _ in range(studies)]
        for events in drawn:
            sign = rng.choice([-1, 1], d.count) if d.mixed else np.ones(d.count)
            sigma = float(d.sigma[events].mean())
            null = chance(d, events, sign, rng)
            legs = {
                name: Reading(0.0, draws, smallest=sigma)
                for name, draws in null.items()
            }
            for effect in EFFECTS:
                moved = sign * d.car[events] + effect * sigma
                found = {}
                for name, leg in legs.items():
                    scale = d.error[events] if name == "standardised" else 1.0
                    seen = float((moved / scale).mean())
                    low, high = leg.bounds()
                    # With a true effect of `smallest` the test of equivalence sees it
                    # and takes it off again: the lower tail of no effect.
                    lower = leg.excluded_below() - sigma
                    found[name] = (not low <= seen <= high, seen < lower)
                two, lower = by_dates(d, events, moved)
                found["KP by dates, t of one date"] = (two < ALPHA, lower < ALPHA)
                for name, (rejects, excludes) in found.items():
                    yield {
                        "test": name,
                        "regime": regime,
                        "effect": effect,
                        "rejected": rejects,
                        "excluded": excludes,
                    }
            seen = float((sign * d.car[events]).mean())
            found_it = seen + legs[USED].detectable() > legs[USED].bounds()[1]
            yield {
                "test": USED,
                "regime": regime,
                "effect": np.nan,
                "rejected": found_it,
                "excluded": False,
            }


def legs_of_cars() -> pd.DataFrame:
    """One leg of each series, market, model, window and set of events."""
    legs = load_claim_legs()
    legs = legs[(legs["kind"] == "prices") & (legs["measure"] == "car")]
    return legs.drop_duplicates(
        ["group", "benchmark", "model", "events", "first", "last"]
    )


def measure(studies: int) -> pd.DataFrame:
    """Share rejected by class of legs, test, regime and effect, each leg alike."""
    rng = np.random.default_rng(SEED)
    parts = []
    seen = set()
    for key, leg in tqdm(list(legs_of_cars().iterrows())):
        d = ordinary_dates(leg)
        same = (leg["group"], leg["benchmark"], leg["model"], d.count, d.length)
        if same in seen:
            continue
        seen.add(same)
        rows = pd.DataFrame(trials(d, studies, rng))
        by = ["test", "regime", "effect"]
        found = rows.groupby(by, dropna=False, sort=False)[["rejected", "excluded"]]
        parts.append(found.mean().reset_index().assign(kind=d.kind, leg=str(key)))
    return pd.concat(parts, ignore_index=True)


def shown(rates: pd.DataFrame) -> str:
    """The table of each class in per cent."""
    out = []
    for kind, title in CLASSES.items():
        part = rates[rates["kind"] == kind]
        none = part[part["effect"] == 0]
        size = none.pivot_table(
            index="test", columns="regime", values="rejected", sort=False
        )
        worst = none.pivot_table(
            index=["test", "leg"], columns="regime", values="rejected"
        )
        size["farthest of a leg"] = (
            (worst - ALPHA).abs().max(axis=1).groupby("test").max()
        )
        size["equivalence, farthest regime"] = none.pivot_table(
            index="test", columns="regime", values="excluded"
        ).apply(lambda row: row.iloc[(row - ALPHA).abs().argmax()], axis=1)
        anywhere = part[part["regime"] == "any date"]
        for effect in EFFECTS[1:]:
            at = (
                anywhere[anywhere["effect"] == effect]
                .groupby("test")["rejected"]
                .mean()
            )
            size[f"finds {effect:g}"] = at
        promise = part[part["effect"].isna()].groupby("regime", sort=False)["rejected"]
        out.append(
            f"{title}, {part['leg'].nunique()} legs\n"
            f"{size.map('{:.1%}'.format).to_string()}\n"
            "found with an effect of the detectable size: "
            + ", ".join(f"{name} {rate:.0%}" for name, rate in promise.mean().items())
        )
    return "\n\n".join(out)


def main() -> None:
    """Simulate, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=1000)
    rates = measure(parser.parse_args().studies)
    print(shown(rates))
    (ROOT / "build").mkdir(exist_ok=True)
    rows = json.loads(rates.to_json(orient="records", double_precision=4))
    (ROOT / "build" / "size_and_power.json").write_text(json.dumps(rows, indent=0))


if __name__ == "__main__":
    main()
