"""What a refresh did: what is new, what changed, what was refused."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

WIDTH = 88
INDENT = " " * 14
# Outcomes of which the symbol says it all.
SHORT = ("up to date", "not asked")
# A symbol that lacks more sessions than this needs looking after.
FAR_BEHIND = 5


@dataclass(frozen=True)
class Outcome:
    """What became of one symbol."""

    symbol: str
    # new prices; up to date: there was nothing to ask for; nothing new: Yahoo has no
    # newer session with a price; own file: Yahoo is not asked; refused; not asked.
    status: str
    # Last date of the prices now in force; empty if there are none.
    last: str
    # Dates of the new sessions.
    new: tuple[str, ...] = ()
    # What changed of the history at hand, and what else the user should know.
    remarks: tuple[str, ...] = ()
    # Why it was refused, and the name of the error.
    reason: str | None = None
    error: str | None = None
    # Complete sessions after the last date.
    behind: int = 0

    @property
    def was_asked(self) -> bool:
        """Whether Yahoo was asked for it."""
        return self.status not in (*SHORT, "own file")

    @property
    def needs_care(self) -> bool:
        """Whether it was refused, not asked for or is far behind."""
        return self.status in ("refused", "not asked") or self.behind > FAR_BEHIND

    def __str__(self) -> str:
        """Return the outcome as the lines of a report."""
        said = f"{self.status}, to {self.last}"
        if self.status == "new prices":
            ending = "" if len(self.new) == 1 else "s"
            said = f"{len(self.new)} new session{ending}, to {self.last}"
        elif self.status == "refused":
            said = "refused" + (f", still to {self.last}" if self.last else "")
        reason = (self.reason or "").removeprefix(f"{self.symbol}: ")
        notes = [*self.remarks, *([reason] if reason else [])]
        paragraphs = [_paragraph(note, f"{INDENT}- ") for note in notes]
        return "\n".join([f"{self.symbol:<{len(INDENT)}}{said}", *paragraphs])


@dataclass(frozen=True)
class Report:
    """What a refresh did, symbol by symbol."""

    outcomes: tuple[Outcome, ...]
    # When it began, in UTC, and the version used.
    at: str
    yfinance: str
    # Whether nothing was to be written.
    dry_run: bool
    # Why it ended before every symbol had its turn.
    stopped: str | None = None

    @property
    def ok(self) -> bool:
        """Whether every symbol has all that could be had."""
        return not any(one.needs_care for one in self.outcomes)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return {"ok": self.ok, **asdict(self)}

    def __str__(self) -> str:
        """Return the report as text, what needs attention last."""
        title = f"Refresh of {self.at}, yfinance {self.yfinance}"
        if self.dry_run:
            title += "; a dry run: nothing was written"
        counts = Counter(one.status for one in self.outcomes)
        asked = [one for one in self.outcomes if one.status not in SHORT]
        lines = [title, ", ".join(f"{what}: {n}" for what, n in counts.items())]
        lines += map(str, sorted(asked, key=lambda one: one.needs_care))
        for status in SHORT:
            symbols = [one.symbol for one in self.outcomes if one.status == status]
            if symbols:
                lines.append(_paragraph(", ".join(symbols), f"{status:<{len(INDENT)}}"))
        if self.stopped:
            lines.append(textwrap.fill(f"Stopped early: {self.stopped}", WIDTH))
        return "\n".join(lines)


def _paragraph(text: str, label: str) -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=label, subsequent_indent=" " * len(label),
        break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip
