"""Which claims rest on prices around events, and on which: from their chapters.

Nothing is typed anew here. Events, signs, groups of shares, benchmarks, estimation
windows and masks are those of the chapter's own study, and the rule that turns
readings of prices into a verdict is the chapter's own function, with what its
documents say held as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from helpers.data.instruments import instrument
from helpers.data.prices import load_returns
from helpers.evidence import beijing_findings as beijing_rules
from helpers.evidence import domestic_verdicts as domestic_rules
from helpers.evidence import export_controls_findings as controls_rules
from helpers.evidence import global_semiconductors_findings as global_rules
from helpers.evidence import late_august_findings as august_rules
from helpers.evidence import what_next_findings as next_rules
from helpers.evidence.accelerators import Accelerators
from helpers.evidence.beijing import FUNDING, GUIDANCE, Beijing
from helpers.evidence.domestic_alternatives import DomesticAlternatives
from helpers.evidence.domestic_news import ROADMAP, SETBACK
from helpers.evidence.export_controls import ExportControls
from helpers.evidence.global_semiconductors import (
    EXPOSED,
    MARKET,
    GlobalSemiconductors,
)
from helpers.evidence.how_sure_legs import (
    ESTIMATIONS,
    MAIN,
    SHORT,
    Leg,
    PriceClaim,
    Readings,
)
from helpers.evidence.late_august import HORIZONS, LateAugust
from helpers.evidence.monday_after_r1 import MONDAY
from helpers.evidence.reactions import Basket, Reactions
from helpers.evidence.reliance import Reliance
from helpers.evidence.what_next import TOOL_NEWS, tool_study


@dataclass(frozen=True)
class Studies:
    """The chapters' own studies; the bundled data unless others are given."""

    august: LateAugust
    controls: ExportControls
    domestic: DomesticAlternatives
    chips: Accelerators
    beijing: Beijing
    world: GlobalSemiconductors
    reliance: Reliance
    tools: DomesticAlternatives

    @classmethod
    def bundled(cls) -> Studies:
        """Studies of the data at hand."""
        exposed = [firm for group in EXPOSED for firm in group.symbols]
        return cls(
            LateAugust(),
            ExportControls(),
            DomesticAlternatives(),
            Accelerators(),
            Beijing(),
            GlobalSemiconductors(returns=load_returns([*exposed, MARKET])),
            Reliance(),
            tool_study(),
        )


def price_claims(studies: Studies) -> dict[str, PriceClaim]:
    """Every claim that rests on prices around events, with its studies.

    Returns
    -------
    dict of claim_id to PriceClaim
    """
    found = [
        _dip(studies.august),
        _signal(studies.august),
        _accelerates(studies.controls),
        _rival(studies.domestic),
        _domestic(studies.domestic),
        _roadmap(studies.domestic, studies.chips),
        _guidance(studies.beijing),
        _funding(studies.beijing),
        _exposure(studies.world, studies.reliance),
        _bottleneck(studies.tools),
    ]
    return {claim.claim_id: claim for claim in found}


def _plain(ids: Iterable[str], sign: int = 1) -> pd.Series:
    return pd.Series(sign, index=pd.Index(list(ids), name="event_id"), dtype=int)


def _one_share(
    share: str,
    study: LateAugust | DomesticAlternatives,
    returns: pd.DataFrame,
    ids: Iterable[str],
) -> Reactions:
    """One share as a group of its own, unmasked as its chapter has it."""
    own = Basket(share, (share,), study.choices.market)
    estimation = study.choices.estimation
    return Reactions(own, list(ids), estimation=estimation, mask=False, returns=returns)


def _dip(study: LateAugust) -> PriceClaim:
    remark = study.choices.remark
    base = _one_share(study.choices.symbol, study, study.returns, [remark])
    leg = Leg(study.name, base, _plain([remark]), _plain([remark]), -1)
    elsewhere = august_rules.fell_elsewhere(study)

    def rule(readings: Readings) -> str:
        lost = readings[leg.name] < 0
        return august_rules.dip_word(lost, lost, elsewhere)

    return PriceClaim("nvidia-dip", (leg,), rule)


def _signal(study: LateAugust) -> PriceClaim:
    chosen = study.choices
    named = {f"{study.name} from the remark": chosen.remark}
    named[f"{study.name} from its largest fall"] = chosen.fall
    long = tuple((0, last) for last in (HORIZONS[0], 30, 40, 50, HORIZONS[1]))
    base = _one_share(chosen.symbol, study, study.returns, named.values())
    base.window = (-1, max(HORIZONS))
    legs = tuple(
        Leg(name, base.only([event]), _plain([event]), _plain([event]), -1, long[0],
            long)
        for name, event in named.items()
    )  # fmt: skip
    made_good = august_rules.made_good_soon(study)

    def rule(readings: Readings) -> str:
        lost = {name: [readings[name] < 0] * len(HORIZONS) for name in named}
        return august_rules.signal_word(lost, lost, made_good)

    return PriceClaim("dip-is-signal", legs, rule)


def _accelerates(study: ExportControls) -> PriceClaim:
    legs = tuple(
        Leg(
            basket,
            study.everything(basket),
            study.signs("thesis"),
            study.signs("thesis", verified=False),
            1,
        )
        for basket in study.choices.china
    )
    spoken = {1: "thesis", 0: "neither", -1: "conventional"}
    revenue = controls_rules.revenue_says(study)

    def rule(readings: Readings) -> str:
        voice = controls_rules.common_voice(spoken[readings[leg.name]] for leg in legs)
        return controls_rules.accelerates_word(voice, *revenue)

    return PriceClaim("pressure-accelerates", legs, rule)


def _rival(study: DomesticAlternatives) -> PriceClaim:
    base = _one_share(study.choices.share, study, study.monday.returns, [MONDAY])
    leg = Leg(
        str(instrument(study.choices.share)["name"]),
        base,
        _plain([MONDAY]),
        _plain([MONDAY]),
        -1,
        (0, 0),
        tuple(window for window in SHORT if window[1] - window[0] <= 3),
    )

    def rule(readings: Readings) -> str:
        fell = {
            (kind, window): readings[leg.name] < 0
            for kind in ("market", "sector")
            for window in ((0, 0), MAIN)
        }
        return domestic_rules.rival_word(fell)

    return PriceClaim("deepseek-rival", (leg,), rule)


def _domestic(study: DomesticAlternatives) -> PriceClaim:
    ids = study.choices.groups[domestic_rules.ON_CHINESE_CHIPS]
    legs = _groups(study, domestic_rules.CHINESE, ids, 1)
    releases, contrary = domestic_rules.releases_and_contrary(study)

    def rule(readings: Readings) -> str:
        signs = [readings[leg.name] for leg in legs]
        return domestic_rules.domestic_word(signs, len(releases), contrary)

    return PriceClaim("deepseek-domestic", legs, rule)


def _roadmap(study: DomesticAlternatives, chips: Accelerators) -> PriceClaim:
    legs = _groups(study, domestic_rules.CHINESE, [ROADMAP], 1)
    plan = domestic_rules.plan_reaches(chips)

    def rule(readings: Readings) -> str:
        gained = [readings[leg.name] > 0 for leg in legs]
        return domestic_rules.roadmap_word(gained, *plan)

    return PriceClaim("huawei-roadmap", legs, rule)


def _groups(
    study: DomesticAlternatives,
    baskets: Iterable[str],
    ids: Iterable[str],
    direction: int,
) -> tuple[Leg, ...]:
    listed = list(ids)
    checked = study.ledger.loc[listed, "verification"] == "verified"
    counted = _plain(event for event in listed if checked[event])
    return tuple(
        Leg(basket, study.reactions[basket], counted, _plain(listed), direction)
        for basket in baskets
    )


def _guidance(study: Beijing) -> PriceClaim:
    nvidia, chips = study.choices.nvidia, study.choices.china[0]
    listed = study.named(GUIDANCE)
    legs = tuple(
        Leg(
            basket,
            study.everything(basket),
            _plain(study.guidance),
            _plain(listed),
            direction,
        )
        for basket, direction in ((nvidia, -1), (chips, 1))
    )

    def rule(readings: Readings) -> str:
        lost, gained = readings[nvidia] < 0, readings[chips] > 0
        turned = readings[nvidia] > 0 or readings[chips] < 0
        against = turned and not (lost or gained)
        return beijing_rules.guidance_word(len(study.guidance), lost, gained, against)

    return PriceClaim(GUIDANCE, legs, rule)


def _funding(study: Beijing) -> PriceClaim:
    listed = study.named(FUNDING)
    legs = tuple(
        Leg(
            basket,
            study.everything(basket),
            _plain(study.funding),
            _plain(listed),
            1,
            # No event lies in some of these windows, so that masks double fewer.
            estimations=ESTIMATIONS,
        )
        for basket in study.choices.china
    )
    documented = beijing_rules.fund_documented(study)

    def rule(readings: Readings) -> str:
        found = [readings[leg.name] for leg in legs]
        return beijing_rules.funding_word(documented, 1 in found, -1 in found)

    return PriceClaim(FUNDING, legs, rule)


def _exposure(study: GlobalSemiconductors, reliance: Reliance) -> PriceClaim:
    wider = study.listed(verified=False)
    legs = []
    for kind, ids in study.events.items():
        for group in study.choices.exposed:
            own = study.reactions(group, kind)
            base = Reactions(group, wider[kind], returns=own.returns)
            base.masked_sessions = own.masked_sessions
            name = f"{group.name} on {kind}"
            legs.append(Leg(name, base, _plain(ids), _plain(wider[kind]), -1))
    kinds = {
        kind: [leg.name for leg in legs if leg.name.endswith(f" on {kind}")]
        for kind in study.events
    }
    revenue = global_rules.revenue_says(reliance)

    def rule(readings: Readings) -> str:
        losing = [
            sum(readings[name] < 0 for name in names) / len(names)
            for names in kinds.values()
        ]
        gains = all(
            2 * sum(readings[name] > 0 for name in names) > len(names)
            for names in kinds.values()
        )
        return global_rules.exposure_word(losing, gains, *revenue)

    return PriceClaim("us-exposure", tuple(legs), rule)


def _bottleneck(study: DomesticAlternatives) -> PriceClaim:
    ids = study.choices.groups[TOOL_NEWS]
    legs = _groups(study, next_rules.CHINESE, ids, 0)
    report = study.ledger.loc[SETBACK, "verification"] == "verified"
    single = bool(next_rules.single_events(study))
    silent = not report and next_rules.negligible(study)

    def rule(readings: Readings) -> str:
        reacts = [readings[leg.name] != 0 for leg in legs]
        return next_rules.bottleneck_word(reacts, report, single, silent)

    return PriceClaim(next_rules.BOTTLENECK, legs, rule)
