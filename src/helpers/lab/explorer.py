"""The explorer: the lab's choices as widgets, what they give beside them.

Everything that is computed, drawn or worded comes from :mod:`helpers.lab.view`;
here are only the places where its results are put.
"""

from __future__ import annotations

import base64
import html
import io
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np
from IPython.display import display

from helpers.data.calendars import sessions
from helpers.errors import HelpersError
from helpers.figures.layout import OnePanelLayout
from helpers.lab.choices import Choices
from helpers.lab.controls import Controls
from helpers.lab.store import Store
from helpers.lab.view import View, view_of
from helpers.notebook.files import WIDTHS, figure_bytes, table_bytes
from helpers.notebook.tables import table_html

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STATIC = (
    "*The controls of the explorer appear here when this notebook runs in JupyterLab: "
    "`make lab`, then Run All Cells.*"
)
DOTS_PER_INCH = 120
LABELS = {
    "figure": "Figure",
    "numbers": "Figure's numbers",
    "instruments": "Instruments",
    "tests": "Tests",
}
MEDIA = {
    ".csv": "text/csv;charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tex": "application/x-tex",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_STYLE = """\
<style>
.explorer-results .widget-html, .explorer-results .widget-html-content {
  min-width: 0; width: 100%; }
.explorer-output { font-size: 14px; line-height: 1.45; max-width: 1100px; }
.explorer-output img { display: block; max-width: 100%; height: auto; }
.explorer-output blockquote { margin: 0 0 8px; padding: 4px 12px;
  border-left: 4px solid #0072b2; background: #f3f8fc; color: #1a1a1a; }
.explorer-output .scrolls { overflow-x: auto; margin: 10px 0; }
.explorer-output table { border-collapse: collapse; font-size: 13px; }
.explorer-output caption { text-align: left; padding: 4px 0; width: 620px; }
.explorer-output td { white-space: nowrap; }
.explorer-output th, .explorer-output td { padding: 3px 7px;
  border-bottom: 1px solid rgba(128, 128, 128, 0.35); vertical-align: top; }
.explorer-output .error { padding: 8px 12px; border-left: 4px solid #d55e00;
  background: #fdf1e8; color: #1a1a1a; }
.explorer-output .files a { margin-right: 16px; text-decoration: underline; }
</style>"""


class Explorer:
    """Choose an event, instruments and a model, and see what they give.

    Show it by naming it on the last line of a cell. It changes nothing on disk.

    Parameters
    ----------
    choices : Choices
        Where to begin.
    store : Store, optional
        Data read already.

    Attributes
    ----------
    controls : Controls
    view : View or None
        What is shown; None as long as nothing could be studied.
    message : str
        Why the present choices cannot be studied; empty if they can.
    """

    def __init__(self, choices: Choices, store: Store | None = None) -> None:
        self._store = store or Store()
        self.view: View | None = None
        self.message = ""
        self.alert = widgets.HTML()
        self.picture = widgets.HTML()
        self.files = widgets.HTML()
        self.width = widgets.BoundedFloatText(
            value=6.5, min=WIDTHS[0], max=WIDTHS[1], description="Inches wide",
            layout=widgets.Layout(width="170px"),
        )  # fmt: skip
        self.more = widgets.Button(
            description="Also as SVG, PDF, Excel and LaTeX",
            layout=widgets.Layout(width="270px"),
        )
        self.more.on_click(lambda _: self._offer())
        self.tables = widgets.HTML()
        self.call = widgets.Textarea(
            description="Python",
            style={"description_width": "55px"},
            layout=widgets.Layout(width="auto", height="265px"),
        )
        self.controls = Controls(self._store, self.update)
        self.controls.set(choices)

    def update(self) -> None:
        """Show what the controls say, or why it cannot be shown."""
        try:
            view = view_of(self.controls.choices, self._store)
            plate = view.plate
        except HelpersError as error:
            # What was shown stays, with its own title and call, below the reason.
            self.message = str(error)
            self.alert.value = _output(
                f"<p class='error' role='alert'>{html.escape(self.message)}"
                f"{' Below: what could be studied last.' if self.view else ''}</p>"
            )
            return
        self.view, self.message, self.alert.value = view, "", ""
        png = _picture(plate["fig"])
        # The picture last: whoever sees it change finds the rest in step with it.
        self.call.value = view.call
        self.tables.value = _output(_tables(view))
        self.files.value = _output(
            _links(view, {("figure", ".png"): png, **view.files})
        )
        self.picture.value = _output(
            f"<blockquote role='status'>{html.escape(view.sentence)}</blockquote>"
            f"<img alt='{html.escape(plate['alt'], quote=True)}' "
            f"src='data:image/png;base64,{base64.b64encode(png).decode()}'>"
            f"<p>{html.escape(plate['caption'])}</p>"
        )

    def _offer(self) -> None:
        """Offer what takes too long to make with each change."""
        if self.view is not None:
            links = _links(self.view, _for_paper(self.view, self.width.value))
            self.files.value += _output(links)

    @property
    def panel(self) -> widgets.Widget:
        """Controls to the left, results to the right."""
        results = widgets.VBox(
            [
                *(widgets.HTML(_STYLE), self.alert, self.picture, self.files),
                *(widgets.HBox([self.width, self.more]), self.tables, self.call),
            ],
            layout=widgets.Layout(flex="1 1 520px", min_width="0"),
        )
        results.add_class("explorer-results")
        return widgets.HBox(
            [self.controls.panel, results], layout=widgets.Layout(flex_flow="wrap")
        )

    def _ipython_display_(self) -> None:
        bundle = self.panel._repr_mimebundle_()
        bundle |= {"text/plain": STATIC, "text/markdown": STATIC}
        display(bundle, raw=True)
        # Calendars take a second or two each, the first time that they are used.
        threading.Thread(target=self._warm, daemon=True).start()

    def _warm(self) -> None:
        for exchange in self._store.instruments["mic"].unique():
            sessions(str(exchange))


@lru_cache(maxsize=1)
def _canvas() -> Any:
    """One canvas for all pictures: it remembers how large words come out."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    return FigureCanvasAgg(Figure())


def _picture(figure: Figure) -> bytes:
    """A figure as PNG, of fewer colours than a stored one but made much faster."""
    from matplotlib.backend_bases import FigureCanvasBase
    from PIL import Image

    canvas, stored, layout = _canvas(), io.BytesIO(), figure.get_layout_engine()
    figure.set_dpi(DOTS_PER_INCH)
    figure.set_layout_engine(OnePanelLayout())
    figure.set_canvas(canvas)
    canvas.figure = figure
    canvas.draw()  # once: savefig would draw twice, the first time for the layout
    # For a file it is laid out at another size, and not by the next one's canvas.
    figure.set_layout_engine(layout)
    FigureCanvasBase(figure)
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    picture.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        stored, format="png", compress_level=1
    )
    return stored.getvalue()


def _links(view: View, files: Mapping[tuple[str, str], bytes]) -> str:
    """Files that can be kept, by part and ending, each in the page itself."""
    name = html.escape(view.choices.event.replace(":", "").replace("/", "-"))
    links = "".join(
        f"<a download='{name}-{part}{ending}' href='data:{MEDIA[ending]};base64,"
        f"{base64.b64encode(content).decode()}'>{LABELS[part]} "
        f"({ending[1:].upper()})</a>"
        for (part, ending), content in files.items()
    )
    return f"<p class='files'>Keep: {links}</p>"


def _for_paper(view: View, width: float) -> dict[tuple[str, str], bytes]:
    """The figure at a width in inches, and the tables as they are shown."""
    figure, tables = view.plate["fig"], {"instruments": view.cars_plate}
    tables["tests"] = view.tests_plate
    return {
        ("figure", ending): figure_bytes(figure, ending, width)
        for ending in (".svg", ".pdf")
    } | {
        (part, ending): table_bytes(
            plate["df"], ending, plate["caption"], plate["formats"]
        )
        for part, plate in tables.items()
        for ending in (".xlsx", ".tex")
    }


def _tables(view: View) -> str:
    plates = [view.cars_plate, view.tests_plate, view.confounders_plate]
    notes = "".join(
        f"<p><strong>{kind}.</strong> {html.escape(text)}</p>"
        for kind, text in view.notes
    )
    return notes + "".join(
        f"<div class='scrolls' tabindex='0'>{table_html(**plate)}</div>"
        for plate in plates
        if plate is not None
    )


def _output(content: str) -> str:
    return f"<div class='explorer-output'>{content}</div>"
