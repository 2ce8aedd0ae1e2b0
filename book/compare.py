"""Whether a cell gave what is stored: words as words, numbers as numbers.

What a page says is compared as text. What a figure draws is compared by its numbers,
within a thousandth of its axes, and what a cell records within a thousandth of the
number: processors differ in digits that nobody can see, and in the pixels that come
of them.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from book.drawn_compare import TOLERANCE, same_drawn

Output = Mapping[str, Any]
# What carries no information of its own, or another at every run.
_NO_CONTENT = ("application/vnd.jupyter.widget-view+json",)
_SHOWN_CHARACTERS = 160
_TINY = 1e-9


def settle(stored: Sequence[Any], new: Sequence[Any]) -> tuple[list[Any], list[str]]:
    """Choose for each output of a cell between the stored and the new one.

    Parameters
    ----------
    stored, new : sequence of dict
        Outputs of the cell, in the notebook format.

    Returns
    -------
    outputs : list of dict
        The stored output where the new one says the same, else the new one.
    changes : list of str
        What is not the same.
    """
    if len(stored) != len(new):
        many = f"it has {len(new)} outputs and had {len(stored)}"
        return list(new), [many]
    outputs, changes = [], []
    for old, fresh in zip(stored, new, strict=True):
        found = differences(old, fresh)
        outputs.append(fresh if found else old)
        changes += found
    return outputs, changes


def differences(stored: Output, new: Output) -> list[str]:
    """Say what differs between a stored and a new output; nothing if they agree."""
    return [*text_differences(stored, new), *number_differences(stored, new)]


def text_differences(stored: Output, new: Output) -> Iterator[str]:
    """Say what differs in the words of two outputs, figures' descriptions included."""
    for key in ("output_type", "name", "ename", "evalue", "text"):
        yield from _text(key.replace("_", " "), stored.get(key), new.get(key))
    old, fresh = _shown(stored), _shown(new)
    if old.keys() != fresh.keys():
        yield f"it shows {', '.join(fresh)} and showed {', '.join(old)}"
        return
    if "image/png" in old:
        yield from _text("alt text", *(_about(one).get("alt") for one in (stored, new)))
    # Of one text in several dresses the plain one says it best.
    dresses = sorted(old.keys() - {"image/png"}, key=lambda kind: kind != "text/plain")
    for kind in dresses:
        if found := list(_text(kind, old[kind], fresh[kind])):
            yield from found
            return


def number_differences(stored: Output, new: Output) -> Iterator[str]:
    """Say what differs in an output's image, drawn numbers, records and conditions."""
    if "image/png" in _shown(stored) and "image/png" in _shown(new):
        yield from _image(stored, new)
    old, fresh = (one.get("metadata", {}).get("helpers", {}) for one in (stored, new))
    if old.get("holds", True) != fresh.get("holds", True):
        yield (
            "its sentence no longer holds with these data"
            if not fresh.get("holds", True)
            else "its sentence holds again with these data"
        )
    yield from _recorded("record", old.get("record", {}), fresh.get("record", {}))
    yield from _recorded("p-value", old.get("p_values", []), fresh.get("p_values", []))


def image_is_its_own(output: Output) -> bool:
    """Whether the image that an output holds is the one that its code drew."""
    about = _about(output)
    if "sha256" not in about:
        return True
    content = base64.b64decode(_joined(_shown(output)["image/png"]))
    return hashlib.sha256(content).hexdigest() == about["sha256"]


def _image(stored: Output, new: Output) -> Iterator[str]:
    old, fresh = _about(stored).get("drawn"), _about(new).get("drawn")
    if not image_is_its_own(stored):
        yield "the stored image is not the one that the code drew: it was replaced"
    if isinstance(old, Mapping) and isinstance(fresh, Mapping):
        for what in same_drawn(old, fresh):
            yield f"the figure: {what}"
    elif old != fresh:
        yield "the figure keeps its numbers in another way"
    elif old is None:
        yield from _text("image", _shown(stored)["image/png"], _shown(new)["image/png"])


def _recorded(name: str, stored: Any, new: Any) -> Iterator[str]:
    """Compare what two runs recorded: numbers within the tolerance, else exactly."""
    if isinstance(stored, Mapping) and isinstance(new, Mapping):
        for key in sorted(stored.keys() | new.keys()):
            if key not in new:
                yield f"{name} {key} is gone: it was {stored[key]!r}"
            elif key not in stored:
                yield f"{name} {key} is new: {new[key]!r}"
            else:
                yield from _recorded(f"{name} {key}", stored[key], new[key])
    elif isinstance(stored, list) and isinstance(new, list):
        if len(stored) != len(new):
            yield f"{name} has {len(new)} entries and had {len(stored)}"
            return
        for at, (old, fresh) in enumerate(zip(stored, new, strict=True), 1):
            yield from _recorded(f"{name} {at}", old, fresh)
    elif not _same(stored, new):
        yield f"{name} is {new!r} and was {stored!r}{_share(stored, new)}"


def _same(stored: Any, new: Any) -> bool:
    if isinstance(stored, float) or isinstance(new, float):
        try:
            close = math.isclose(stored, new, rel_tol=TOLERANCE, abs_tol=_TINY)
        except TypeError:
            return False
        return close or (math.isnan(stored) and math.isnan(new))
    return bool(stored == new)


def _share(stored: Any, new: Any) -> str:
    numbers = [
        one
        for one in (stored, new)
        if isinstance(one, (int, float)) and not isinstance(one, bool)
    ]
    if len(numbers) < 2 or not stored:
        return ""
    return f" ({abs(new - stored) / abs(stored):.2%} of it)"


def _text(what: str, stored: Any, new: Any) -> Iterator[str]:
    """Name the first line in which two texts differ."""
    old, fresh = _joined(stored), _joined(new)
    if old == fresh:
        return
    lines = [
        line
        for line in difflib.ndiff(old.splitlines(), fresh.splitlines())
        if line[:1] in "-+"
    ]
    gone = next((line[2:] for line in lines if line[0] == "-"), "")
    come = next((line[2:] for line in lines if line[0] == "+"), "")
    yield f"{what}: “{_short(come, gone)}” and was “{_short(gone, come)}”"


def _short(text: str, other: str) -> str:
    """The part of a line that shows how it differs from another."""
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    same = next(
        (at for at, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), 0
    )
    start = max(0, min(same - _SHOWN_CHARACTERS // 2, len(text) - _SHOWN_CHARACTERS))
    return f"…{text[start : start + _SHOWN_CHARACTERS]}…"


def _shown(output: Output) -> dict[str, Any]:
    return {
        kind: content
        for kind, content in output.get("data", {}).items()
        if kind not in _NO_CONTENT
    }


def _about(output: Output) -> Mapping[str, Any]:
    """What an output says of its image."""
    about = output.get("metadata", {}).get("image/png", {})
    return about if isinstance(about, Mapping) else {}


def _joined(content: Any) -> str:
    """Text that a notebook may hold as a list of lines, or as JSON."""
    if content is None:
        return ""
    if isinstance(content, list):
        return "".join(map(str, content))
    return content if isinstance(content, str) else json.dumps(content, sort_keys=True)
