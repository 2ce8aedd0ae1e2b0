"""The chapter on parallel ecosystems: verdicts follow the data."""

import csv
import shutil

import numpy as np
import pandas as pd
import pytest

from helpers.data.files import data_dir
from helpers.evidence.parallel_ecosystems import (
    LEFT_IN,
    TO_CHINA,
    TO_US,
    ParallelEcosystems,
)
from helpers.evidence.parallel_ecosystems_findings import parallel_findings
from helpers.evidence.reliance import Reliance
from helpers.presentation import parallel_breaks as breaks
from helpers.presentation import parallel_ecosystems as chapter
from helpers.presentation import parallel_reliance as accounts
from helpers.presentation import parallel_spillovers as spillovers

PLATES = [
    chapter.paths,
    chapter.before_after,
    chapter.specifications,
    breaks.breaks,
    spillovers.connected,
]
RULE = pd.Timestamp("2022-10-10")


@pytest.fixture(scope="module")
def study():
    return ParallelEcosystems()


@pytest.fixture(scope="module")
def findings(study):
    return parallel_findings(study)


def with_link(study, before, after):
    """Chinese shares that follow New York by this much before and after the rule."""
    returns = study.returns.copy()
    returns.attrs = dict(study.returns.attrs)
    american = study.net(study.choices.us)
    for basket in (*study.choices.chinese, study.choices.chinese_tools):
        sessions = returns[list(basket.symbols)].dropna(how="all").index
        place = sessions.searchsorted(american.index, side="right")
        news = american.groupby(place).sum()
        news = news[(news.index > 0) & (news.index < len(sessions))]
        news.index = sessions[news.index]
        pull = news * np.where(news.index < RULE, before, after)
        for symbol in basket.symbols:
            returns[symbol] = returns[symbol] + pull.reindex(returns.index).fillna(0)
    return ParallelEcosystems(returns=returns)


def edited(folder, file, change):
    """Change the rows of one table in a copy of the data folder, made if need be."""
    if not folder.exists():
        shutil.copytree(data_dir(), folder)
    with (folder / file).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    kept = [row for row in map(change, rows) if row is not None]
    with (folder / file).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
    return folder


def unverified_approval(row):
    approval = row["event_id"] == "china-approves-first-h200"
    return {**row, "verification": "partly"} if approval else row


def less_china_before(row):
    """A small China in the year before, on both bases, so that it rises."""
    if row["period"] == "quarter" and row["fiscal"][:6] in ("FY2024", "FY2025"):
        return None
    before = {"billing": "FY2024", "headquarters": "FY2025"}[row["basis"]]
    if row["period"] == "year" and row["fiscal"] == before:
        return {**row, "china_usd_m": "3000"}
    return row


def more_at_home_before(row):
    key = (row["metric"], row["period_end"][:4])
    early = key == ("china_ai_chip_sales_share_bernstein", "2023")
    return {**row, "value": "0.9"} if early else row


def test_new_york_comes_before_the_next_session_in_china(study):
    pairs = study.pairs("mainland chip names", LEFT_IN)
    american = study.net(study.choices.us, LEFT_IN)
    # Monday follows Friday; after National Day a week and a day of New York.
    assert pairs.loc["2024-03-11", "leader"] == american["2024-03-08"]
    week = american["2023-09-28":"2023-10-08"]
    assert len(week) == 7
    assert pairs.loc["2023-10-09", "leader"] == pytest.approx(week.sum())


def test_splits_are_chinese_sessions_after_the_announcements(study):
    assert study.splits["bis-2022-10-07-rules"] == RULE
    assert study.splits["bis-2023-10-17-rules"] == pd.Timestamp("2023-10-18")


def test_a_basket_of_too_few_members_has_no_return(study):
    last = study.net(study.baskets["mainland chip names"]).index[-1]
    members = study.returns[list(study.baskets["mainland chip names"].symbols)]
    assert members.loc[last].notna().sum() >= 3
    assert (members.loc[last:].iloc[1:].notna().sum(axis=1) < 3).all()


def test_no_change_is_neither_supported_nor_contradicted(findings):
    verdict = findings.verdicts["parallel-ecosystems"]
    assert verdict.word == "not supported"
    assert "no proof that nothing changed" in verdict.sentence


def test_a_link_that_ends_with_the_rule_would_support_the_claim(study, findings):
    parted = parallel_findings(with_link(study, 0.7, 0.0))
    assert parted.verdicts["parallel-ecosystems"].word == "supported"
    assert parted.answer != findings.answer
    assert "drift apart" in parted.answer


def test_a_link_that_begins_with_the_rule_contradicts_it(study):
    closer = parallel_findings(with_link(study, 0.0, 0.7))
    assert closer.verdicts["parallel-ecosystems"].word == "contradicted"
    assert "closer together" in closer.answer


def test_both_directions_are_searched_for_breaks(study):
    for name in study.baskets:
        assert len(study.breaks[name, TO_CHINA].path) > 700
        assert len(study.breaks[name, TO_US].path) > 700


def test_market_left_in_never_enters_the_verdict(study):
    assert LEFT_IN not in study.net_changes.index.unique("model")
    assert LEFT_IN in study.changes.index.unique("model")


def test_determined_is_held_back_by_an_approval(study, findings, tmp_path):
    assert findings.verdicts["china-determined"].word == "partly supported"
    folder = edited(tmp_path / "data", "events.csv", unverified_approval)
    without = parallel_findings(study, Reliance(folder))
    assert without.verdicts["china-determined"].word == "supported"


def test_determined_follows_the_accounts(study, tmp_path):
    """The quarter a year before is still there; the years now rise."""
    folder = edited(tmp_path / "data", "nvidia_revenue.csv", less_china_before)
    edited(folder, "events.csv", unverified_approval)
    half = parallel_findings(study, Reliance(folder))
    assert half.verdicts["china-determined"].word == "partly supported"
    edited(folder, "fundamentals.csv", more_at_home_before)
    none = parallel_findings(study, Reliance(folder))
    assert none.verdicts["china-determined"].word == "contradicted"


def test_bases_of_nvidias_revenue_stay_apart(findings):
    table = accounts.reliance_table(Reliance())["df"]
    bases = table.index.get_level_values("basis").unique()
    assert list(bases) == ["billing, year", "headquarters, year",
                           "headquarters, quarter"]  # fmt: skip


@pytest.mark.parametrize("plate", PLATES, ids=lambda plate: plate.__name__)
def test_figures_have_title_caption_alt_and_fit_their_width(plate, study, findings):
    import matplotlib

    matplotlib.use("Agg")
    made = plate(study, findings)
    figure = made["fig"]
    figure.canvas.draw()
    title = figure._suptitle
    assert title.get_window_extent().x1 <= figure.get_window_extent().width
    assert len(made["caption"]) > 60
    assert len(made["alt"]) > 80
    assert title.get_text() not in made["alt"]
