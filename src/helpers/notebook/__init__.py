"""What a cell says: sentences, figures, tables and verdicts, with their conditions."""

from helpers.notebook.files import save
from helpers.notebook.output import load_results, record, say, show, table
from helpers.notebook.verdicts import fact, verdict
from helpers.notebook.words import (
    counted,
    day,
    firm,
    interval,
    listed,
    number,
    p_cell,
    p_value,
    percent,
    share,
    short_day,
    window,
)

__all__ = [
    "counted",
    "day",
    "fact",
    "firm",
    "interval",
    "listed",
    "load_results",
    "number",
    "p_cell",
    "p_value",
    "percent",
    "record",
    "save",
    "say",
    "share",
    "short_day",
    "show",
    "table",
    "verdict",
    "window",
]
