"""The announcements of the chapter on domestic alternatives, by kind of news."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.evidence.monday_after_r1 import MONDAY

# What the chapter asks about, by kind of news. Reports are here for what they
# said, whether or not it came about.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "DeepSeek on Chinese chips": (
        "deepseek-v31-domestic-chip-remark",
        "deepseek-v32-exp",
        "deepseek-v4-huawei-report",
        "deepseek-v4",
    ),
    "Huawei's chips": (
        "huawei-mate60-pro",
        "mate60-teardown",
        "huawei-910c-mass-shipment",
        "huawei-910d-report",
        "huawei-ascend-roadmap",
    ),
    "other Chinese chips": (
        "cambricon-h1-2025",
        "china-triple-ai-chip-output",
        "alibaba-ai-chip-report",
        "alibaba-baidu-train-own-chips",
        "thead-china-unicom",
    ),
    "listings": ("moore-threads-ipo", "metax-ipo", "biren-hk-ipo-kunlunxin-filing"),
}
MODEL_RELEASES = ("deepseek-v3", "deepseek-r1", MONDAY)
SETBACK = "deepseek-r2-ascend-setback"
ROADMAP = "huawei-ascend-roadmap"
