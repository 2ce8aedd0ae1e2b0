"""The chapter's paragraphs that are made of numbers."""

from __future__ import annotations

from helpers.evidence.inside_the_day import DAY_PART, SIZE, clock, fall_session
from helpers.evidence.inside_the_day_findings import InsideTheDayFindings
from helpers.evidence.wording import day, percent


def data_line(findings: InsideTheDayFindings) -> str:
    """One line on the data behind the chapter."""
    study = findings.day
    sessions = study.grid.sessions
    return (
        f"**Data.** Bars of five minutes of {study.name} ({study.choices.symbol}), the "
        f"S&P 500 fund {study.choices.market}, the semiconductor index "
        f"{study.choices.sector} and two peers, {len(sessions):,} regular sessions in "
        f"New York from {day(sessions[0])} to {day(sessions[-1])}, held against the "
        "exchange's calendar bar by bar; no trading before 09:30 or after 16:00. The "
        "event ledger with the clocks of its announcements. Provenance, checks and "
        "terms: `data/README.md`."
    )


def method_sentence(findings: InsideTheDayFindings) -> str:
    """How the parts of a day add up to it, and what the betas are."""
    figures, name = findings.figures, findings.day.name
    return (
        "Returns are price changes over the close before the session, so the parts of "
        "a day add up to its simple return to the last digit. Under the daily study's "
        "own alpha and beta the bars give its abnormal return to within "
        f"{figures['adding_up_largest_bp']} basis points in the sessions below; what "
        "is left is the closing auction, which is printed after the last bar (over all "
        f"sessions {figures['close_difference_median_bp']} basis points in the median, "
        f"{figures['close_difference_most_bp']} at most). The models here let bars and "
        f"nights differ: {name} moves {figures['beta_bars']} times as far as the "
        f"market within the session and {figures['beta_night']} times overnight."
    )


def hidden_sentence(findings: InsideTheDayFindings) -> str:
    """What closing prices could not show of the two weeks."""
    figures, study = findings.figures, findings.day
    clear = int((study.daily["p_value"] < SIZE).sum())
    return (
        f"On {figures['hidden_day']} the share stood at {figures['hidden_low']} from "
        f"the close before at {figures['hidden_low_at']} and ended at "
        f"{figures['hidden_close']}, a fall and a recovery that closing prices do not "
        "show; net of the sector the path of that day went no deeper than "
        f"{figures['hidden_sector_trough']} (p {figures['hidden_sector_trough_p']}). "
        f"On {figures['after_day']} it opened at {figures['after_open']}, an abnormal "
        f"{figures['after_market_night']} against the market "
        f"(p {figures['after_market_night_p']}) and {figures['after_sector_night']} "
        f"against the sector (p {figures['after_sector_night_p']}), while the close, "
        f"{figures['after_close']}, shows a gain. The daily study gives "
        f"{clear or 'none'} of the {figures['sessions']} sessions a p-value below "
        f"{figures['size']}, and over whole days the bars agree with it."
    )


def fall_sentence(findings: InsideTheDayFindings) -> str:
    """Which announcement the largest fall belongs to, as far as the clock goes."""
    figures, study = findings.figures, findings.day
    rows = study.parts.loc[(study.choices.sector, fall_session(study))]
    own = (rows["placebo_p"] < SIZE) & (rows["car"] < 0)
    if own["night"]:
        verdict = (
            "Before the open it lost more than its sector: the report on Alibaba's "
            "chip, which names Nvidia, can have done that."
        )
    elif own.drop(DAY_PART).any():
        verdict = (
            "During the session it lost more than its sector: the rule on chip plants "
            "or late trade on the report can have done that."
        )
    else:
        verdict = (
            "At no part of the day did it lose more than its sector by a margin that "
            "chance does not give. The report on Alibaba's chip, which names Nvidia, "
            "should show before the open and against the sector; there the abnormal "
            f"return is {figures['fall_sector_night']} "
            f"({figures['fall_sector_night_low']} to "
            f"{figures['fall_sector_night_high']}). The rule on chip plants in China "
            "cannot have been in the price at the open, and no bar of the session "
            "stands out as its minute. As far as the clock allows, the fall belongs to "
            "the news of the night and the first hour, and the sector shared it."
        )
    return (
        f"Of the {figures['fall_share']}, {figures['fall_night_share']} was in the "
        f"opening price and {figures['fall_hour_share']} was there by 10:30; the "
        f"sector index stood at {figures['fall_sector_index_night']} at the open and "
        f"ended at {figures['fall_sector_index']}. {verdict}"
    )


def dated_sentence(findings: InsideTheDayFindings) -> str:
    """What the bars that stand out say of the announcements' minutes."""
    news, figures = findings.news, findings.figures
    parts = []
    for name, row in news.dated.iterrows():
        onward = news.speed.loc[name, "close"]
        parts.append(
            f"*{news.chosen.loc[name, 'title']}* by the bar from "
            f"{clock(row['start'])} on {day(row['start'])} "
            f"({percent(row['abnormal'])} against the market, "
            f"{figures[f'dated_{name}_size']} times the usual size; "
            f"{percent(onward, 1)} from "
            "that bar to the close)"
        )
    august = set(news.claimed) & set(news.dated.index)
    among = "is" if august else "None of the announcements of late August 2025 is"
    closing = f"{len(august)} of late August 2025 {among}" if august else among
    return (
        f"Of {figures['news_searched']} announcements whose interval reaches into a "
        f"session, {figures['news_dated']} can be dated: {'; '.join(parts)}. By chance "
        f"one bar stands out in {figures['size']} of sessions, anywhere in the day; "
        f"these fall into the announcement's own interval. {closing} among them."
    )


def speed_sentence(findings: InsideTheDayFindings) -> str:
    """How many announcements moved the share, and for how long prices went on."""
    figures = findings.figures
    return (
        "Measured from the news to one hour after it, "
        f"{figures['news_significant']} of {figures['news_measured']} announcements "
        f"have a placebo p-value below {figures['size']} against the market, where "
        f"chance alone would give {figures['news_expected']}: most announcements on "
        "chips and sanctions leave no trace that an hour could show. Where overnight "
        "news did move the share by the close, the opening price was seldom the end: "
        f"on {figures['speed_overnight_long']} of {figures['speed_overnight']} such "
        "days the abnormal return went on for more than an hour."
    )
