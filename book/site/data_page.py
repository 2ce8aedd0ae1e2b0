"""The codebook of the data as a page, with every file to take away."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path

from book.site.markup import below, download, literal
from helpers.data.files import read_manifest, read_verified
from helpers.data.snapshot import bundled_data
from helpers.data.tables import TABLES

ARCHIVE = "chip-sanctions-data"
# Links of the codebook to files beside it, which lie elsewhere in the site.
_BESIDE = re.compile(r"\]\((?!https?://|#)([^)]+\.csv)\)")


def published() -> dict[str, bytes]:
    """Return the CSV files that the site offers, and no other that lies beside them.

    Those are the tables kept by hand and what the manifest lists, as it lists them, by
    address within the data folder in force.
    """
    names = [*(table.file for table in TABLES), *read_manifest()["files"]]
    csvs = [name for name in names if name.endswith(".csv")]
    with bundled_data():
        return {
            name: read_verified(name)
            for name in sorted(csvs, key=lambda name: name.rpartition("/"))
        }


def data_archive(codebook: bytes, files: Mapping[str, bytes]) -> bytes:
    """Return every file with the codebook as one ZIP, the same for the same content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"README.md": codebook, **files}.items():
            # Without the time and the machine that it was made at.
            entry = zipfile.ZipInfo(f"{ARCHIVE}/{name}")
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()


def data_page(codebook: str, files: Iterable[str]) -> str:
    """Return the codebook, the content of ``data/README.md``, as the site shows it."""
    shown = _BESIDE.sub(r"](data/\1)", codebook)
    whole = download(f"{ARCHIVE}.zip", "All data and this codebook in one file (ZIP)")
    title, _, rest = shown.rstrip().partition("\n")
    parts = [title, below(whole), rest.strip(), "## Every file, to take away"]
    for folder, inside in groupby(files, lambda name: name.rpartition("/")[0]):
        links = ", ".join(download(f"data/{one}", Path(one).name) for one in inside)
        parts.append(f"**{literal(folder or 'tables')}:** {links}.")
    return "\n\n".join(parts) + "\n"
