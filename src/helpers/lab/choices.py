"""What an analyst chooses, and the Python call that says the same."""

from __future__ import annotations

from dataclasses import dataclass, fields

from helpers.study.windows import Window


@dataclass(frozen=True)
class Choices:
    """One question to the data, as :func:`helpers.explore` takes it.

    Attributes
    ----------
    event : str
        An event of the ledger, or when an event was announced: an instant with its
        offset, two with a slash between, or a date.
    symbols : tuple of str
    benchmark : str or None
        Market of the model; None for each instrument's own.
    model : str
    estimation, window, test : (int, int)
        Estimation window, event window (the path that is drawn) and the window
        within it that is tested.
    mask : bool
        Whether sessions of other events and of results are kept out of estimation.
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
        options = "".join(
            f"    {one.name}={getattr(self, one.name)!r},\n" for one in fields(self)[2:]
        )
        return (
            "from helpers import explore\n\nview = explore(\n"
            f"    {self.event!r},\n    {list(self.symbols)!r},\n{options})\nview.show()"
        ).replace("'", '"')
