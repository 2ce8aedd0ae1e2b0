"""The codebook of the data as a page, with every file to take away."""

from __future__ import annotations

import re
from pathlib import Path

from helpers.site.markup import literal

# Links of the codebook to files beside it, which lie elsewhere in the site.
_BESIDE = re.compile(r"\]\((?!https?://|#)([^)]+\.csv)\)")


def data_page(codebook: str, data: Path) -> str:
    """Return the codebook as the site shows it.

    Parameters
    ----------
    codebook : str
        Content of ``data/README.md``.
    data : Path
        The data folder; its CSV files are listed.
    """
    names = sorted(
        path.relative_to(data).as_posix()
        for path in data.rglob("*.csv")
        if not path.relative_to(data).parts[0].startswith(".")
    )
    links = ", ".join(
        f'<a href="data/{name}" download>{literal(name)}</a>' for name in names
    )
    shown = _BESIDE.sub(r"](data/\1)", codebook)
    return f"{shown.rstrip()}\n\n## Every file, to take away\n\n{links}.\n"
