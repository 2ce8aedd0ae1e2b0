"""What the price files hold, lack and confirm, instrument by instrument."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from helpers.data.calendars import sessions
from helpers.data.files import manifest_entry
from helpers.data.instruments import load_instruments
from helpers.data.price_rules import HALF_UNIT
from helpers.data.prices import load_table, prices_path

# How an exchange is called, and in which order places are shown.
PLACES = {
    "XNAS": "New York",
    "XNYS": "New York",
    "ARCX": "New York",
    "XHKG": "Hong Kong",
    "XSHG": "mainland",
    "XSHE": "mainland",
    "XKRX": "Seoul",
}
# Floating-point ratios of two closes differ by less than this where nothing was paid.
_SAME = 1e-5


class PriceRecord:
    """The price files as they are, each read once.

    Parameters
    ----------
    tables : dict of symbol to DataFrame, optional
        As ``load_table`` gives them; by default every instrument's.
    """

    def __init__(self, tables: dict[str, pd.DataFrame] | None = None) -> None:
        self.instruments = load_instruments()
        self._given = tables

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Each instrument's price table."""
        if self._given is not None:
            return self._given
        return {symbol: load_table(symbol) for symbol in self.instruments.index}

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """What there is of each instrument.

        Returns
        -------
        DataFrame
            By symbol: ``name``, ``place``, ``kind``, ``group``, ``currency``,
            ``first``, ``last``; ``held`` (sessions of the exchange from first to
            last), ``priced``, ``missing``; ``confirmed`` (days on which a further
            source agrees), ``disputed`` (none agrees and one differs), ``single``
            (no further source).
        """
        rows = {}
        for symbol, table in self.tables.items():
            row = self.instruments.loc[symbol]
            held = sessions(row["mic"], table.index[0], table.index[-1])
            agrees = table["sources_agree"] > 0
            differs = table["sources_differ"] > 0
            rows[symbol] = {
                "name": row["name"],
                "place": PLACES[row["mic"]],
                "kind": row["kind"],
                "group": row["group"],
                "currency": row["currency"],
                "first": table.index[0],
                "last": table.index[-1],
                "held": len(held),
                "priced": len(table),
                "missing": len(held.difference(table.index)),
                "confirmed": int(agrees.sum()),
                "disputed": int((~agrees & differs).sum()),
                "single": int((~agrees & ~differs).sum()),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("symbol")

    @cached_property
    def returns(self) -> dict[str, pd.Series]:
        """Each instrument's one-session returns, decimal, by session held.

        As ``load_returns`` gives them: none on a session without a price, nor on
        the one after it.
        """
        found = {}
        for symbol, table in self.tables.items():
            held = sessions(
                self.instruments.at[symbol, "mic"], table.index[0], table.index[-1]
            )
            prices = table["adj_close"].reindex(held)
            found[symbol] = prices / prices.shift() - 1
        return found

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """Stretches of sessions that were held and have no price.

        Returns
        -------
        DataFrame
            ``symbol``, ``kind`` (suspension, hole), ``first``, ``last``,
            ``sessions`` and ``reason``.
        """
        rows = []
        for symbol in self.tables:
            for gap in manifest_entry(prices_path(symbol)).get("gaps", []):
                held = sessions(
                    self.instruments.at[symbol, "mic"], gap["first"], gap["last"]
                )
                rows.append(
                    {
                        "symbol": symbol,
                        "kind": gap["kind"],
                        "first": pd.Timestamp(gap["first"]),
                        "last": pd.Timestamp(gap["last"]),
                        "sessions": len(held),
                        "reason": gap["reason"],
                    }
                )
        columns = ["symbol", "kind", "first", "last", "sessions", "reason"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def moves(self) -> pd.DataFrame:
        """One-day returns beyond the limit of their kind, each with its reason.

        Returns
        -------
        DataFrame
            ``symbol``, ``session``, ``change`` (decimal), ``agree`` and ``differ``
            (further sources), ``reason``; largest first.
        """
        rows = []
        for symbol, table in self.tables.items():
            for move in manifest_entry(prices_path(symbol)).get("moves", []):
                session = pd.Timestamp(move["date"])
                rows.append(
                    {
                        "symbol": symbol,
                        "session": session,
                        "change": move["value"],
                        "agree": int(table.at[session, "sources_agree"]),
                        "differ": int(table.at[session, "sources_differ"]),
                        "reason": move["reason"],
                    }
                )
        columns = ["symbol", "session", "change", "agree", "differ", "reason"]
        found = pd.DataFrame(rows, columns=columns)
        return found.sort_values("change", key=abs, ascending=False, ignore_index=True)

    @cached_property
    def confirmed_by_quarter(self) -> pd.DataFrame:
        """Share of each quarter's days that a further source confirms.

        Returns
        -------
        DataFrame
            Symbols x quarters (their first days), decimal; NaN without prices.
        """
        columns = {}
        for symbol, table in self.tables.items():
            quarter = table.index.to_period("Q").to_timestamp()
            columns[symbol] = (table["sources_agree"] > 0).groupby(quarter).mean()
        return pd.DataFrame(columns).sort_index().T

    @cached_property
    def adjustments(self) -> pd.DataFrame:
        """Adjusted close over close, by session and symbol; NaN without both."""
        return pd.DataFrame(
            {
                symbol: table["adj_close"] / table["close"]
                for symbol, table in self.tables.items()
            }
        ).sort_index()

    @cached_property
    def distributions(self) -> pd.DataFrame:
        """Steps between the two closes that rounding cannot explain.

        Returns
        -------
        DataFrame
            ``symbol``, ``session``, ``size``: by how much the return of the
            adjusted close exceeds that of the close, decimal.
        """
        parts = []
        for symbol, table in self.tables.items():
            close = table["close"]
            ratio = table["adj_close"] / close
            step = ratio / ratio.shift() - 1
            rounding = HALF_UNIT / close + HALF_UNIT / close.shift() + _SAME
            paid = step[(step.abs() > rounding) & np.isfinite(step)]
            parts.append(
                pd.DataFrame(
                    {"symbol": symbol, "session": paid.index, "size": paid.to_numpy()}
                )
            )
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def pairs_of_closes(self) -> int:
        """Neighbouring sessions with both closes, over all instruments."""
        known = (table["close"].notna() for table in self.tables.values())
        return int(sum((both & both.shift(fill_value=False)).sum() for both in known))
