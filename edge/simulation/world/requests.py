"""What a simulated lane can be asked: every request as a model, and how each is answered. Pure."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from edge.rules.signals import Drive, Light, Outputs
from edge.simulation.world.physics import Refused, World

Name = Annotated[str, Field(min_length=1, max_length=80)]
VehicleClass = Literal["car", "van", "bike", "scooty", "auto", "truck", "bus"]
Pressable = Literal["button", "stop", "fire"]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Arrive(_Request):
    """A vehicle turns into the lane.

    plate      as painted, A-Z and 0-9 (spaces are added by the sign maker)
    lines      rows of text on the plate
    style      white (private), yellow (commercial), green (electric), black (rental)
    speed      cruising speed in the lane, m/s; None is what its class drives
    colour     body colour "#rrggbb"; None lets the vehicle's id choose
    tailgates  the driver follows the vehicle in front without stopping at the line
    """

    do: Literal["arrive"]
    vehicle: Name
    plate: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,12}$")]
    vehicle_class: Annotated[VehicleClass, Field(alias="class")] = "car"
    lines: Literal[1, 2] = 1
    style: Literal["white", "yellow", "green", "black"] = "white"
    speed: Annotated[float, Field(gt=0.2, le=15.0)] | None = None
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None
    tailgates: bool = False


class Look(_Request):
    """The whole state; `history` False leaves out what grows with time (passed, left, violations, times)."""

    do: Literal["look"]
    history: bool = True


class Leave(_Request):
    """A driver gives up and backs out."""

    do: Literal["leave"]
    vehicle: Name


class Stall(_Request):
    """An engine dies where the vehicle is (on=true), or starts again."""

    do: Literal["stall"]
    vehicle: Name
    on: bool = True


class Press(_Request):
    """button is let go by itself after half a second; stop and fire stay until released."""

    do: Literal["press"]
    input: Pressable


class Release(_Request):
    do: Literal["release"]
    input: Pressable


class Fault(_Request):
    """Breaks something (on=true) or mends it; `wire` is an input's name, for faults of one wire."""

    do: Literal["fault"]
    fault: Name
    wire: Name | None = None
    on: bool = True


class Speed(_Request):
    """How much faster than life vehicles and the boom's motor move; the gate's own clock is never scaled."""

    do: Literal["speed"]
    factor: Annotated[float, Field(ge=0.1, le=50.0)]


class Wire(_Request):
    """What a gate in another process tells the barrier; it is answered with the inputs."""

    do: Literal["wire"]
    drive: Drive
    light: Light
    buzzer: bool


Request = Annotated[
    Arrive | Look | Leave | Stall | Press | Release | Fault | Speed | Wire,
    Field(discriminator="do"),
]
REQUESTS: TypeAdapter[Request] = TypeAdapter(Request)


def answer(world: World, line: bytes) -> dict:
    """The answer to one request; `outputs` in it is for the server, which applies it."""
    try:
        request = REQUESTS.validate_json(line)
        return {"ok": True, **_do(world, request)}
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "request"
        return {"error": f"{where}: {first['msg']}"}
    except Refused as error:
        return {"error": str(error)}


def _do(world: World, request: Request) -> dict:
    match request:
        case Arrive():
            look = request.model_dump(include={"plate", "lines", "style", "colour"})
            look["class"] = request.vehicle_class
            world.arrive(request.vehicle, look, request.speed, request.tailgates)
        case Look():
            return world.look(request.history)
        case Leave():
            world.leave(request.vehicle)
        case Stall():
            world.stall(request.vehicle, request.on)
        case Press():
            world.press(request.input)
        case Release():
            world.release(request.input)
        case Fault():
            world.fault(request.fault, request.wire, request.on)
        case Speed():
            world.set_speed(request.factor)
        case Wire():
            outputs = Outputs(drive=request.drive, light=request.light, buzzer=request.buzzer)
            return {"inputs": dataclasses.asdict(world.inputs()), "outputs": outputs}
    return {}
