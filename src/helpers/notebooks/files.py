"""Which notebooks there are, and what they are called in messages."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from helpers.errors import HelpersError


def notebooks_dir() -> Path:
    """Return the ``notebooks`` folder of the checkout the package belongs to."""
    return Path(__file__).resolve().parents[3] / "notebooks"


def find_notebooks(paths: Iterable[Path | str] = ()) -> list[Path]:
    """Return the notebooks named by ``paths``, in order, each once.

    Parameters
    ----------
    paths : iterable of path, optional
        Notebooks and folders of notebooks; without any, the checkout's own
        ``notebooks`` folder.

    Returns
    -------
    list of Path
        At least one notebook.

    Raises
    ------
    HelpersError
        If a path does not exist or is no notebook, or a folder holds none.
    """
    found: dict[Path, None] = {}
    for path in [Path(path) for path in paths] or [notebooks_dir()]:
        if path.is_dir():
            inside = sorted(path.glob("*.ipynb"))
            if not inside:
                raise HelpersError(
                    f"There is no notebook in {short_name(path)}: nothing to do."
                )
            found.update(dict.fromkeys(inside))
        elif path.suffix == ".ipynb" and path.is_file():
            found[path] = None
        else:
            raise HelpersError(
                f"{short_name(path)} is not a notebook: name an .ipynb file or a "
                "folder that holds some."
            )
    return list(found)


def short_name(path: Path) -> str:
    """Return ``path`` as seen from the working folder, where that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)
