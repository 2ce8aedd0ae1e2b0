"""First sessions that were written down by hand, independent of the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.data.event_rules import HAND_SESSIONS
from helpers.data.files import data_dir

if TYPE_CHECKING:
    import pandas as pd


def load_hand_sessions() -> pd.DataFrame:
    """Return the first sessions that were noted when the events were collected.

    Returns
    -------
    DataFrame
        One row for each event and exchange: ``event_id``, ``exchange``, ``hand``,
        ``hand_alternative`` and ``code`` (Timestamps; NaT where there is none),
        ``hand_note``, ``verdict`` (``code``, ``open`` or empty) and ``why``.

    Raises
    ------
    DataError
        If the table breaks a rule of the codebook.

    Examples
    --------
    >>> hand = load_hand_sessions().set_index(["event_id", "exchange"])["hand"]
    >>> print(hand["deepseek-r1", "XNAS"].date())
    2025-01-21
    """
    return HAND_SESSIONS.frame(HAND_SESSIONS.read(data_dir()))
