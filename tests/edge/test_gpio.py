"""The real barrier's adapter on gpiozero's own simulated pins, seen from the pins."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest

from edge.devices.gpio import FLASH_S, GpioBarrier, Pins
from edge.devices.ports import DeviceError
from edge.rules.signals import Drive, Inputs, Light, Outputs
from tests.edge.pins.scope import INPUTS, OUTPUTS, Scope

PINS = Pins(inputs=INPUTS, **OUTPUTS)
RELAYS = ("raise_boom", "lower_boom")


@pytest.fixture
def pi():
    factory = Scope()
    yield factory
    factory.reset()


@pytest.fixture
def barrier(pi):
    barrier = GpioBarrier(PINS, pi)
    yield barrier
    barrier.close()


def close_contacts(pi: Scope) -> None:
    for name in INPUTS:
        pi.contact(name, active=False)


def relays(pi: Scope) -> tuple[int, int]:
    return pi.level("raise_boom"), pi.level("lower_boom")


def test_a_closed_contact_is_at_rest_and_an_open_one_active(pi, barrier):
    close_contacts(pi)
    assert barrier.read() == Inputs()
    for name in INPUTS:
        pi.contact(name, active=True)
        assert barrier.read() == Inputs(**{name: True})
        pi.contact(name, active=False)


def test_a_cut_wire_reads_active(pi, barrier):
    # nothing drives the pin: its pull-up decides
    assert barrier.read() == Inputs(**dict.fromkeys(INPUTS, True))


def test_a_pin_library_s_own_error_makes_the_sample_invalid_until_it_reads_again(pi, barrier, caplog):
    close_contacts(pi)
    pi.unreadable = True
    for _ in range(50):
        assert barrier.read() == Inputs(valid=False)
    assert caplog.text.count("an input can't be read") == 1
    pi.unreadable = False
    assert barrier.read() == Inputs()


def test_at_the_start_the_relays_are_claimed_before_all_else_and_are_never_on(pi, barrier):
    claims = [pin for pin, what in pi.seen if what == "output"]
    assert claims[:2] == [OUTPUTS["raise_boom"], OUTPUTS["lower_boom"]]
    first_other = next(n for n, (pin, _) in enumerate(pi.seen) if pin not in claims[:2])
    assert {pin for pin, _ in pi.seen[:first_other]} == set(claims[:2])
    assert 1 not in [what for _, what in pi.of(*RELAYS)]
    assert relays(pi) == (0, 0) and pi.level("light_red") == 1


@pytest.mark.parametrize("pin", list(OUTPUTS.values())[1:])
def test_a_start_that_fails_half_way_leaves_everything_off_and_every_pin_given_back(pi, pin):
    pi.refused[pin] = "no such line"
    with pytest.raises(DeviceError, match="no such line"):
        GpioBarrier(PINS, pi)
    assert 1 not in [what for _, what in pi.seen]
    for name, number in OUTPUTS.items():
        assert pi.pin(number).function == "input", name
    pi.refused.clear()
    GpioBarrier(PINS, pi).close()


@pytest.mark.parametrize("drive, raised, lowered", [(Drive.OPEN, 1, 0), (Drive.CLOSE, 0, 1), (Drive.OFF, 0, 0)])
def test_each_drive_closes_its_own_relay_alone(pi, barrier, drive, raised, lowered):
    for before in Drive:
        barrier.drive(Outputs(before))
        barrier.drive(Outputs(drive))
        assert relays(pi) == (raised, lowered)


def test_one_relay_is_off_before_the_other_goes_on(pi, barrier):
    pi.seen.clear()
    for drive in (Drive.OPEN, Drive.CLOSE, Drive.OPEN):
        barrier.drive(Outputs(drive))
    barrier.close()
    up, down = RELAYS
    levels = [change for change in pi.of(*RELAYS) if change[1] in (0, 1)]
    assert levels == [(up, 1), (up, 0), (down, 1), (down, 0), (up, 1), (up, 0)]


def test_driving_the_same_again_touches_no_pin(pi, barrier):
    barrier.drive(Outputs(Drive.OPEN, Light.RED, True))
    pi.seen.clear()
    barrier.drive(Outputs(Drive.OPEN, Light.RED, True))
    assert pi.seen == []


def test_the_light_and_the_buzzer_follow(pi, barrier):
    def lamps():
        return pi.level("light_red"), pi.level("light_green"), pi.level("buzzer")

    barrier.drive(Outputs(light=Light.GREEN, buzzer=True))
    assert lamps() == (0, 1, 1)
    barrier.drive(Outputs(light=Light.RED))
    assert lamps() == (1, 0, 0)


def test_amber_is_the_red_lamp_flashing_at_the_pace_of_the_clock(pi):
    now = [0.0]
    barrier = GpioBarrier(PINS, pi, clock=lambda: now[0])
    seen = []
    for tick in range(200):
        now[0] = tick * 0.02
        barrier.drive(Outputs(light=Light.AMBER_FLASH))
        seen.append(pi.level("light_red"))
    flashes = sum(before != after for before, after in pairwise(seen))
    assert flashes == int(4.0 / FLASH_S) - 1 and pi.level("light_green") == 0
    barrier.close()


def test_closing_switches_everything_off_for_good(pi, barrier):
    barrier.drive(Outputs(Drive.OPEN, Light.GREEN, True))
    barrier.close()
    barrier.drive(Outputs(Drive.OPEN))
    assert relays(pi) == (0, 0)
    barrier.close()


def test_a_lamp_that_can_not_be_written_leaves_no_relay_on(pi, barrier):
    pi.dead.add(OUTPUTS["light_green"])
    with pytest.raises(Exception, match="can't set GPIO"):
        barrier.drive(Outputs(Drive.OPEN, Light.GREEN))
    assert pi.level("raise_boom") == 1  # it went on before the lamp failed ...
    pi.dead.clear()
    barrier.drive(Outputs())  # ... so what the loop drives as it ends must reach it
    assert relays(pi) == (0, 0)


def test_closing_switches_off_what_it_can_where_one_pin_is_dead(pi, barrier, caplog):
    barrier.drive(Outputs(Drive.CLOSE, Light.GREEN, True))
    pi.dead.add(OUTPUTS["raise_boom"])
    barrier.close()
    assert pi.level("lower_boom") == 0 and "can't be switched off" in caplog.text


def test_pins_another_program_holds_are_a_clear_error(pi):
    held = GpioBarrier(PINS, pi)
    with pytest.raises(DeviceError, match=r"held by another program.*systemctl stop parkmeter-gate"):
        GpioBarrier(PINS, pi)
    held.close()
    pi.refused[OUTPUTS["raise_boom"]] = "GPIO busy"  # lgpio's words, where another process holds the line
    with pytest.raises(DeviceError, match="held by another program"):
        GpioBarrier(PINS, pi)


def test_an_active_low_relay_board_is_refused_with_the_reason(pi):
    with pytest.raises(DeviceError, match="close both relays; expected a board with active-high inputs"):
        GpioBarrier(replace(PINS, relays="active_low"), pi)
    assert pi.seen == []


@pytest.mark.parametrize("pin", [0, 2, 8, 14])
def test_a_relay_on_a_pin_that_is_high_at_power_on_is_refused(pi, pin):
    with pytest.raises(DeviceError, match=f"lower_boom is GPIO {pin}, which is high from power-on"):
        GpioBarrier(replace(PINS, lower_boom=pin), pi)


@pytest.mark.parametrize(
    "missing, install", [("gpiozero", "python3-gpiozero python3-lgpio"), ("lgpio", "python3-lgpio")]
)
def test_a_missing_package_names_the_install_step(missing, install):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from edge.devices.gpio import GpioBarrier, Pins\n"
        "GpioBarrier(Pins({}, 17, 27, 22, 23, 18))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"sudo apt install {install}" in ran.stderr.splitlines()[-1]
