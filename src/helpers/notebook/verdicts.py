"""A claim's verdict: what prices, figures and documents say of it, leg by leg."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.data.claims import leg_events, load_claim_legs, load_groups
from helpers.data.ledger import load_claims
from helpers.errors import HelpersError
from helpers.inference.claims import leg_signs
from helpers.inference.readings import Reading, combine, judge
from helpers.notebook.output import keep, say
from helpers.notebook.output import table as show_table
from helpers.notebook.words import number, p_cell, percent

KINDS = {"prices": "Prices", "figures": "Figures", "documents": "Documents"}


@dataclass(frozen=True)
class Fact:
    """A leg that figures or documents decide, by a condition that a person wrote."""

    text: str
    word: str


def fact(text: str, *, supports: Any = None, contradicts: Any = None) -> Fact:
    """Read a leg of figures or documents by conditions that a person wrote.

    Parameters
    ----------
    text : str
        What was found, its numbers computed.
    supports, contradicts : bool, optional
        When it speaks for the claim, and when against it; where neither is true it
        is undecided. Leave both out for a part that nothing at hand measures: it is
        not testable.

    Raises
    ------
    HelpersError
        If both are true, one is not a bool or only one is given.

    Examples
    --------
    >>> fact("Revenue grew by a half.", supports=0.5 > 0.2, contradicts=0.5 < 0).word
    'supported'
    """
    import numpy as np

    if supports is None and contradicts is None:
        return Fact(text, "not testable")
    for name, given in {"supports": supports, "contradicts": contradicts}.items():
        if not isinstance(given, bool | np.bool_):
            raise HelpersError(f"{name} is a {type(given).__name__}: make it a bool.")
    if supports and contradicts:
        raise HelpersError(f"{text!r} both supports and contradicts: that cannot be.")
    word = "supported" if supports else "contradicted" if contradicts else "undecided"
    return Fact(text, word)


def verdict(claim_id: str, legs: Mapping[str, Reading | Fact]) -> None:
    """Show what each leg says of a claim, and the one word over them.

    Parameters
    ----------
    claim_id : str
        Key of ``data/claims.csv``.
    legs : mapping of leg_id to Reading or Fact
        Legs of ``data/claim_legs.csv`` that this notebook reads. Those that decide
        are corrected together for their number (Holm); the others stand beside them.

    Notes
    -----
    The word is supported, contradicted, undecided, not testable or "the legs part".
    A part of the claim that nothing measures does not speak against the rest, but
    keeps the claim from being called supported. On other legs, instruments, events,
    windows or models than the table names, the output says so and no verdict is
    recorded.
    """
    table = load_claim_legs(claim_id).droplevel("claim_id")
    strange = [leg for leg in legs if leg not in table.index]
    missing = [leg for leg in table.index[table["decides"]] if leg not in legs]
    table = pd.concat([table, _as_legs(strange, legs)])
    rows = _rows(table, legs)
    deciding = rows[rows["decides"]]
    words = {
        kind: _together(part["word"], part)
        for kind, part in deciding.groupby("kind", sort=False)
    }
    word = _together(words.values(), deciding)
    others = dict.fromkeys(
        why
        for leg, given in legs.items()
        if isinstance(given, Reading) and leg not in strange
        for why in _not_this_claim(table.loc[leg], given)
    )
    others |= dict.fromkeys(f"{leg}, which is no leg of it" for leg in strange)
    others |= dict.fromkeys(f"no {leg}, which decides" for leg in missing)
    claim = f"> **Claim (in our words).** {load_claims().at[claim_id, 'claim']}.\n>\n"
    if others:
        say(
            f"{claim}> **Not this claim's verdict:** it was read on "
            f"{'; '.join(others)}. The rule would say: {word}."
        )
    else:
        kinds = [f"{KINDS[str(kind)]}: {said}." for kind, said in words.items()]
        facts = [f"{text}" for text in rows["text"] if text]
        say(f"{claim}> **Verdict: {word}.** {' '.join([*kinds, *facts])}")
        keep({"claims": {claim_id: _kept(rows, words, word)}})
    if rows["numbers"].map(bool).any():
        prices = rows[rows["numbers"].map(bool)]
        # Of other instruments the table's statement would be false.
        labels = prices.index if others else table.loc[prices.index, "statement"]
        news = {leg: _news(table.loc[leg], legs[leg]) for leg in prices.index}
        prices = prices.assign(label=list(labels), news=pd.Series(news))
        _show_prices(prices, table["measure"])


def _together(words: Iterable[str], legs: pd.DataFrame) -> str:
    """One word over several: facts are parts of a claim, prices ask one thing."""
    facts = legs.loc[~legs["numbers"].map(bool), "word"]
    return combine(words, whole="not testable" not in set(facts))


def _show_prices(rows: pd.DataFrame, measures: pd.Series) -> None:
    """The legs of prices with what each came to and what it could have found."""
    out = {}
    for leg, row in rows.iterrows():
        found = row["numbers"]
        write = number if measures[leg] == "correlation" else percent
        digits = 2 if write is number else 1
        low, high = (write(found[end], digits) for end in ("ci_low", "ci_high"))
        out[row["label"]] = {
            "news": row["news"],
            "change": write(found["change"]),
            "95 % interval": f"{low.removesuffix(' %')} to {high}",
            "ordinary dates": write(found["ordinary"], digits),
            "p": p_cell(found["holm"]),
            "would matter from": write(found["smallest"], digits).lstrip("+"),
            "found 4 times in 5 from": write(found["detectable"], digits).lstrip("+"),
            "says": row["word"] if row["decides"] else f"({row['word']})",
        }
    shown = pd.DataFrame.from_dict(out, orient="index")
    numbers = rows["numbers"]
    if not any(abs(found["ordinary"]) > found["smallest"] for found in numbers):
        shown = shown.drop(columns="ordinary dates")
    if not shown["news"].map(bool).any():
        shown = shown.drop(columns="news")
    show_table(
        shown.rename_axis("what it would show"),
        "What prices say, by the rule. p against chance (placebo dates or resampled "
        "blocks), corrected for the legs that decide (Holm); in brackets what stands "
        "beside the verdict."
        + (
            " News: announcements read, of those that the table of claims names; one "
            "that was not verified, or has no prices, decides nothing."
            if "news" in shown
            else ""
        ),
    )


def _news(leg: pd.Series, given: Any) -> str:
    """How many of the announcements that the table names were read, if it names more.

    One that could not be verified decides nothing; one without prices cannot be read.
    """
    events = leg["events"]
    named = leg_events(events, verified=False) if isinstance(events, str) else []
    read = len(set(given.about.get("events", ())) & set(named))
    return f"{read} of {len(named)}" if read and len(named) > 1 else ""


def _as_legs(names: list[str], legs: Mapping[str, Reading | Fact]) -> pd.DataFrame:
    """What a notebook read that the table does not name, in the table's form."""
    rows = {
        leg: {
            "kind": "prices" if isinstance(given := legs[leg], Reading) else "figures",
            "decides": True,
            "measure": given.about.get("measure") if isinstance(given, Reading) else "",
        }
        for leg in names
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _rows(table: pd.DataFrame, legs: Mapping[str, Reading | Fact]) -> pd.DataFrame:
    """Each leg with its word and its sentence, in the order of the table."""
    readings = {leg: each for leg, each in legs.items() if isinstance(each, Reading)}
    # What stands beside the verdict is no further hurdle, so no test to correct for.
    deciding = {leg: each for leg, each in readings.items() if table.at[leg, "decides"]}
    beside = [{leg: each} for leg, each in readings.items() if leg not in deciding]
    judged: dict[Any, dict[Any, Any]] = {}
    for family in filter(None, [deciding, *beside]):
        judged |= judge(family).to_dict("index")
    rows = {}
    for leg in [leg for leg in table.index if leg in legs]:
        about, given = table.loc[leg], legs[leg]
        numbers = {} if isinstance(given, Fact) else judged[leg]
        rows[leg] = {
            "kind": about["kind"],
            "decides": bool(about["decides"]),
            "word": given.word if isinstance(given, Fact) else numbers.pop("word"),
            "text": given.text if isinstance(given, Fact) else "",
            "numbers": numbers,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _not_this_claim(leg: pd.Series, given: Reading) -> list[str]:
    """What a reading is of that the table does not name for this leg."""
    about = given.about
    out = []
    group = load_groups(leg["group"]).iloc[0]
    names = {str(leg["group"])}
    if len(group["symbols"]) == 1:
        names |= set(group["symbols"])
    if "symbols" in about and not set(about["symbols"]) <= names:
        out.append(f"{', '.join(about['symbols'])} in place of {leg['group']}")
    market = leg["benchmark"] or group["benchmark"]
    if about.get("benchmark") and about["benchmark"] != [market]:
        out.append(f"{', '.join(about['benchmark'])} as market in place of {market}")
    if "events" in about and not set(about["events"]) <= set(
        leg_events(leg["events"], verified=False)
    ):
        out.append("other announcements")
    elif "events" in about and leg["measure"] == "car":
        expected = leg_signs(leg)
        dropped = len(expected) - len(about["events"])
        if dropped > len(expected) / 2:
            out.append("fewer than half of its announcements")
    signs = leg_signs(leg, verified=False)
    given_signs = about.get("sign", dict.fromkeys(signs, given.turned))
    if any(sign != signs.get(event, sign) for event, sign in given_signs.items()):
        out.append("another direction")
    wanted = (leg["first"], leg["last"])
    if leg["measure"] == "car" and about.get("window", wanted) != wanted:
        out.append(f"the window {about['window']}")
    if about.get("model", leg["model"]) != leg["model"]:
        out.append(f"the model {about['model']}")
    return out


def _kept(rows: pd.DataFrame, words: Mapping[str, str], word: str) -> dict[str, Any]:
    """A verdict as other pages need it."""
    legs = {
        str(leg): {
            "kind": row["kind"],
            "decides": row["decides"],
            "word": row["word"],
            "text": row["text"],
            **{key: float(f"{value:.6g}") for key, value in row["numbers"].items()},
        }
        for leg, row in rows.iterrows()
    }
    return {"word": word, "kinds": dict(words), "legs": legs}
