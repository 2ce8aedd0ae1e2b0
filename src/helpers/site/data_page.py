"""The codebook of the data as a page, with every file to take away."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from helpers.site.markup import literal, plain

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
        (
            path.relative_to(data).as_posix()
            for path in data.rglob("*.csv")
            if not path.relative_to(data).parts[0].startswith(".")
        ),
        key=lambda name: name.rpartition("/"),
    )
    shown = _BESIDE.sub(r"](data/\1)", codebook)
    parts = [shown.rstrip(), "## Every file, to take away"]
    for folder, inside in groupby(names, lambda name: name.rpartition("/")[0]):
        links = ", ".join(
            f'<a href="data/{quote(name)}" download>{plain(Path(name).name)}</a>'
            for name in inside
        )
        parts.append(f"**{literal(folder or 'tables')}:** {links}.")
    return "\n\n".join(parts) + "\n"
