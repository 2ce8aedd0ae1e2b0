"""The explorer: the lab's choices as widgets, what they give beside them.

Everything that is computed, drawn or worded comes from :mod:`helpers.lab.view`;
here are only the places where its results are put.
"""

from __future__ import annotations

import base64
import html
import io
import threading
from typing import TYPE_CHECKING
from urllib.parse import quote

import ipywidgets as widgets
from IPython.display import display

from helpers.data.calendars import sessions
from helpers.errors import HelpersError
from helpers.lab.choices import Choices
from helpers.lab.controls import Controls
from helpers.lab.store import Store
from helpers.lab.view import View, view_of
from helpers.notebook.tables import table_texts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STATIC = (
    "*The controls of the explorer appear here when this notebook runs in JupyterLab: "
    "`make lab`, then Run All Cells.*"
)
DOTS_PER_INCH = 120
LABELS = {
    "figure": "Figure's numbers",
    "instruments": "Instruments",
    "tests": "Tests",
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
        What is shown now; None after choices that cannot be studied.
    message : str
        Why nothing is shown; empty if something is.
    """

    def __init__(self, choices: Choices, store: Store | None = None) -> None:
        self._store = store or Store()
        self.view: View | None = None
        self.message = ""
        self.picture = widgets.HTML()
        self.files = widgets.HTML()
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
            self._refuse(str(error))
            return
        self.view, self.message = view, ""
        png = _picture(plate["fig"])
        # The picture last: whoever sees it change finds the rest in step with it.
        self.call.value = view.call
        self.tables.value = _output(_tables(view))
        self.files.value = _output(_links(view, png))
        self.picture.value = _output(
            f"<blockquote role='status'>{html.escape(view.sentence)}</blockquote>"
            f"<img alt='{html.escape(plate['alt'], quote=True)}' "
            f"src='data:image/png;base64,{png}'>"
            f"<p>{html.escape(plate['caption'])}</p>"
        )

    def _refuse(self, message: str) -> None:
        self.view, self.message = None, message
        self.files.value = self.tables.value = self.call.value = ""
        self.picture.value = _output(
            f"<p class='error' role='alert'>{html.escape(message)}</p>"
        )

    @property
    def panel(self) -> widgets.Widget:
        """Controls to the left, results to the right."""
        results = widgets.VBox(
            [widgets.HTML(_STYLE), self.picture, self.files, self.tables, self.call],
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


def _picture(figure: Figure) -> str:
    """A figure as PNG in base64, larger than a stored one but made much faster."""
    from matplotlib import pyplot

    drawn = io.BytesIO()
    figure.savefig(
        drawn, format="png", dpi=DOTS_PER_INCH, pil_kwargs={"compress_level": 1}
    )
    pyplot.close(figure)
    return base64.b64encode(drawn.getvalue()).decode()


def _links(view: View, png: str) -> str:
    """The files that can be kept, each in the page itself."""
    name = html.escape(view.choices.event.replace(":", "").replace("/", "-"))
    files = {"Figure (PNG)": (f"{name}.png", f"data:image/png;base64,{png}")}
    for part, text in view.files.items():
        address = f"data:text/csv;charset=utf-8,{quote(text)}"
        files[f"{LABELS[part]} (CSV)"] = (f"{name}-{part}.csv", address)
    links = "".join(
        f"<a download='{file}' href='{address}'>{label}</a>"
        for label, (file, address) in files.items()
    )
    return f"<p class='files'>Keep: {links}</p>"


def _tables(view: View) -> str:
    plates = [view.cars_plate, view.tests_plate, view.confounders_plate]
    notes = "".join(
        f"<p><strong>{kind}.</strong> {html.escape(text)}</p>"
        for kind, text in view.notes
    )
    return notes + "".join(
        f"<div class='scrolls' tabindex='0'>{table_texts(**plate)[0]}</div>"
        for plate in plates
        if plate is not None
    )


def _output(content: str) -> str:
    return f"<div class='explorer-output'>{content}</div>"
