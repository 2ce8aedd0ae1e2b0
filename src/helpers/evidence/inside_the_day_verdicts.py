"""What five-minute bars say of the first two claims: criteria and verdicts."""

from __future__ import annotations

import pandas as pd

from helpers.evidence.inside_the_day import (
    SIZE,
    InsideTheDay,
    next_session,
    remark_session,
)
from helpers.evidence.inside_the_day_news import Announcements
from helpers.evidence.verdict import Verdict
from helpers.evidence.wording import Figures

DIP_CRITERIA = (
    "Read over the stretch in which the announcement can first have reached New "
    "York, from its earliest instant to one hour after its latest. Supported: the "
    "abnormal return over it is negative with p below 0.05, by its standard error and "
    "by the same clock time on other sessions, against market and sector. Partly "
    "supported: so against the market only; or the path inside one of the two sessions "
    "from the latest instant on goes deeper than on 95 of 100 sessions without events, "
    "against market and sector. Contradicted: neither, and the share stood no lower at "
    "the end of the stretch than at its start. Not supported: anything else."
)


SIGNAL_CRITERIA = (
    "Bars of five minutes tell whether a loss was made good at once. Read for the "
    "announcement and for the report before the largest fall. Supported: the loss up "
    "to one hour after the news is significant, by both tests and against market and "
    "sector, and so is the abnormal return up to the close of the session after. "
    "Partly supported: so against the market only. Contradicted: neither, and up to "
    "that close the abnormal return is zero or above against market and sector, for "
    "both pieces of news. Not supported: anything else."
)


def judged(
    figures: Figures, study: InsideTheDay, news: Announcements
) -> dict[str, Verdict]:
    """The verdict on each of the two claims, its numbers recorded among `figures`."""
    return {
        "nvidia-dip": _dip(figures, study, news),
        "dip-is-signal": _signal(figures, study, news),
    }


def _significant(row: pd.Series) -> bool:
    """A loss by both tests."""
    return bool(row["car"] < 0 and row["p_value"] < SIZE and row["placebo_p"] < SIZE)


def _dip(figures: Figures, study: InsideTheDay, news: Announcements) -> Verdict:
    chosen = study.choices
    reach = {
        kind: news.reactions.loc[(symbol, chosen.remark)]
        for symbol, kind in study.benchmarks.items()
    }
    for kind, row in reach.items():
        figures.percent(f"reach_{kind}", row["car"])
        figures.percent(f"reach_{kind}_low", row["ci_low"], 1)
        figures.percent(f"reach_{kind}_high", row["ci_high"], 1)
        figures.p_value(f"reach_{kind}_p", row["p_value"])
        figures.p_value(f"reach_{kind}_placebo_p", row["placebo_p"])
    figures.percent("reach_change", reach["market"]["change"])
    session = remark_session(study)
    sessions = [session, next_session(study, session)]
    lost = {kind: _significant(row) for kind, row in reach.items()}
    deep = any(
        (study.troughs["p_value"].xs(one, level="session") < SIZE).all()
        for one in sessions
    )
    if all(lost.values()):
        word = "supported"
    elif lost["market"] or deep:
        word = "partly supported"
    elif reach["market"]["change"] >= 0:
        word = "contradicted"
    else:
        word = "not supported"
    sentence = (
        "From the first to one hour after the last minute in which the remark can have "
        f"reached New York the share changed by {figures['reach_change']}, an abnormal "
        f"return of {figures['reach_market']} against the market "
        f"({figures['reach_market_low']} to {figures['reach_market_high']}, placebo "
        f"p {figures['reach_market_placebo_p']}) and of {figures['reach_sector']} "
        f"against the sector (p {figures['reach_sector_placebo_p']}). The deepest "
        f"point of the path on {figures['after_day']}, "
        f"{figures['after_market_trough']} against the market at "
        f"{figures['after_market_trough_at']} (p {figures['after_market_trough_p']}; "
        f"against the sector p {figures['after_sector_trough_p']}), came after another "
        f"report{_rare(figures, deep)}. A single move of "
        f"{figures['bar_detectable']} within five minutes would have been found with "
        "80 % power; a loss spread over hours would not."
    )
    return Verdict("nvidia-dip", word, sentence, DIP_CRITERIA)


def _rare(figures: Figures, deep: bool) -> str:
    if deep:
        return ""
    return f" and is no deeper than on {figures['coverage']} of sessions without events"


def _signal(figures: Figures, study: InsideTheDay, news: Announcements) -> Verdict:
    chosen = study.choices
    both = {"remark": chosen.remark, "report": chosen.fall}
    lasting: dict[str, list[bool]] = {kind: [] for kind in study.benchmarks.values()}
    cars = []
    for name, event in both.items():
        for symbol, kind in study.benchmarks.items():
            later = news.to_next_close.loc[(symbol, event)]
            soon = news.reactions.loc[(symbol, event)]
            lasting[kind].append(_significant(soon) and _significant(later))
            cars.append(later["car"])
            stem = f"{name}_{kind}_next_close"
            figures.percent(stem, later["car"])
            figures.p_value(f"{stem}_p", later["placebo_p"])
    pairs = zip(lasting["market"], lasting["sector"], strict=True)
    if any(market and sector for market, sector in pairs):
        word = "supported"
    elif any(lasting["market"]):
        word = "partly supported"
    elif min(cars) >= 0:
        word = "contradicted"
    else:
        word = "not supported"
    sentence = (
        "Up to the close of the session after the news the abnormal return was "
        f"{figures['remark_market_next_close']} against the market "
        f"(p {figures['remark_market_next_close_p']}) and "
        f"{figures['remark_sector_next_close']} against the sector "
        f"(p {figures['remark_sector_next_close_p']}) from the remark, "
        f"{figures['report_market_next_close']} "
        f"(p {figures['report_market_next_close_p']}) and "
        f"{figures['report_sector_next_close']} "
        f"(p {figures['report_sector_next_close_p']}) from the report before the fall. "
        f"{_apart(word)}; bars of five minutes reach two sessions, not months."
    )
    return Verdict("dip-is-signal", word, sentence, SIGNAL_CRITERIA)


def _apart(word: str) -> str:
    if word in ("supported", "partly supported"):
        return "The loss was not made good in that time"
    return "Neither sets itself apart from chance, so that nothing could last"
