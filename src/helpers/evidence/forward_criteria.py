"""What the article expects, as criteria that could have been written at the time.

The table is data: each row has a measure, a baseline known at publication, the
threshold that would bear the article out, the one that would turn it around, the
day by which to read, and where the later figure is to come from. Nothing that was
published after the article enters a row; the readings are made elsewhere, from
later figures alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

# The article paraphrases a feature of about 2025-09-22 to 2025-09-28.
PUBLISHED = pd.Timestamp("2025-09-28")
# The latest period whose results were out by then.
LAST_BASELINE = pd.Timestamp("2025-06-30")

MANUFACTURING = "domestic-manufacturing"
QUICKLY = "how-quickly"


@dataclass(frozen=True)
class Criterion:
    """One expectation of the article.

    Attributes
    ----------
    criterion_id : str
    claim_id : str
        Key of ``data/claims.csv``.
    label : str
        Few words, for a figure.
    question : str
        What is asked, in a sentence.
    measure : str
        What the reading is: a ratio to the baseline, a difference from it, a
        count, or a t statistic.
    supports : float
        Reading from which on the expectation is met.
    reverses : float or None
        Reading from which on it is turned around; None if no reading could.
    rising : bool
        Whether larger readings speak for the article.
    read_by : str
        Last day of what is read.
    source : str
        Where the later figure is to come from.
    """

    criterion_id: str
    claim_id: str
    label: str
    question: str
    measure: str
    supports: float
    reverses: float | None
    rising: bool
    read_by: str
    source: str


CRITERIA = (
    Criterion(
        "smic-capital-spending", MANUFACTURING, "SMIC's capital spending",
        "Does SMIC invest as much in the first half of 2026 as in an average half "
        "of 2024?",
        "ratio", 1.0, 0.5, True, "2026-06-30", "SMIC's quarterly results",
    ),
    Criterion(
        "smic-revenue", MANUFACTURING, "SMIC's revenue",
        "Does SMIC's revenue grow by a tenth from the first half of 2025 to that of "
        "2026?",
        "ratio", 1.1, 1.0, True, "2026-06-30", "SMIC's quarterly results",
    ),
    Criterion(
        "smic-utilisation", MANUFACTURING, "SMIC's utilisation",
        "Are SMIC's fabs as full in the second quarter of 2026 as a year before?",
        "difference", 0.0, -0.1, True, "2026-06-30", "SMIC's quarterly results",
    ),
    Criterion(
        "smic-sales-in-china", MANUFACTURING, "SMIC's share of sales in China",
        "Does China's share of SMIC's revenue in the first quarter of 2026 hold the "
        "level of the second quarter of 2025?",
        "difference", 0.0, -0.05, True, "2026-03-31", "SMIC's quarterly results",
    ),
    Criterion(
        "open-models", MANUFACTURING, "DeepSeek's releases",
        "Does DeepSeek release at least two more models within a year?",
        "count", 2, 0, True, "2026-09-28", "event ledger, verified rows",
    ),
    Criterion(
        "new-listings", MANUFACTURING, "Listings of chip firms",
        "Do at least two Chinese chip firms come to market within a year?",
        "count", 2, 0, True, "2026-09-28", "event ledger, verified rows",
    ),
    Criterion(
        "foundry-shares", MANUFACTURING, "Foundry shares, Hong Kong",
        "Do SMIC and Hua Hong in Hong Kong earn more than the Hang Seng, beyond "
        "chance?",
        "t statistic", 1.96, -1.96, True, "2026-09-28", "daily prices",
    ),
    Criterion(
        "cambricon-doubles", QUICKLY, "Cambricon's revenue",
        "Does Cambricon's revenue double from the first half of 2025 to that of 2026?",
        "ratio", 2.0, 1.0, True, "2026-06-30", "Cambricon's half-year results",
    ),
    Criterion(
        "nvidia-china-halves", QUICKLY, "Nvidia's China revenue",
        "Does Nvidia's revenue from China halve within a year, by the comparison in "
        "its own filing on the quarter to April 2026?",
        "ratio", 0.5, 1.0, False, "2026-04-26", "Nvidia's quarterly filing",
    ),
    Criterion(
        "roadmap-kept", QUICKLY, "Ascend 950PR as promised",
        "Is the first part of Huawei's roadmap shown by the end of March 2026, with "
        "nine tenths of the promised performance?",
        "ratio", 0.9, 0.5, True, "2026-03-31", "accelerators, verified figures",
    ),
    Criterion(
        "stronger-part", QUICKLY, "A part beyond the 910C",
        "Does a Chinese part come on sale that is stronger than the strongest one on "
        "sale at publication?",
        "ratio", 1.0, None, True, "2026-09-28", "accelerators, verified figures",
    ),
    Criterion(
        "runs-on-chinese-chips", QUICKLY, "Models for Chinese chips",
        "Does DeepSeek release a model that is made for Chinese chips at once?",
        "count", 1, 0, True, "2026-09-28", "event ledger, verified rows",
    ),
    Criterion(
        "guidance-goes-on", QUICKLY, "Beijing's guidance",
        "Does Beijing steer buyers away from foreign chips at least twice more?",
        "count", 2, 0, True, "2026-09-28", "event ledger, verified rows",
    ),
    Criterion(
        "no-approval", QUICKLY, "No import approvals",
        "Does Beijing refrain from approving imports of stronger Nvidia parts?",
        "count", 0, 1, False, "2026-09-28", "event ledger, verified rows",
    ),
    Criterion(
        "chip-shares", QUICKLY, "Chip names, mainland",
        "Do the mainland chip names earn more than the CSI 300, beyond chance?",
        "t statistic", 1.96, -1.96, True, "2026-09-28", "daily prices",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Unscored:
    """An expectation that these data cannot score.

    Attributes
    ----------
    claim_id, what, why : str
    whole_part : bool
        Whether it is a part of the claim that no criterion stands for.
    """

    claim_id: str
    what: str
    why: str
    whole_part: bool = False


UNSCORED = (
    Unscored(
        MANUFACTURING,
        "Applications of AI made for China",
        "the article names no measure, and the data hold none",
        whole_part=True,
    ),
    Unscored(
        MANUFACTURING,
        "Spending on fabs by Huawei and unlisted firms",
        "not published",
    ),
    Unscored(
        MANUFACTURING,
        "Spending out of the third state chip fund",
        "its registered capital is known, what it has spent is not",
    ),
    Unscored(
        QUICKLY,
        "A leading model trained wholly on Chinese chips",
        "claimed for one model in the press, disputed for another, verified for none",
    ),
    Unscored(
        QUICKLY,
        "Chinese makers' share of accelerators sold in 2026",
        "not counted yet for 2026; the count of 2025 lies mostly before publication",
    ),
    Unscored(
        QUICKLY,
        "Ascend 950DT and the Atlas 950 machine",
        "due in the last quarter of 2026, which is not over",
    ),
    Unscored(
        QUICKLY,
        "Hygon's revenue",
        "no verified figure of a period after publication",
    ),
    Unscored(
        QUICKLY,
        "The distance to Nvidia's newest part",
        "the figures of that part are not verified",
    ),
    Unscored(
        "equipment-software-bottleneck",
        "Yields and volumes of Chinese fabs",
        "not published",
    ),
    Unscored(
        "equipment-software-bottleneck",
        "China's share of a foreign tool maker's sales",
        "a fall can mean substitution as well as denial",
    ),
)
