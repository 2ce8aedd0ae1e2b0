"""The figure of the lab: the path of each instrument, and of their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.figures import car_paths

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from helpers.lab.engine import Explored


def draw(found: Explored, *, title: str, subject: str) -> Figure:
    """Draw what was explored.

    Parameters
    ----------
    found : Explored
    title : str
        The claim of the figure.
    subject : str
        Of what the abnormal returns are, and against what.
    """
    paths = dict(found.paths)
    if len(paths) > 1:
        # The intervals of many lines would hide them: they stand in the table.
        paths = {symbol: path[["car"]] for symbol, path in paths.items()}
        paths["Mean"] = found.mean_path.rename("car").to_frame()
    return car_paths(
        {subject: paths},
        title=title,
        xlabel="Sessions from day 0",
        bands=None if found.band is None else {subject: found.band},
        focus=found.choices.test,
    )
