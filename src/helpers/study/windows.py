"""Estimation and event windows, in sessions relative to day 0, both ends in."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.errors import StudyError

Window = tuple[int, int]


def check_window(window: Window, name: str) -> Window:
    """Return `window` as two ints, or say what is wrong with what is called `name`."""
    try:
        first, last = window
        pair = (int(first), int(last))
        if pair != (first, last):  # a fraction, or digits in a text
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise StudyError(
            f"{name} window {window!r} is not a pair of whole sessions such as (-1, 1)."
        ) from None
    if pair[0] > pair[1]:
        raise StudyError(
            f"{name} window {pair} ends before it starts: swap its two numbers."
        )
    return pair


@dataclass(frozen=True)
class Windows:
    """An estimation window and the event window that follows it.

    Parameters
    ----------
    estimation, event : (int, int)
        Sessions relative to day 0, inclusive.

    Raises
    ------
    StudyError
        If either is malformed, or the estimation window does not end before
        the event window starts.
    """

    estimation: Window
    event: Window

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "estimation", check_window(self.estimation, "Estimation")
        )
        object.__setattr__(self, "event", check_window(self.event, "Event"))
        if self.estimation[1] >= self.event[0]:
            raise StudyError(
                f"The estimation window {self.estimation} reaches into the event "
                f"window {self.event}: end it at {self.event[0] - 1} or earlier."
            )

    @property
    def estimation_length(self) -> int:
        """Sessions in the estimation window."""
        return self.estimation[1] - self.estimation[0] + 1

    @property
    def event_length(self) -> int:
        """Sessions in the event window."""
        return self.event[1] - self.event[0] + 1

    def within_event(self, first: int, last: int) -> slice:
        """Columns of the event window that hold sessions `first` to `last`."""
        first, last = check_window((first, last), "Test")
        if first < self.event[0] or last > self.event[1]:
            raise StudyError(
                f"[{first}, {last}] is not inside the study's event window "
                f"{self.event}: run the study with a wider one."
            )
        return slice(first - self.event[0], last - self.event[0] + 1)
