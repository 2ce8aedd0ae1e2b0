"""What an analyst chooses, and the Python call that says the same."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.study.windows import Window

OWN_MARKET = "each instrument's own"


@dataclass(frozen=True)
class Choices:
    """One question to the data.

    Attributes
    ----------
    event : str
        An event of the ledger, or when an event was announced: an instant with its
        offset, two with a slash between, or a date (see
        :func:`helpers.place_event`).
    symbols : tuple of str
        Instruments to study.
    benchmark : str or None
        Market of the model; None for each instrument's own.
    model : str
        Normal-return model, as of :func:`helpers.event_study`.
    estimation, window, test : (int, int)
        Estimation window, event window (the path that is drawn) and the window
        within it that is tested; sessions relative to day 0, inclusive.
    mask : bool
        Whether sessions of other ledger events and of results are kept out of
        estimation.
    """

    event: str
    symbols: tuple[str, ...]
    benchmark: str | None = None
    model: str = "market"
    estimation: Window = (-120, -11)
    window: Window = (-5, 10)
    test: Window = (0, 1)
    mask: bool = False

    @property
    def call(self) -> str:
        """Python that gives the same figure and tables when it is run."""
        return "\n".join(
            [
                "from helpers import explore",
                "",
                "view = explore(",
                f"    {self.event!r},",
                f"    {list(self.symbols)!r},",
                f"    benchmark={self.benchmark!r},",
                f"    model={self.model!r},",
                f"    estimation={self.estimation!r},",
                f"    window={self.window!r},",
                f"    test={self.test!r},",
                f"    mask={self.mask!r},",
                ")",
                "view.show()",
            ]
        ).replace("'", '"')
