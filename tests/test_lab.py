"""The lab's engine: right figures, reasons for bad choices, calls that reproduce."""

from __future__ import annotations

import json
import random
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from data_folder import copy_data, read_from
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib import pyplot

from book.drawn_compare import same_drawn
from book.execute import normalise
from book.notebooks import read_notebook
from helpers import (
    HelpersError,
    event_mask,
    event_study,
    explore,
    load_events,
    load_returns,
    overlapping_events,
)
from helpers.cli import main
from helpers.lab.choices import Choices
from helpers.lab.explorer import STATIC, Explorer
from helpers.lab.store import Store
from helpers.lab.study_command import single_study
from helpers.lab.view import view_of
from helpers.notebook.drawn import drawn
from helpers.notebook.files import figure_bytes
from helpers.study.models import MODELS
from helpers.study.placing import place_event

REMARK = "deepseek-v31-domestic-chip-remark"
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.fixture(scope="module")
def store() -> Store:
    return Store()


def cells(name: str, kind: str) -> list[str]:
    """Sources of one notebook's cells."""
    stored = json.loads((NOTEBOOKS / name).read_text(encoding="utf-8"))
    return [
        "".join(cell["source"]) for cell in stored["cells"] if cell["cell_type"] == kind
    ]


def test_the_default_is_what_the_engine_says(store):
    view = explore(REMARK, "NVDA", benchmark="^GSPC", store=store)
    returns = load_returns(["NVDA", "^GSPC"])
    event = load_events("NVDA", event_ids=REMARK)
    study = event_study(returns, event, benchmark="^GSPC", window=(-5, 10))
    row = view.cars.loc["NVDA"]
    for name, value in study.car(0, 1).iloc[0].items():
        assert row[name] == pytest.approx(value, rel=1e-12)
    path = study.car_path(-5, 10).loc[(REMARK, "NVDA")]
    pd.testing.assert_frame_equal(view.found.paths["NVDA"], path)


@pytest.mark.parametrize("window", [(0, 0), (0, 1), (-1, 1), (-5, 5)])
def test_every_instrument_has_the_figures_of_the_command_study(store, window):
    symbols = ["NVDA", "0981.HK", "688256.SS"]
    view = explore("2025-08-22", symbols, test=window, store=store)
    for symbol, row in view.cars.iterrows():
        alone = single_study(symbol, row["day0"], windows=[window])[1].iloc[0]
        for name in ("car", "se", "p_value", "ci_low", "placebo_p", "detectable"):
            assert row[name] == pytest.approx(alone[name], rel=1e-9), (symbol, name)
    assert view.found.mean == pytest.approx(view.cars["car"].mean())


@pytest.mark.parametrize(
    "choices",
    [
        Choices(REMARK, ("NVDA",), "^GSPC"),
        Choices("huawei-ascend-roadmap", ("NVDA", "0981.HK"), mask=True),
        Choices("2025-10-06T08:00-04:00", ("AMD", "000660.KS"), model="market_sector"),
        Choices(
            "2025-10-06", ("0981.HK",), "^GSPC", "dimson", (-200, -20), test=(0, 3)
        ),
        Choices("2024-05-14", ("NVDA", "MU"), model="ff3", window=(-1, 5)),
    ],
    ids=lambda choices: choices.event,
)
def test_the_call_run_as_code_gives_the_same_figure_and_tables(store, choices):
    view = view_of(choices, store)
    given: dict = {}
    exec(view.call.replace("view.show()", ""), given)
    again = given["view"]
    assert again.choices == choices
    pd.testing.assert_frame_equal(again.cars, view.cars)
    pd.testing.assert_frame_equal(again.found.tests, view.found.tests)
    pd.testing.assert_frame_equal(again.found.confounders, view.found.confounders)
    assert (again.sentence, again.notes) == (view.sentence, view.notes)
    pictures = []
    for one in (view, again):
        one.plate["fig"].canvas.draw()
        pictures.append(drawn(one.plate["fig"]))
    assert same_drawn(*pictures) == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"event": "deepseek-v31"}, "did you mean deepseek-v31-quiet-upgrade"),
        ({"event": "yesterday"}, "write it as 2025-08-27T16:20-04:00"),
        ({"event": "2025-08-29T16:20"}, "no UTC offset"),
        ({"event": "2025-02-30"}, "not a date"),
        ({"event": "1999-01-04"}, "calendar runs from"),
        ({"event": "2018-12-20"}, "sessions before day 0"),
        ({"event": "2026-11-20"}, "outside the history"),
        ({"symbols": ()}, "choose at least one"),
        ({"symbols": ("NVDA", "NVDA")}, "twice"),
        ({"symbols": ("NVDAA",)}, "did you mean NVDA"),
        ({"symbols": tuple("ABCDEFGHIJKLMNOPQ")}, "16 at most"),
        ({"symbols": ("000660.KS",)}, "000660.KS: it has no benchmark of its own"),
        ({"benchmark": "^SPX"}, "Unknown symbol"),
        ({"benchmark": "NVDA"}, "its own benchmark"),
        ({"model": "magic"}, "choose one of"),
        ({"model": "factors"}, "choose one of"),
        ({"symbols": ("0981.HK",), "model": "ff3"}, "New York's market"),
        ({"symbols": ("AAPL",), "model": "market_sector"}, "no sector index"),
        ({"benchmark": "^SOX", "model": "market_sector"}, "stands twice"),
        ({"estimation": (-120, -3)}, "reaches into the event window"),
        ({"estimation": (-11, -120)}, "ends before it starts"),
        ({"estimation": (-30, -11)}, "30"),
        ({"test": (0, 20)}, "not inside the study's event window"),
        ({"window": (-5, 200)}, "more than the 121"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_choice_is_refused_with_the_reason(store, changed, message):
    asked = {"event": REMARK, "symbols": ("NVDA",), **changed}
    with pytest.raises(HelpersError, match=re.escape(message)):
        view_of(Choices(**asked), store)


def test_what_cannot_be_studied_is_listed_beside_what_can(store):
    view = explore(
        REMARK, ["NVDA", "000660.KS", "^GSPC"], benchmark="^GSPC", store=store
    )
    assert set(view.cars.index) | set(view.found.skipped) == {
        "NVDA", "000660.KS", "^GSPC",
    }  # fmt: skip
    assert "own benchmark" in view.found.skipped["^GSPC"]
    assert "Left out: ^GSPC" in view.plate["caption"]
    assert ("Left out", f"^GSPC: {view.found.skipped['^GSPC']}.") in view.notes


def test_a_foreign_benchmark_and_a_loose_clock_are_remarked_on(store):
    ordinary = {"window": (-2, 3), "test": (0, 0), "store": store}
    view = explore(
        "2025-06-10", "0981.HK", benchmark="^GSPC", estimation=(-60, -11), **ordinary
    )
    remarks = " ".join(view.found.remarks)
    assert "different hours" in remarks
    assert "test [0, +1] as well" in remarks
    tidy = explore("2025-06-10T09:00-04:00", "NVDA", **ordinary)
    assert tidy.found.remarks == []


def test_any_choice_gives_figures_or_one_of_our_errors(store):
    rng = random.Random(20250829)
    symbols = list(store.instruments.index)
    events = [*store.ledger.index, "2019-07-04", "2024-02-29", "2025-08-30"]
    given = 0
    for _ in range(24):
        start = rng.randint(-10, 0)
        choices = Choices(
            rng.choice(events),
            tuple(rng.sample(symbols, rng.randint(1, 3))),
            rng.choice([None, None, "^GSPC", "^SOX", "^HSI"]),
            rng.choice([name for name in MODELS if name not in ("huber", "garch")]),
            (rng.randint(-260, -40), rng.choice([-11, -20])),
            (start, rng.randint(0, 20)),
            (rng.choice([0, start]), rng.choice([0, 1])),
            rng.random() < 0.5,
        )
        try:
            view = view_of(choices, store)
        except HelpersError:
            continue
        given += 1
        assert np.isfinite(view.cars[["car", "se", "ci_low", "detectable"]]).all(
            axis=None
        )
        assert "nan" not in f"{view.title} {view.sentence} {view.plate['alt']}"
        assert set(view.cars.index) | set(view.found.skipped) == set(choices.symbols)
        assert (view.found.band is None) == bool(view.found.without_band)
        pyplot.close("all")
    assert given >= 8


def test_other_events_are_those_that_the_ledger_places_there(store):
    view = explore(REMARK, ["NVDA", "AMD"], window=(-5, 10), store=store)
    direct = overlapping_events(REMARK, "XNAS", 5, 10)
    found = view.found.confounders
    assert set(found.index) == set(direct.index)
    offsets = [row["New York"] for row in found.loc[direct.index, "offsets"]]
    assert offsets == direct["offset"].tolist()
    assert REMARK not in found.index
    assert found.loc["h20-production-halt", "tested"]
    assert not found.loc["nvda-results-fy26-q2", "tested"]


def test_the_store_reads_what_the_library_reads(store):
    for symbol in ("NVDA", "0981.HK"):
        dates = event_mask(symbol)["date"]
        assert store.occupied(symbol).tolist() == dates.tolist()
    symbols = ["AMD", "^GSPC"]
    assert store.returns(symbols) is store.returns(symbols)


def test_an_own_event_has_the_day_0_that_the_ledger_gives_it(store):
    symbols = ["NVDA", "0981.HK", "688256.SS"]
    zones = store.ledger["timezone"]
    for event_id, event in store.ledger.iloc[::6].iterrows():
        first, announced, last = (
            event[f"{name}_at"].tz_convert(zones[event_id])
            for name in ("earliest", "announced", "latest")
        )
        told = {
            "day": f"{announced:%Y-%m-%d}",
            "minute": announced.isoformat(),
            "session": f"{first.isoformat()}/{last.isoformat()}",
        }[event["precision"]]
        own = place_event("own", told, symbols)
        ledger = load_events(symbols, event_ids=event_id)
        for column in ("symbol", "day0", "exchange", "window", "flagged", "precision"):
            assert own[column].tolist() == ledger[column].tolist(), (event_id, column)


def test_other_choices_start_from_the_ones_made(store):
    view = explore("2025-10-06", "AAPL", store=store)
    rows = view.variants_plate["df"]
    assert rows["CAR"].iloc[0] == pytest.approx(view.found.mean)
    wider = explore("2025-10-06", "AAPL", estimation=(-260, -11), store=store)
    assert rows.loc["250 sessions of estimation", "CAR"] == wider.found.mean
    assert np.isnan(rows.loc["market and sector", "CAR"])
    assert "no sector index" in rows.loc["market and sector", "note"]


@pytest.fixture(scope="module")
def explorer(store):
    return Explorer(Choices(REMARK, ("NVDA",), "^GSPC"), store)


def test_moving_a_control_shows_what_the_engine_says(explorer, store):
    controls = explorer.controls
    controls.set(Choices(REMARK, ("NVDA",), "^GSPC"))
    before = explorer.picture.value
    controls.test[1].value = 3
    controls.add.value = "AMD  Advanced Micro Devices"
    wanted = Choices(REMARK, ("NVDA", "AMD"), "^GSPC", test=(0, 3))
    assert controls.choices == wanted
    assert explorer.picture.value != before
    assert explorer.view.sentence == view_of(wanted, store).sentence
    assert explorer.call.value == wanted.call
    assert "Advanced Micro Devices" in explorer.tables.value
    assert "download=" in explorer.files.value.replace("'", '"')
    controls.event.value = "2025-10-06"
    assert '"2025-10-06"' in explorer.call.value
    controls.benchmark.value = ""
    assert controls.choices.benchmark is None
    assert pyplot.get_fignums() == []


def test_a_bad_choice_is_answered_and_what_was_shown_stays(explorer):
    explorer.controls.set(Choices(REMARK, ("NVDA",), "^GSPC"))
    shown = explorer.picture.value, explorer.call.value
    explorer.controls.symbols.value = "nvda, <b>"
    assert "Unknown symbol &#x27;&lt;B&gt;&#x27;" in explorer.alert.value
    assert (explorer.picture.value, explorer.call.value) == shown
    explorer.controls.symbols.value = "nvda"
    assert explorer.alert.value == explorer.message == ""


@pytest.mark.parametrize(
    ("typed", "event"),
    [
        ("Huawei Ascend roadmap", "huawei-ascend-roadmap"),
        ("deepseek", "deepseek"),  # several
        ("2025-10-06", "2025-10-06"),
    ],
)
def test_an_event_is_found_by_words_that_no_other_has(explorer, typed, event):
    explorer.controls.event.value = typed
    assert explorer.controls.choices.event == event


def test_files_for_a_paper_are_offered_on_demand(explorer):
    explorer.controls.set(Choices(REMARK, ("NVDA",), "^GSPC"))
    explorer.more.click()
    for kind in ("SVG", "PDF", "XLSX", "TEX"):
        assert f"({kind})" in explorer.files.value


def test_a_figure_that_was_shown_is_saved_as_if_it_had_not_been(explorer, store):
    asked = Choices(REMARK, ("NVDA", "0981.HK"))
    explorer.controls.set(asked)
    view = explorer.view
    explorer.controls.set(Choices("2025-08-29", ("AMD",)))
    places = []
    for figure in (view.plate["fig"], view_of(asked, store).plate["fig"]):
        content = figure_bytes(figure, ".svg", 3.5)
        places.append(figure.axes[0].get_position().bounds)
        assert re.findall(rb"<!-- .*abnormal.* -->|<!-- NVDA -->", content)
    assert places[0] == pytest.approx(places[1], abs=1e-3)


def test_what_is_stored_of_the_explorer_is_the_same_each_time(explorer):
    InteractiveShell.instance()
    try:
        with capture_output() as captured:
            explorer._ipython_display_()
    finally:
        InteractiveShell.clear_instance()
    (output,) = captured.outputs
    assert "application/vnd.jupyter.widget-view+json" in output.data
    assert output.data["text/markdown"] == STATIC
    notebook = read_notebook(NOTEBOOKS / "11-explorer.ipynb")
    shown = next(
        cell["outputs"][0] for cell in notebook.cells if "Explorer(" in cell.source
        if cell.cell_type == "code" and cell.outputs
    )  # fmt: skip
    shown.data["application/vnd.jupyter.widget-view+json"] = {"model_id": "another"}
    normalise(notebook)
    assert set(shown.data) == {"text/markdown", "text/plain"}


def test_the_start_notebook_names_every_notebook_by_its_question():
    text = "\n".join(cells("start-here.ipynb", "markdown"))
    for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        title = cells(path.name, "markdown")[0].splitlines()[0].removeprefix("# ")
        line = next((one for one in text.splitlines() if f"({path.name})" in one), "")
        assert title in line, f"start-here.ipynb does not name {path.name}: {title}"


def test_the_own_event_notebook_has_ten_short_cells_and_writes_no_data(root):
    code = cells("12-your-own-event.ipynb", "code")
    assert len(code) == 10
    assert max(len(source.splitlines()) for source in code) <= 6
    data = root / "data"
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*")}
    given: dict = {}
    for source in code:
        exec(source, given)
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == before
    assert given["view"].cars.loc["AMD", "car"] > 0.2  # the share rose by a quarter


def test_the_commands_of_the_own_event_notebook_work(tmp_path, capsys):
    text = "\n".join(cells("12-your-own-event.ipynb", "markdown"))
    blocks = re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    add_event, add_ticker = (
        shlex.split(block.replace("\\\n", " ")) for block in blocks
    )
    folder = copy_data(tmp_path / "data")
    assert main([*add_event[3:], "--data", str(folder)]) == 0
    assert "Day 0 on XNAS: 2025-10-06." in capsys.readouterr().out
    added = read_from(folder, load_events, "AMD", event_ids="amd-openai")
    own = place_event("x", "2025-10-06T08:00-04:00", "AMD")
    assert added["day0"].tolist() == own["day0"].tolist()
    with pytest.raises(SystemExit) as asked:
        main([*add_ticker[3:], "--help"])
    assert asked.value.code == 0
