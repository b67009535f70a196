"""What a person may order a gate to do, beyond the wire's envelope: each command, its arguments, and who may give it.

Pure: one table for gates, central, the pages and the diagnostic tool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

# the reason of a refusal that says nothing about the order itself: it was taken before, by this or an earlier delivery
REPLAYED = "replayed"

Level = Literal["debug", "info", "warning", "error", "off"]


class Args(BaseModel):
    """Arguments of most commands. An unknown one is refused: it may be what matters to whoever gave it.

    reason  why it was ordered, for the record
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    reason: Annotated[str, Field(max_length=200)] = ""


class SelfTestArgs(Args):
    """flash  also flashes lamp and buzzer for a second, where the boom is at rest and nobody is in the lane"""

    flash: bool = True


class LogLevelArgs(Args):
    """level    least level that goes out on diag/log; "off" for nothing
    minutes  until it is the default again
    """

    level: Level = "warning"
    minutes: Annotated[int, Field(ge=1, le=1440)] = 30


@dataclass(frozen=True, slots=True)
class CommandKind:
    """One command.

    args  model of its arguments
    who   "operator": whoever works the lanes; "maintenance": only those who look after the machines
    says  what it does, in a sentence
    """

    name: str
    args: type[Args]
    who: Literal["operator", "maintenance"]
    says: str


COMMANDS: dict[str, CommandKind] = {
    kind.name: kind
    for kind in (
        CommandKind("open", Args, "operator", "Opens for the vehicle that stands there, or for the next that comes."),
        CommandKind("hold", Args, "operator", "Opens the boom and holds it open until it is released."),
        CommandKind("release", Args, "operator", "Ends holding open; the boom comes down once its line is clear."),
        CommandKind("close", Args, "operator", "Takes back what was granted and lowers the boom."),
        CommandKind("reset_fault", Args, "maintenance", "Clears the boom's fault after its cause has been mended."),
        CommandKind("self_test", SelfTestArgs, "maintenance", "Looks at every part and answers what is well."),
        CommandKind("snapshot", Args, "maintenance", "Takes a picture, sends it to central and answers its hash."),
        CommandKind("log_level", LogLevelArgs, "maintenance", "Sets what goes out on diag/log, for some minutes."),
        CommandKind("restart_vision", Args, "maintenance", "Ends the vision process; it is started anew."),
        CommandKind("rotate_key", Args, "maintenance", "Makes a new key pair and has it certified by central."),
        CommandKind("update", Args, "maintenance", "Starts the updater, with the boom down and nobody there."),
    )
}  # fmt: skip


def check(name: str, args: Mapping[str, Any]) -> str:
    """Empty for a command that exists with these arguments, else what was wrong and what is expected."""
    if name not in COMMANDS:
        return f"unknown command {name!r}: expected one of {', '.join(COMMANDS)}"
    model = COMMANDS[name].args
    try:
        model.model_validate(dict(args))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "args"
        if problem["type"] == "extra_forbidden":
            return f"{name}: unknown argument {where!r}: expected {', '.join(model.model_fields)}"
        return f"{name}: {where}: {problem['msg']}"
    return ""


def parsed(name: str, args: Mapping[str, Any]) -> Args:
    """The arguments as their model, once `check` has passed them."""
    return COMMANDS[name].args.model_validate(dict(args))
