"""What the late-August studies come to: numbers, the answer, two verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.evidence.late_august import HORIZONS, POWER, SIZE, LateAugust
from helpers.evidence.verdict import Verdict
from helpers.evidence.wording import Figures, day

DIP_CRITERIA = (
    "Read over the window that the announcement could reach, [0, +1] from its first "
    "session. Supported: the abnormal return is negative with p below 0.05, by the "
    "exact t test and by placebo dates, against the market and against the sector. "
    "Partly supported: against the market only. Contradicted: the share closed no "
    "lower after those sessions than before them, and its largest fall from then to "
    "the end of August came on another session. Not supported: anything else."
)
SIGNAL_CRITERIA = (
    "Supported: from the announcement, or from the largest fall, the abnormal return "
    "is negative over 20 and over 60 sessions with p below 0.05, by the exact t test "
    "and by placebo dates, against market and sector. Partly supported: against the "
    "market, over one of the two. Contradicted: neither, and over 20 sessions the "
    "share gained on market and sector from both dates. Not supported: anything else."
)


@dataclass(frozen=True)
class LateAugustFindings:
    """The chapter's numbers and sentences.

    Attributes
    ----------
    figures : Figures
        Every number that the sentences state.
    answer : str
        The chapter's question answered in one sentence.
    verdicts : dict of claim_id to Verdict
    """

    figures: Figures
    answer: str
    verdicts: dict[str, Verdict]


def late_august_findings(study: LateAugust) -> LateAugustFindings:
    """Put the studies of late August into numbers, sentences and verdicts."""
    figures = Figures()
    _record(figures, study)
    return LateAugustFindings(
        figures=figures,
        answer=_answer(figures, study),
        verdicts={
            "nvidia-dip": _dip(figures, study),
            "dip-is-signal": _signal(figures, study),
        },
    )


def _record(figures: Figures, study: LateAugust) -> None:
    """Every number that the chapter states, in the order of its sections."""
    kinds = {study.choices.market: "market", study.choices.sector: "sector"}
    names = {study.choices.remark: "remark", study.choices.fall: "fall"}
    figures.share("size", SIZE, 0)
    figures.share("power", POWER, 0)
    figures.share("level", 1 - SIZE, 0)
    _record_span(figures, study, kinds)
    _record_events(figures, study, kinds, names)
    _record_paths(figures, study)
    _record_persistence(figures, study, kinds, names)
    _record_specifications(figures, study, names)
    _record_china(figures, study)


def _record_span(figures: Figures, study: LateAugust, kinds: dict[str, str]) -> None:
    for symbol, kind in {study.choices.symbol: "share", **kinds}.items():
        end = float(study.prices[symbol].iloc[-1])
        figures.percent(f"span_change_{kind}", end / 100 - 1, 0)
    for symbol, kind in kinds.items():
        weeks = study.weeks(symbol)
        clear = int((weeks["p_value"] < SIZE).sum())
        figures.count(f"sessions_significant_{kind}", clear)
        figures.percent(
            f"{kind}_change_remark_day", study.returns.loc[study.remark_day, symbol]
        )
        estimates = study.against[symbol].estimates.iloc[0]
        figures.number(f"{kind}_beta", estimates["beta"])
        figures.share(f"{kind}_sigma", estimates["sigma"], 2)
        figures.share(f"{kind}_alpha", estimates["alpha"], 2)
        figures.share(f"{kind}_detectable_two_days", study.power(symbol, 0, 1))
    figures.count("sessions", len(weeks))
    worst = study.worst
    figures.day("worst_day", worst["session"])
    figures.percent("worst_change", worst["change"])
    figures.percent("worst_sector_change", worst["sector_change"])
    figures.percent("worst_market_ar", worst["market_ar"])
    figures.percent("worst_sector_ar", worst["sector_ar"])
    figures.p_value("worst_sector_p", worst["sector_p"])


def _record_events(
    figures: Figures, study: LateAugust, kinds: dict[str, str], names: dict[str, str]
) -> None:
    dates = (study.remark_day, study.fall_day)
    for (event, name), date in zip(names.items(), dates, strict=True):
        figures.day(f"{name}_day", date)
        figures.percent(f"{name}_change_day", study.price_change(date, 1))
        figures.percent(f"{name}_change_two_days", study.price_change(date, 2))
        back = study.recovery(date)
        if back is not None:
            figures.count(f"{name}_sessions_to_recover", back)
        for benchmark, kind in kinds.items():
            for window, (first, last) in {"day": (0, 0), "two_days": (0, 1)}.items():
                row = study.car(event, benchmark, first, last)
                stem = f"{name}_{kind}_{window}"
                figures.percent(stem, row["car"])
                figures.percent(f"{stem}_low", row["ci_low"], 1)
                figures.percent(f"{stem}_high", row["ci_high"], 1)
                figures.p_value(f"{stem}_p", row["p_value"])
            chance = study.placebos[event, benchmark]
            figures.p_value(f"{name}_{kind}_placebo_p", chance.p_value)
            figures.count(f"{name}_{kind}_placebo_dates", chance.dates)


def _record_paths(figures: Figures, study: LateAugust) -> None:
    points = outside = 0
    for symbol, lines in study.paths.items():
        band = study.bands[symbol]
        for path in lines.values():
            beyond = (path["car"] < band["low"]) | (path["car"] > band["high"])
            points += len(path)
            outside += int(beyond.sum())
    figures.count("path_points", points)
    figures.count("path_points_outside", outside)


def _record_persistence(
    figures: Figures, study: LateAugust, kinds: dict[str, str], names: dict[str, str]
) -> None:
    table = study.persistence
    for (event, benchmark, model, horizon), row in table.iterrows():
        short = "model" if model == "market model" else "adjusted"
        stem = f"{names[event]}_{kinds[benchmark]}_{short}_{horizon}"
        figures.percent(stem, row["car"], 1)
        figures.percent(f"{stem}_low", row["ci_low"], 0)
        figures.percent(f"{stem}_high", row["ci_high"], 0)
        figures.p_value(f"{stem}_p", row["p_value"])
        figures.p_value(f"{stem}_placebo_p", row["placebo_p"])
    figures.count("persistence_rows", len(table))
    figures.count("persistence_significant", int((table["p_value"] < SIZE).sum()))


def _record_specifications(
    figures: Figures, study: LateAugust, names: dict[str, str]
) -> None:
    for event, name in names.items():
        rows = study.specifications.xs(event, level="event_id")
        clear = int((rows["p_value"] < SIZE).sum())
        figures.count(f"{name}_specifications", len(rows))
        figures.count(f"{name}_specifications_significant", clear)
        figures.percent(f"{name}_specifications_least", rows["car"].min())
        figures.percent(f"{name}_specifications_most", rows["car"].max())


def _record_china(figures: Figures, study: LateAugust) -> None:
    found, tests = study.china, study.china_tests
    figures.count("china_names", found.n_events)
    figures.count("china_skipped", len(found.skipped))
    figures.percent("china_caar_two_days", found.caar(0, 1)["caar"], 1)
    second = found.abnormal_returns[1]
    figures.percent("china_second_day_least", second.min(), 0)
    figures.percent("china_second_day_most", second.max(), 0)
    figures.count("china_second_day_gains", int((second > 0).sum()))
    for test in ("adjusted_bmp", "corrado", "placebo", "cross_sectional"):
        figures.p_value(f"china_{test}_p", tests.loc[test, "p_value"])


def _answer(figures: Figures, study: LateAugust) -> str:
    name = study.name
    dipped = study.significant_loss(study.choices.remark, study.choices.market)
    verb = "lost" if dipped else "did not measurably lose"
    remark = figures["remark_market_two_days"]
    interval = (
        f"{figures['level']} interval {figures['remark_market_two_days_low']} to "
        f"{figures['remark_market_two_days_high']}"
    )
    return (
        f"{name} {verb} value on the news: over the two sessions in New York that "
        f"it could reach from {figures['remark_day']} on, the share changed by "
        f"{figures['remark_change_two_days']} and its abnormal return against the "
        f"{study.benchmarks[study.choices.market]} was {remark} ({interval}, placebo "
        f"p {figures['remark_market_placebo_p']}); its largest fall of the days that "
        f"followed, {figures['worst_change']}, came on {figures['worst_day']}, when "
        f"the {study.benchmarks[study.choices.sector]} index changed by "
        f"{figures['worst_sector_change']}."
    )


def dip_word(market: bool, sector: bool, elsewhere: bool) -> str:
    """The verdict on the dip.

    Parameters
    ----------
    market, sector : bool
        Whether the share lost by more than chance, net of each.
    elsewhere : bool
        Whether it held its price then and fell most on another session.
    """
    if market and sector:
        return "supported"
    if market:
        return "partly supported"
    return "contradicted" if elsewhere else "not supported"


def _dip(figures: Figures, study: LateAugust) -> Verdict:
    chosen = study.choices
    against_market = study.significant_loss(chosen.remark, chosen.market)
    against_sector = study.significant_loss(chosen.remark, chosen.sector)
    word = dip_word(against_market, against_sector, fell_elsewhere(study))
    sentence = (
        f"On {figures['remark_day']} the share changed by "
        f"{figures['remark_change_day']} and the market by "
        f"{figures['market_change_remark_day']}; over two sessions the share changed "
        f"by {figures['remark_change_two_days']}, an abnormal return of "
        f"{figures['remark_market_two_days']} against the market "
        f"(p {figures['remark_market_two_days_p']}, placebo p "
        f"{figures['remark_market_placebo_p']}) and of "
        f"{figures['remark_sector_two_days']} against the sector "
        f"(p {figures['remark_sector_two_days_p']}). The largest fall up to the end "
        f"of the month, {figures['worst_change']} on {figures['worst_day']}, was "
        f"{figures['worst_sector_ar']} net of the sector "
        f"(p {figures['worst_sector_p']})."
    )
    if not against_market:
        sentence += (
            " One share over two sessions lets the test find a true effect with "
            f"{figures['power']} power only from "
            f"{figures['market_detectable_two_days']} on, so a smaller loss cannot be "
            "ruled out."
        )
    return Verdict("nvidia-dip", word, sentence, DIP_CRITERIA)


def _lasting(study: LateAugust, event: str, benchmark: str) -> list[bool]:
    """Whether the loss is significant over each horizon, in every model."""
    rows = study.persistence.xs((event, benchmark), level=("event_id", "benchmark"))
    loss = (rows["car"] < 0) & (rows["p_value"] < SIZE) & (rows["placebo_p"] < SIZE)
    by_horizon = loss.groupby(level="horizon").all()
    return [bool(by_horizon[horizon]) for horizon in HORIZONS]


def made_good_soon(study: LateAugust) -> bool:
    """Whether the share gained over the shorter horizon by every measure."""
    short = study.persistence.xs(HORIZONS[0], level="horizon")
    return bool((short["car"] >= 0).all())


def fell_elsewhere(study: LateAugust) -> bool:
    """Whether the share held its price then and fell most on another session."""
    held = study.price_change(study.remark_day, 2) >= 0
    reached = study.returns.index[study.returns.index.get_loc(study.remark_day) + 1]
    return bool(held and study.worst["session"] > reached)


def signal_word(
    market: Mapping[str, list[bool]], sector: Mapping[str, list[bool]], made_good: bool
) -> str:
    """The verdict on whether the loss lasted.

    Parameters
    ----------
    market, sector : mapping of event to list of bool
        Whether the loss from each event is significant over each horizon.
    made_good : bool
        Whether the share gained over the shorter horizon by every measure.
    """
    if any(all(market[event]) and all(sector[event]) for event in market):
        return "supported"
    if any(any(lost) for lost in market.values()):
        return "partly supported"
    return "contradicted" if made_good else "not supported"


def _signal(figures: Figures, study: LateAugust) -> Verdict:
    chosen = study.choices
    events = (chosen.remark, chosen.fall)
    market = {event: _lasting(study, event, chosen.market) for event in events}
    sector = {event: _lasting(study, event, chosen.sector) for event in events}
    recovered = [study.recovery(date) for date in (study.remark_day, study.fall_day)]
    made_good = made_good_soon(study)
    word = signal_word(market, sector, made_good)
    sentence = (
        f"From {figures['remark_day']} the abnormal return over {HORIZONS[0]} sessions "
        f"was {_horizon(figures, 'remark', 'market', HORIZONS[0])} against the market "
        f"and {_horizon(figures, 'remark', 'sector', HORIZONS[0])} against the sector; "
        f"over {HORIZONS[1]} sessions "
        f"{_horizon(figures, 'remark', 'market', HORIZONS[1])} and "
        f"{_horizon(figures, 'remark', 'sector', HORIZONS[1])}. "
        f"{_recovered(study.remark_day, recovered[0])}, and "
        f"{_recovered(study.fall_day, recovered[1], again=True)}. The intervals are "
        "wide: over 60 sessions against the market from "
        f"{figures['remark_market_model_60_low']} to "
        f"{figures['remark_market_model_60_high']}."
    )
    return Verdict("dip-is-signal", word, sentence, SIGNAL_CRITERIA)


def _horizon(figures: Figures, name: str, kind: str, horizon: int) -> str:
    stem = f"{name}_{kind}_model_{horizon}"
    return f"{figures[stem]} (placebo p {figures[f'{stem}_placebo_p']})"


def _recovered(date: pd.Timestamp, sessions: int | None, again: bool = False) -> str:
    share = "it" if again else "The share"
    before = f"its last close before {day(date)}"
    if sessions is None:
        return f"{share} has not closed above {before} since"
    if sessions == 0:
        return f"{share} did not close below {before}"
    unit = "session" if sessions == 1 else "sessions"
    return f"{share} was back at {before} after {sessions} {unit}"
