"""Which notebooks there are, what they are called, and reading and writing them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.data.replacement import write_atomic
from helpers.errors import HelpersError

if TYPE_CHECKING:
    from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"


def find_notebooks(paths: Iterable[Path | str] = ()) -> list[Path]:
    """Return the notebooks named by ``paths``, in order, each once.

    Parameters
    ----------
    paths : iterable of path, optional
        Notebooks and folders of notebooks; without any, the checkout's own.

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
    for path in [Path(path) for path in paths] or [NOTEBOOKS]:
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


def add_notebooks(parser: argparse.ArgumentParser) -> None:
    """Add the argument ``paths``, which :func:`find_notebooks` takes."""
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="notebooks or folders of them (default: the folder notebooks)",
    )


def short_name(path: Path) -> str:
    """Return ``path`` as seen from the working folder, where that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)


def read_notebook(path: Path) -> NotebookNode:
    """Return the notebook in ``path``, in the current notebook format.

    Raises
    ------
    HelpersError
        If the file cannot be read or is not a notebook.
    """
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, AttributeError, nbformat.ValidationError) as error:
        raise HelpersError(
            f"{short_name(path)} cannot be read as a notebook: {error}"
        ) from error


def write_notebook(notebook: NotebookNode, path: Path) -> bool:
    """Write ``notebook`` to ``path`` all at once; return whether that changed it."""
    import nbformat

    return write_if_changed(path, (nbformat.writes(notebook).rstrip() + "\n").encode())


def write_if_changed(path: Path, content: bytes) -> bool:
    """Write a file so that nobody meets half of it; return whether that changed it."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, content)
    return True
