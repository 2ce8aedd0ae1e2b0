"""The figures and tables of the chapter on global semiconductors."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.data.facts import load_fundamentals
from helpers.data.ledger import load_ledger, local_dates
from helpers.evidence.global_semiconductors import (
    CONTROLS,
    HEADLINE,
    GlobalSemiconductors,
)
from helpers.evidence.global_semiconductors_findings import KINDS, GlobalFindings
from helpers.evidence.reliance import BASES, Reliance
from helpers.evidence.wording import percent
from helpers.presentation.correlation import plain_axis
from helpers.presentation.forest import forest
from helpers.presentation.heat import heat_map

Plate = dict[str, Any]
TERMS = {
    "session before": "the session just before",
    "one session earlier": "one session earlier",
    "session after": "the session just after",
}


def data_line(study: GlobalSemiconductors, findings: GlobalFindings) -> str:
    """What the chapter rests on."""
    groups = "; ".join(
        f"{name} ({', '.join(group.symbols)})" for name, group in study.groups.items()
    )
    figures = findings.figures
    return (
        f"**Data.** Groups of equally weighted shares in New York: {groups}; against "
        f"the S&P 500. Verified events only: {figures['controls_dates']} sessions of "
        f"US controls and {figures['pushback_dates']} of Chinese limits on purchases. "
        f"Factors from {figures['panel_rows']} mainland sessions."
    )


def groups(study: GlobalSemiconductors, findings: GlobalFindings) -> Plate:
    """Mean reaction of each group to either kind of event."""
    figures = findings.figures
    tables = {kind: study.table.loc[kind] for kind in KINDS}
    lost = int(figures["controls_losers"]) + int(figures["pushback_losers"])
    title = (
        f"{'None' if lost == 0 else lost} of {2 * int(figures['exposed'])} mean "
        "reactions of exposed groups is a loss that KP and placebo dates confirm"
    )
    figure = forest(
        tables,
        title=title,
        xlabel="Mean CAR over [0, +1] against the S&P 500, with 95 % interval",
        bands=range(len(study.choices.exposed)),
    )
    return {
        "fig": figure,
        "caption": (
            f"{figures['controls_dates']} sessions of verified US controls and "
            f"{figures['pushback_dates']} of verified Chinese limits on purchases. "
            "Intervals from the spread between dates; filled markers exclude zero, "
            "which alone does not pass the criteria. Shaded: groups that sell chips or "
            "chip tools. The smallest KP p of all rows is "
            f"{figures['groups_holm'].lstrip('= ')} after Holm's correction."
        ),
        "alt": (
            f"Dot plot of {figures['groups']} groups with two intervals each. On "
            f"controls Nvidia stands at {figures['controls_nvidia']}, tool makers at "
            f"{figures['controls_chip_tool_makers']} and Intel at "
            f"{figures['controls_intel']}; on pushback Nvidia at "
            f"{figures['pushback_nvidia']} and Intel at {figures['pushback_intel']}."
        ),
    }


def tests_table(study: GlobalSemiconductors) -> Plate:
    """Headline and naive tests of every mean."""
    names = list(HEADLINE.values())
    table = study.table.reset_index().set_index(["kind", "group"])
    table = table[["car", *names, "holm", "bh", "detectable"]]
    table = table.rename(
        columns={"car": "mean CAR", "holm": "KP, Holm", "bh": "KP, B-H"}
    )
    formats: dict[str, Any] = dict.fromkeys([*names, "KP, Holm", "KP, B-H"], "{:.3f}")
    formats |= {
        "mean CAR": lambda x: percent(x, 1),
        "detectable": lambda x: percent(x, 1, signed=False),
    }
    return {
        "df": table,
        "caption": (
            "p-values of the mean CAR over [0, +1]; the naive tests last, KP corrected "
            "by Holm and by Benjamini and Hochberg over all rows. Detectable: "
            "the smallest true mean that the t test over dates finds with 80 % power."
        ),
        "formats": formats,
    }


def by_event(study: GlobalSemiconductors, findings: GlobalFindings) -> Plate:
    """Reaction of each group at each US control."""
    table = study.by_event[CONTROLS].T
    days = study.reactions(next(iter(study.groups.values())), CONTROLS)
    placed = days.events.set_index("event_id")["day0"]
    columns = {
        event: f"{placed[event]:%y}\n{placed[event]:%m}\n{placed[event]:%d}"
        for event in table.columns
    }
    worst = table.loc["Nvidia"].idxmin() if "Nvidia" in table.index else None
    below = int((table < 0).all(axis=0).sum())
    mixed = int(((table < 0).any(axis=1) & (table > 0).any(axis=1)).sum())
    title = (
        f"On {below or 'none'} of {table.shape[1]} days of new US controls "
        "did every group lose against the market"
    )
    figure = heat_map(
        table.rename(columns=columns),
        title=title,
        xlabel="First session in New York (year, month, day)",
    )
    text = (
        ""
        if worst is None
        else f" Nvidia's largest loss, {percent(table.loc['Nvidia', worst], 1)}, is at "
        f"{load_ledger().loc[worst, 'title']}."
    )
    return {
        "fig": figure,
        "caption": (
            "CAR over [0, +1] in percent at each verified US control, market model "
            "against the S&P 500, estimation window of 120 to 11 sessions "
            f"before.{text}"
        ),
        "alt": (
            f"Heat map of {len(table)} groups by {table.shape[1]} sessions with values "
            f"from {percent(float(table.min().min()), 1)} to "
            f"{percent(float(table.max().max()), 1)}; signs change along "
            f"{mixed} of {len(table)} rows."
        ),
    }


def end_markets(study: GlobalSemiconductors) -> Plate:
    """Mean reactions by end market."""
    table = study.end_markets.rename(
        columns={"p_value": "p, all equal", "p_value, wide": "p over [−1, +1]"}
    )
    names = [group.name for group in study.choices.end_markets]
    return {
        "df": table,
        "caption": (
            "Mean CAR over [0, +1] by end market, and Hotelling's test that they are "
            "equal, over this window and over one that starts a session earlier. No "
            "pure name of vehicles or of high-performance computing is in "
            "the data: Texas Instruments stands for analog chips, of which cars and "
            "industry buy much; supercomputing is inside data centres."
        ),
        "formats": dict.fromkeys(names, lambda x: percent(x, 1))
        | {
            "T squared": "{:.2f}",
            "p, all equal": "{:.2f}",
            "p over [−1, +1]": "{:.2f}",
        },
    }


def leads(study: GlobalSemiconductors, findings: GlobalFindings) -> Plate:
    """Leads and lags between New York and Asia."""
    table = study.leads.rename(columns={"coefficient": "car"})
    links = list(dict.fromkeys(table.index.get_level_values("link")))
    series = {}
    for term, label in TERMS.items():
        part = table.xs(term, level="term").loc[links]
        series[label] = part.set_axis([link.replace(" to ", "\nto ") for link in links])
    figures = findings.figures
    chosen = "New York to Hong Kong foundries, session before"
    reverse = "Hong Kong foundries to New York, session before"
    figure = forest(
        series,
        title=(
            f"Hong Kong foundries take {figures[chosen]} of New York's last session, "
            f"New York {figures[reverse]} of theirs"
        ),
        xlabel="Move of the follower per unit of the leader's session, 95 % interval",
    )
    plain_axis(figure.axes[0].xaxis)
    return {
        "fig": figure,
        "caption": (
            "Regressions on the leader's sessions around the follower's own, all in "
            "one (Dimson), each side net of its market, Newey-West errors. New York is "
            "the five US chip designers. The session after comes later by the clock: a "
            "coefficient there means that the follower moved first. Korean memory is "
            "net of the S&P 500 before it, for want of a Korean index."
        ),
        "alt": (
            f"Dot plot of {len(links)} links with three intervals each. The session "
            f"just before weighs most from New York to Hong Kong foundries "
            f"({figures[chosen]}) and to Korean memory "
            f"({figures['New York to Korean memory, session before']})."
        ),
    }


def factors(study: GlobalSemiconductors, findings: GlobalFindings) -> Plate:
    """Loadings of both sides on the first two factors."""
    found = study.factors
    figures = findings.figures
    series = {
        f"{name} ({figures[f'factor_{number}']} of variance)": pd.DataFrame(
            {
                "car": found.loadings[name],
                "ci_low": found.low[name],
                "ci_high": found.high[name],
            }
        )
        for number, name in enumerate(found.loadings.columns, 1)
    }
    figure = forest(
        series,
        title=(
            f"Chinese groups load {figures['chinese_on_first']} on the first factor, "
            f"which is American, and at least {figures['chinese_on_second_least']} on "
            "the second"
        ),
        xlabel="Correlation of the group with the factor, with 95 % interval",
    )
    plain_axis(figure.axes[0].xaxis)
    return {
        "fig": figure,
        "caption": (
            f"First two principal components of {len(study.panel.columns)} groups net "
            f"of their markets, {figures['panel_rows']} mainland sessions with New "
            "York added up before each. Intervals from resampled blocks. Before the "
            "rule of October 2022 the Chinese groups loaded "
            f"{figures['chinese_on_first_before']} on the first factor, since then "
            f"{figures['chinese_on_first_after']}."
        ),
        "alt": (
            "Dot plot of loadings. American groups and TSMC lie high on the first "
            "factor and near zero on the second; the three Chinese groups the other "
            f"way round, at {figures['chinese_on_first']} and from "
            f"{figures['chinese_on_second_least']} up."
        ),
    }


def shares(reliance: Reliance) -> Plate:
    """China's share of revenue where a verified figure was read."""
    rows = []
    for basis in BASES:
        table = reliance.nvidia_years[basis]
        rows.append(("Nvidia", f"revenue, by {basis}", table.index[-1],
                     table["china_share"].iloc[-1]))  # fmt: skip
    facts = load_fundamentals(verified_only=True, data_dir=reliance.data_dir)
    for entity, metric, what in (
        ("ASML", "china_share_of_system_sales", "system sales, by shipment"),
        ("SMIC", "china_share_of_revenue", "revenue"),
    ):
        chosen = facts[(facts["entity"] == entity) & (facts["metric"] == metric)]
        last = chosen.dropna(subset=["value"]).sort_values("period_end").iloc[-1]
        period = f"quarter to {last['period_end']:%Y-%m-%d}"
        rows.append((entity, what, period, last["value"]))
    table = pd.DataFrame(rows, columns=["firm", "share of", "period", "China"])
    return {
        "df": table.set_index(["firm", "share of"]),
        "caption": (
            "China's share where a verified figure was read: too few firms, and too "
            "many definitions, for a regression of reactions on exposure."
        ),
        "formats": {"China": lambda x: percent(x, 1, signed=False)},
    }


def events_table(study: GlobalSemiconductors) -> Plate:
    """The events of either kind."""
    ids = [event for kind in study.events for event in study.events[kind]]
    ledger = load_ledger().loc[ids]
    kinds = [kind for kind in study.events for _ in study.events[kind]]
    table = pd.DataFrame(
        {
            "date": [f"{date:%Y-%m-%d}" for date in local_dates(ledger)],
            "kind": kinds,
            "event": ledger["title"].to_numpy(),
            "studied": [_studied(study, event) for event in ids],
        },
        index=pd.Index(ids, name="event of the ledger"),
    )
    return {
        "df": table.sort_values("date"),
        "caption": "Verified events; those that share a session count once.",
    }


def _studied(study: GlobalSemiconductors, event: str) -> str:
    """Whether an event has a reaction of its own, else why not."""
    kind = next(kind for kind, ids in study.events.items() if event in ids)
    found = study.reactions(study.choices.exposed[0], kind)
    for skipped, row in found.study.skipped.iterrows():
        if skipped[0] == event:
            return str(row["reason"])
    for first, merged in found.events.set_index("event_id")["merged"].items():
        if event in merged.split(";"):
            return f"with {first}"
    return "yes"
