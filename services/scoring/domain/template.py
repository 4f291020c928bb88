"""A scorecard template: criteria whose weights sum to 1, in versions that never change once published."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.scoring.domain.shipped_templates import SHIPPED
from services.scoring.domain.wording import require_words
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.scoring import TemplatePublished
from shared.events.scoring_terms import Criterion, Scale, Template

KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")
CRITERIA_MAX = 20
RED_FLAGS_MAX = 10
SCALE_MAX = 100
WEIGHT_DECIMALS_MAX = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishTemplate:
    """The next version of an organisation's own template; its stream is that of the key."""

    by: UUID
    at: datetime
    key: str
    title: str
    scale: Scale
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class TemplateHistory:
    """Every version, the newest last."""

    versions: tuple[Template, ...] = ()


def evolve(state: TemplateHistory, event: Event) -> TemplateHistory:
    match event:
        case TemplatePublished(template=template):
            return TemplateHistory((*state.versions, template))
    return state


TEMPLATE = Aggregate("template", TemplateHistory(), evolve)


def publish(command: PublishTemplate, history: TemplateHistory) -> list[Event]:
    if command.key in SHIPPED:
        raise Refused("template-ships", f"{command.key} comes with Concord; publish yours under another key.")
    if history.versions and history.versions[0].key != command.key:
        raise Refused("other-template", f"These are the versions of {history.versions[0].key}.")
    version = len(history.versions) + 1
    template = Template(command.key, version, command.title, command.scale, command.criteria)
    check_template(template)
    return [TemplatePublished(template=template)]


def find_template(history: TemplateHistory, key: str, version: int | None) -> Template:
    """What ships under `key`, or of an organisation's own `history` this version; the newest when it is None."""
    versions = (SHIPPED[key],) if key in SHIPPED else history.versions
    wanted = len(versions) if version is None else version
    if not versions:
        raise Invalid("/template", "unknown-template", f"There is no template {key}.")
    if not 1 <= wanted <= len(versions):
        raise Invalid("/template_version", "unknown-version", f"{key} has the versions 1 to {len(versions)}.")
    return versions[wanted - 1]


def weights_by(template: Template, chosen: Mapping[str, Decimal] | None) -> dict[str, Decimal]:
    """The template's own weights, or those chosen in their place, in the order of its criteria."""
    own = {criterion.key: criterion.weight for criterion in template.criteria}
    if chosen is None:
        return own
    if chosen.keys() != own.keys():
        raise Invalid("/weights", "other-criteria", f"Weigh each of {', '.join(own)}, and nothing else.")
    return {key: chosen[key] for key in own}


def check_template(template: Template) -> None:
    """Raises Invalid for the first thing in a template that cannot be scored by."""
    require_key("/key", template.key)
    require_words("/title", template.title)
    if not 0 <= template.scale.lowest < template.scale.highest <= SCALE_MAX:
        raise Invalid("/scale", "out-of-range", f"A scale goes up, from 0 at least to {SCALE_MAX} at most.")
    if not 1 <= len(template.criteria) <= CRITERIA_MAX:
        raise Invalid("/criteria", "out-of-range", f"A template has 1 to {CRITERIA_MAX} criteria.")
    for place, criterion in enumerate(template.criteria):
        check_criterion(criterion, template.scale, f"/criteria/{place}")
    if len({criterion.key for criterion in template.criteria}) < len(template.criteria):
        raise Invalid("/criteria", "repeated", "Each criterion has a key of its own.")
    check_weights({criterion.key: criterion.weight for criterion in template.criteria}, "/criteria")


def check_criterion(criterion: Criterion, scale: Scale, at: str) -> None:
    require_key(f"{at}/key", criterion.key)
    require_words(f"{at}/title", criterion.title)
    require_words(f"{at}/question", criterion.question)
    if criterion.floor is not None and not scale.lowest <= criterion.floor <= scale.highest:
        raise Invalid(f"{at}/floor", "out-of-range", f"A floor is from {scale.lowest} to {scale.highest}.")
    if len(criterion.red_flags) > RED_FLAGS_MAX:
        raise Invalid(f"{at}/red_flags", "too-many", f"A criterion has at most {RED_FLAGS_MAX} red flags.")
    for place, flag in enumerate(criterion.red_flags):
        require_key(f"{at}/red_flags/{place}/key", flag.key)
        require_words(f"{at}/red_flags/{place}/title", flag.title)
    if len({flag.key for flag in criterion.red_flags}) < len(criterion.red_flags):
        raise Invalid(f"{at}/red_flags", "repeated", "Each red flag has a key of its own.")


def check_weights(weights: dict[str, Decimal], at: str) -> None:
    """Raises Invalid unless each weight is from 0 to 1, with 6 decimals at most, and they sum to 1 exactly."""
    for weight in weights.values():
        if not weight.is_finite() or not 0 <= weight <= 1 or weight != round(weight, WEIGHT_DECIMALS_MAX):
            raise Invalid(at, "weight", f"A weight is from 0 to 1, with {WEIGHT_DECIMALS_MAX} decimals at most.")
    if sum(weights.values()) != 1:
        raise Invalid(at, "weights-do-not-sum-to-1", f"The weights sum to {sum(weights.values())}, not to 1.")


def require_key(pointer: str, key: str) -> None:
    if not KEY.fullmatch(key):
        raise Invalid(
            pointer, "malformed", "A key has small letters, digits and underscores, at most 63, a letter first."
        )
