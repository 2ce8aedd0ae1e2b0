"""What the studies inside the day come to: numbers, the answer, two verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.evidence.inside_the_day import (
    HOUR,
    PARTS,
    PEERS,
    SIZE,
    InsideTheDay,
    clock,
    fall_session,
    hidden_session,
    next_session,
    remark_session,
)
from helpers.evidence.inside_the_day_checks import MethodChecks
from helpers.evidence.inside_the_day_news import Announcements
from helpers.evidence.inside_the_day_verdicts import judged
from helpers.evidence.verdict import Verdict
from helpers.evidence.wording import Figures


@dataclass(frozen=True)
class InsideTheDayFindings:
    """The chapter's studies, numbers and sentences.

    Attributes
    ----------
    day : InsideTheDay
    news : Announcements
    checks : MethodChecks
    figures : Figures
        Every number that the sentences state.
    answer : str
        The chapter's question answered in one sentence.
    verdicts : dict of claim_id to Verdict
    """

    day: InsideTheDay
    news: Announcements
    checks: MethodChecks
    figures: Figures
    answer: str
    verdicts: dict[str, Verdict]


def inside_the_day_findings(study: InsideTheDay) -> InsideTheDayFindings:
    """Put the studies inside the day into numbers, sentences and verdicts."""
    news, checks = Announcements(study), MethodChecks(study)
    figures = Figures()
    _record_sessions(figures, study)
    _record_fall(figures, study)
    _record_news(figures, news)
    _record_checks(figures, study, checks)
    return InsideTheDayFindings(
        day=study,
        news=news,
        checks=checks,
        figures=figures,
        answer=_answer(figures, study),
        verdicts=judged(figures, study, news),
    )


def intraday_verdicts(study: InsideTheDay | None = None) -> dict[str, Verdict]:
    """The verdicts on the first two claims as five-minute bars judge them.

    Parameters
    ----------
    study : InsideTheDay, optional
        By default that of the chapter.

    Returns
    -------
    dict of claim_id to Verdict
    """
    study = study or InsideTheDay()
    figures = Figures()
    _record_sessions(figures, study)
    return judged(figures, study, Announcements(study))


def _record_sessions(figures: Figures, study: InsideTheDay) -> None:
    """The two weeks: the days that matter, and how they ran."""
    figures.share("size", SIZE, 0)
    figures.share("coverage", 1 - SIZE, 0)
    days = {"remark": remark_session(study)}
    days["after"] = next_session(study, days["remark"])
    days["hidden"] = hidden_session(study)
    for name, session in days.items():
        figures.day(f"{name}_day", session)
        path = study.price_path(study.choices.symbol, session)
        low = study.lows.loc[session]
        figures.percent(f"{name}_open", low["open"])
        figures.percent(f"{name}_low", low["low"])
        figures.add(f"{name}_low_at", clock(low["at"]), clock(low["at"]))
        figures.percent(f"{name}_close", low["close"])
        back = path.index[path >= 0]
        if len(back):
            minutes = int((back[0] - path.index[0]).total_seconds() / 60)
            figures.count(f"{name}_minutes_below", minutes)
        for symbol, kind in study.benchmarks.items():
            trough = study.troughs.loc[(symbol, session)]
            figures.percent(f"{name}_{kind}_trough", trough["trough"])
            figures.p_value(f"{name}_{kind}_trough_p", trough["p_value"])
            figures.add(f"{name}_{kind}_trough_at", *[clock(trough["at"])] * 2)
            for part in PARTS:
                row = study.parts.loc[(symbol, session, part)]
                stem = f"{name}_{kind}_{part.replace(' ', '_')}"
                figures.percent(stem, row["car"])
                figures.p_value(f"{stem}_p", row["placebo_p"])
    figures.count("sessions", len(study.sessions))
    quiet = study.parts.drop(index="whole day", level="part")
    figures.count("parts", len(quiet))
    figures.count("parts_significant", int((quiet["placebo_p"] < SIZE).sum()))
    figures.number("parts_expected", SIZE * len(quiet), 1)
    bars = study.largest_bars
    figures.count("bars_that_stand_out", int(bars["stands_out"].sum()))
    figures.percent(
        "largest_bar", bars.loc[bars["abnormal"].abs().idxmax(), "abnormal"]
    )
    market = bars.loc[study.choices.market]
    figures.share("bar_detectable", float(market["detectable"].median()))
    low, high = (
        study.activity["volume_ratio"].min(),
        study.activity["volume_ratio"].max(),
    )
    figures.number("volume_least", low, 1)
    figures.number("volume_most", high, 1)
    figures.count("volume_unusual", int((study.activity["volume_p"] < SIZE).sum()))
    figures.count(
        "volatility_unusual", int((study.activity["volatility_p"] < SIZE).sum())
    )


def _record_fall(figures: Figures, study: InsideTheDay) -> None:
    """The largest fall, by parts of its session."""
    session = fall_session(study)
    figures.day("fall_day", session)
    symbols = {study.choices.symbol: "share", study.choices.sector: "sector_index"}
    for symbol, name in (symbols | {peer: peer.lower() for peer in PEERS}).items():
        path = study.price_path(symbol, session)
        figures.percent(f"fall_{name}_night", path.iloc[0])
        figures.percent(f"fall_{name}_to_hour", path.iloc[HOUR])
        figures.percent(f"fall_{name}", path.iloc[-1])
    path = study.price_path(study.choices.symbol, session)
    figures.share("fall_night_share", path.iloc[0] / path.iloc[-1], 0)
    figures.share("fall_hour_share", path.iloc[HOUR] / path.iloc[-1], 0)
    for symbol, kind in study.benchmarks.items():
        for part in PARTS:
            row = study.parts.loc[(symbol, session, part)]
            stem = f"fall_{kind}_{part.replace(' ', '_')}"
            figures.percent(stem, row["car"])
            figures.percent(f"{stem}_low", row["ci_low"], 1)
            figures.percent(f"{stem}_high", row["ci_high"], 1)
            figures.p_value(f"{stem}_p", row["placebo_p"])


def _record_news(figures: Figures, news: Announcements) -> None:
    """The announcements with a clock."""
    figures.count("news", len(news.known))
    for when, count in news.known["when"].value_counts().items():
        figures.count(f"news_{when}", int(count))
    measured = news.reactions.loc[news.choices.market]
    figures.count("news_measured", len(measured))
    below = int((measured["placebo_p"] < SIZE).sum())
    figures.count("news_significant", below)
    figures.number("news_expected", SIZE * len(measured), 1)
    figures.count("news_dated", len(news.dated))
    figures.count("news_searched", len(news.searched))
    for event_id, row in news.dated.iterrows():
        figures.add(f"dated_{event_id}", *[clock(row["start"])] * 2)
        figures.percent(f"dated_{event_id}_abnormal", row["abnormal"])
        figures.number(f"dated_{event_id}_size", row["size"], 0)
        figures.p_value(f"dated_{event_id}_p", row["p_value"])
    overnight = news.speed[~news.speed["dated"]]
    figures.count("speed_overnight", len(overnight))
    figures.count("speed_overnight_long", int((overnight["minutes"] > 60).sum()))
    for event_id, row in news.speed.iterrows():
        for step in ("first", "after_60", "close"):
            figures.percent(f"speed_{event_id}_{step}", row[step], 1)
        figures.count(f"speed_{event_id}_minutes", int(row["minutes"]))


def _record_checks(figures: Figures, study: InsideTheDay, checks: MethodChecks) -> None:
    """What the method does on clear sessions, and how it adds up."""
    figures.count("clear_sessions", len(checks.null[study.choices.market].events))
    alarms = checks.false_alarms
    for test in ("hac", "placebo"):
        figures.share(f"{test}_alarms_least", alarms[test].min())
        figures.share(f"{test}_alarms_most", alarms[test].max())
    for sample in ("alternate", "halves"):
        figures.p_value(f"{sample}_least_p", alarms[f"{sample}_p"].min())
    power = checks.power
    for multiple in (0.5, 1.0, 2.0):
        row = power.loc[multiple]
        stem = f"power_{multiple:g}".replace(".", "_")
        for name in ("promised", "known", "searched", "promised_search"):
            figures.share(f"{stem}_{name}", row[name], 0)
        figures.share(f"{stem}_effect", row["effect"], 2)
    largest = study.daily["difference"].abs().max()
    figures.number("adding_up_largest_bp", 1e4 * largest, 1)
    differences = study.close_differences.abs()
    figures.number("close_difference_median_bp", 1e4 * differences.median(), 1)
    figures.number("close_difference_most_bp", 1e4 * differences.max(), 0)
    estimates = study.by_session[study.choices.market].estimates
    figures.number("beta_bars", estimates[study.choices.market].mean())
    figures.number("beta_night", estimates[f"{study.choices.market}_night"].mean())
    figures.count("estimation_sessions", int(estimates["n_sessions"].min()))


def _answer(figures: Figures, study: InsideTheDay) -> str:
    name = study.name
    session = remark_session(study)
    deep = study.troughs["p_value"].xs(session, level="session") < SIZE
    dip = "an unusual dip" if deep.all() else "no unusual dip"
    rows = study.parts.loc[(study.choices.sector, fall_session(study))]
    own = bool((rows["placebo_p"] < SIZE).any())
    shared = "more than" if own else "no more than"
    return (
        f"Inside the day {name} shows {dip} on {figures['remark_day']} (lowest price "
        f"{figures['remark_low']} from the close before, at the close "
        f"{figures['remark_close']}). {_hidden(figures, study)}. Of the "
        f"{figures['fall_share']} on {figures['fall_day']}, "
        f"{figures['fall_night_share']} came before the open and "
        f"{figures['fall_hour_share']} by the end of the first hour; the share lost "
        f"{shared} its sector explains."
    )


def _hidden(figures: Figures, study: InsideTheDay) -> str:
    """The dips that closing prices hide, and where the remark's clock puts them."""
    ledger = study.ledger
    low = study.lows.loc[hidden_session(study)]
    earliest = ledger.loc[study.choices.remark, "earliest_at"]
    order = "before" if low["at"] < earliest else "after"
    return (
        f"Daily closes hide a price of {figures['hidden_low']} at "
        f"{figures['hidden_low_at']} New York on {figures['hidden_day']}, {order} the "
        "first minute in which the remark can have been out, and an open of "
        f"{figures['after_open']} on {figures['after_day']}, after word of the H20 "
        f"halt, {_back(figures)}"
    )


def _back(figures: Figures) -> str:
    if "after_minutes_below" not in figures.entries:
        return "not made good that day"
    return f"made good within {figures['after_minutes_below']} minutes"
