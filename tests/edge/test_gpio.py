"""The real barrier's adapter on gpiozero's own simulated pins."""

from __future__ import annotations

import subprocess
import sys

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from edge.devices.gpio import GpioBarrier, Pins
from edge.devices.ports import DeviceError
from edge.rules.signals import Drive, Inputs, Light, Outputs

INPUTS = {
    "arming_loop": 5,
    "closing_loop": 6,
    "photocell": 13,
    "exit_loop": 19,
    "limit_open": 16,
    "limit_closed": 20,
    "detached": 21,
    "stop": 12,
    "fire": 26,
    "mains_failed": 25,
    "button": 24,
}
PINS = Pins(inputs=INPUTS, raise_boom=17, lower_boom=27, light_red=22, light_green=23, buzzer=18)


@pytest.fixture
def pi():
    factory = MockFactory()
    yield factory
    factory.reset()


@pytest.fixture
def barrier(pi):
    barrier = GpioBarrier(PINS, pi)
    yield barrier
    barrier.close()


def close_contacts(pi: MockFactory) -> None:
    for pin in INPUTS.values():
        pi.pin(pin).drive_low()


def test_a_closed_contact_is_at_rest_and_an_open_one_active(pi, barrier):
    close_contacts(pi)
    assert barrier.read() == Inputs()
    for name, pin in INPUTS.items():
        pi.pin(pin).drive_high()
        assert barrier.read() == Inputs(**{name: True})
        pi.pin(pin).drive_low()


def test_a_cut_wire_reads_active(pi, barrier):
    # nothing drives the pin: its pull-up decides
    assert barrier.read() == Inputs(**dict.fromkeys(INPUTS, True))


def test_a_pin_library_s_own_error_makes_the_sample_invalid_until_it_reads_again(caplog):
    class PinError(Exception):
        """As lgpio's: neither an OSError nor gpiozero's."""

    broken: list[str] = []

    class FailingPin(MockPin):
        def _get_state(self):
            if broken:
                raise PinError("unknown handle")
            return super()._get_state()

    pi = MockFactory(pin_class=FailingPin)
    barrier = GpioBarrier(PINS, pi)
    close_contacts(pi)
    broken.append("yes")
    for _ in range(50):
        assert barrier.read() == Inputs(valid=False)
    assert caplog.text.count("an input can't be read") == 1
    broken.clear()
    assert barrier.read() == Inputs()
    barrier.close()


def test_both_relays_are_off_at_the_start(pi, barrier):
    assert (pi.pin(17).state, pi.pin(27).state) == (0, 0)
    assert pi.pin(22).state == 1


@pytest.mark.parametrize("drive, raised, lowered", [(Drive.OPEN, 1, 0), (Drive.CLOSE, 0, 1), (Drive.OFF, 0, 0)])
def test_each_drive_closes_its_own_relay_alone(pi, barrier, drive, raised, lowered):
    for before in Drive:
        barrier.drive(Outputs(before))
        barrier.drive(Outputs(drive))
        assert (pi.pin(17).state, pi.pin(27).state) == (raised, lowered)


def test_one_relay_is_off_before_the_other_goes_on():
    changes: list[tuple[int, bool]] = []

    class NotingPin(MockPin):
        def _change_state(self, value):
            changed = super()._change_state(value)
            if changed and self.info.name in ("GPIO17", "GPIO27"):
                changes.append((self.info.name, bool(value)))
            return changed

    barrier = GpioBarrier(PINS, MockFactory(pin_class=NotingPin))
    for drive in (Drive.OPEN, Drive.CLOSE, Drive.OPEN):
        barrier.drive(Outputs(drive))
    barrier.close()
    up, down = "GPIO17", "GPIO27"
    assert changes == [
        (up, True),
        (up, False),
        (down, True),
        (down, False),
        (up, True),
        (up, False),
    ]


def test_the_light_and_the_buzzer_follow(pi, barrier):
    barrier.drive(Outputs(light=Light.GREEN, buzzer=True))
    assert (pi.pin(22).state, pi.pin(23).state, pi.pin(18).state) == (0, 1, 1)
    barrier.drive(Outputs(light=Light.RED))
    assert (pi.pin(22).state, pi.pin(23).state, pi.pin(18).state) == (1, 0, 0)


def test_closing_switches_everything_off_for_good(pi, barrier):
    barrier.drive(Outputs(Drive.OPEN, Light.GREEN, True))
    barrier.close()
    barrier.drive(Outputs(Drive.OPEN))
    assert pi.pin(17).state == 0
    barrier.close()


def test_a_pin_that_can_not_be_had_is_a_clear_error():
    factory = MockFactory()
    taken = GpioBarrier(PINS, factory)
    with pytest.raises(DeviceError, match="apt install python3-lgpio"):
        GpioBarrier(PINS, factory)
    taken.close()


def test_a_missing_gpiozero_names_the_install_step():
    code = "import sys; sys.modules['gpiozero'] = None\nimport edge.devices.gpio"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "sudo apt install python3-gpiozero python3-lgpio" in ran.stderr
