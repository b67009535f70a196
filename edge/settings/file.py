"""edge.toml -> frozen settings. What is wrong in it is one line naming key, file and what is expected."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError, model_validator

from edge.settings.checks import without_secrets
from edge.settings.sections import (
    BoomSection,
    CentralSection,
    DevicesSection,
    GateSection,
    HttpSection,
    LaneSection,
    MaintenanceSection,
    MqttSection,
    PlateSection,
    Section,
    VisionSection,
)


class SettingsError(ValueError):
    """A settings file that can't be used: one line naming the key, the file and what is expected."""


NO_SHOW_MARGIN_S = 10.0  # to drive, once the boom is up


class Settings(Section):
    """All of edge.toml."""

    gate: GateSection
    mqtt: MqttSection
    central: CentralSection
    plate: PlateSection = PlateSection()
    vision: VisionSection
    boom: BoomSection = BoomSection()
    devices: DevicesSection
    lane: LaneSection = LaneSection()
    http: HttpSection = HttpSection()
    maintenance: MaintenanceSection = MaintenanceSection()

    @model_validator(mode="after")
    def _together(self) -> Settings:
        least_s = self.boom.travel_s + NO_SHOW_MARGIN_S
        if self.lane.no_show_s < least_s:
            raise ValueError(
                f"expected lane.no_show_s to be at least boom.travel_s and {NO_SHOW_MARGIN_S:g} s more, which is "
                f"{least_s:g}, got {self.lane.no_show_s:g}: a driver must have time to drive"
            )
        return self

    @property
    def public_url(self) -> str | None:
        """Base address a driver's phone opens, no trailing slash; None where the gate was given none."""
        return self.central.public_url or self.central.images_url


def load(path: Path) -> Settings:
    """Settings of the file at `path`; relative paths in it are beside it. SettingsError names what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: can't be read ({error.strerror}); expected a settings file") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: expected UTF-8 text, byte {error.start} is not") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from error
    return parse(table, path)


def parse(table: dict[str, Any], path: Path) -> Settings:
    """Settings of a parsed file. Goes through JSON so that a strict check still takes text as a path."""
    try:
        return Settings.model_validate_json(json.dumps(table, default=str), context={"folder": path.resolve().parent})
    except ValidationError as error:
        # from None: the original shows every value, passwords too
        raise SettingsError(f"{path}: {without_secrets(_first(error))}") from None


def secret(path: Path) -> str:
    """The one line of a secret file; SettingsError when it is empty or unreadable."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: can't be read; expected one line holding the secret") from error
    if not text or "\n" in text:
        raise SettingsError(f"{path}: expected one line holding the secret, found {len(text.splitlines())}")
    return text


def _first(error: ValidationError) -> str:
    # an unknown key explains more than the missing key it was meant to be
    problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    problem = problems[0]
    key = ".".join(str(part) for part in problem["loc"]) or "settings"
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key; expected one of {', '.join(_keys(problem['loc'][:-1]))}"
    if problem["type"] == "missing":
        return f"{key}: missing; expected {_meaning(problem['loc'])}"
    message = problem["msg"].removeprefix("Value error, ")
    message = message if message.startswith("expected") else f"expected: {message}"
    return f"{key}: {message}" if isinstance(problem["input"], dict) else f"{key}: {message}, got {problem['input']!r}"


def _model_at(place: tuple[int | str, ...]) -> type[BaseModel] | None:
    model: Any = Settings
    for part in place:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        if field is None:
            return None
        options = [field.annotation, *getattr(field.annotation, "__args__", ())]
        model = next((kind for kind in options if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if model is None:
            return None
    return model


def _keys(place: tuple[int | str, ...]) -> tuple[str, ...]:
    model = _model_at(place)
    return tuple(model.model_fields) if model else ()


def _meaning(place: tuple[int | str, ...]) -> str:
    if model := _model_at(place):
        return f"a section [{'.'.join(map(str, place))}] with {', '.join(model.model_fields)}"
    return "a value, see config/edge.toml"
