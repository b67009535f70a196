"""The bench test of a gate's wires: end to end on a simulated barrier, right and wrong, and on real pins."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge.devices.wiring.command import main
from edge.devices.wiring.terminal import Terminal
from edge.rules.signals import Inputs
from tests.edge.pins.gate import UP, PinGate
from tests.edge.pins.scope import INPUTS, OUTPUTS
from tests.waiting import wait_for

SCRIPT = Path(__file__).resolve().parents[2] / "firmware_scripts" / "check_wiring.py"
MOVEMENTS = ("raise", "lower", "stop while moving", "beam while lowering")


@pytest.fixture
def gate(tmp_path):
    gate = PinGate(tmp_path)
    yield gate
    gate.close()


def bench_of(gate: PinGate, *faults: str, drive: str = "held") -> tuple[int, dict[str, tuple[str, str]]]:
    """Exit status, and for each wire its verdict and why."""
    folder = gate.config.parent / "report"
    settings = gate.config.read_text().replace("travel_s = 10.0", f'travel_s = 6.0\ndrive = "{drive}"')
    gate.config.write_text(settings.replace("start_s = 9.0", "start_s = 1.5"))
    words = [word for fault in faults for word in ("--fault", fault)]
    status = main(["--config", str(gate.config), "--report", str(folder), "--simulate", *words])
    [path] = folder.glob("*.json")
    report = json.loads(path.read_text())
    assert report["simulated"] and report["finished"]
    return status, {line["wire"]: (line["verdict"], line["what"]) for line in report["wires"]}


def failed(found: dict[str, tuple[str, str]]) -> set[str]:
    return {wire for wire, (verdict, _) in found.items() if verdict == "fail"}


@pytest.mark.parametrize("drive", ["held", "pulse"])
def test_a_barrier_that_is_wired_right_passes_wire_by_wire(gate, drive):
    status, found = bench_of(gate, drive=drive)
    assert status == 0
    assert set(found) == {*INPUTS, "light_red", "light_green", "buzzer", *MOVEMENTS}
    assert {verdict for verdict, _ in found.values()} == {"pass"}


def test_the_report_says_pins_and_times_to_machines_and_to_people(gate, capsys):
    bench_of(gate)
    folder = gate.config.parent / "report"
    [path] = folder.glob("*.json")
    lines = {line["wire"]: line for line in json.loads(path.read_text())["wires"]}
    assert lines["stop"]["pin"] == INPUTS["stop"] and lines["buzzer"]["pin"] == OUTPUTS["buzzer"]
    assert lines["raise"]["pin"] is None and lines["raise"]["seconds"] > 3.0
    text = path.with_suffix(".txt").read_text()
    assert "entry-1 of main (simulated)" in text and "Every wire passed." in text
    assert text.strip() in capsys.readouterr().out


#   wrong wiring                        fails                            because
WRONG = {
    "swap:limit_open,limit_closed":     ({"limit_open", "limit_closed"}, "the two limits are swapped"),
    "invert:limit_open":                ({"limit_open"},                 "wired upside down"),
    "invert:stop":                      ({"stop"},                       "wired upside down"),
    "invert:photocell":                 ({"photocell"},                  "wired upside down"),
    "cut:fire":                         ({"fire"},                       "a cut wire"),
    "cut:limit_closed":                 ({"limit_closed"},               "a cut wire"),
    "short:exit_loop":                  ({"exit_loop"},                  "never becomes active"),
    "short:limit_open":                 ({"limit_open"},                 "never becomes active"),
    "swap:fire,button":                 ({"fire", "button"},             "answers in its place"),
    "swap:arming_loop,closing_loop":    ({"arming_loop", "closing_loop"}, "answers in its place"),
    "swap:raise_boom,lower_boom":       ({"raise"},                      "the two relays' wires are swapped"),
    "cut:raise_boom":                   ({"raise"},                      "does not leave its lower limit"),
    "cut:lower_boom":                   ({"lower"},                      "does not leave its upper limit"),
    "cut:light_green":                  ({"light_green"},                "not as expected"),
    "swap:light_red,light_green":       ({"light_red", "light_green"},   "not as expected"),
    "slow_beam":                        ({"beam while lowering"},        "did not end the movement"),
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_wiring_is_found_and_named(gate, fault):
    status, found = bench_of(gate, fault)
    wires, why = WRONG[fault]
    assert status == 1 and failed(found) == wires
    assert all(why in found[wire][1] for wire in wires)


@pytest.mark.parametrize(
    "fault", ["invert:stop", "cut:photocell", "short:closing_loop", "swap:limit_open,limit_closed"]
)
def test_nothing_is_driven_while_what_guards_it_is_wrong(gate, fault):
    _, found = bench_of(gate, fault)
    assert [found[movement][0] for movement in MOVEMENTS] == ["skipped"] * 4
    assert "must pass before" in found["raise"][1]


def test_a_pulsed_operator_that_does_not_hear_stop_itself_is_found(gate):
    status, found = bench_of(gate, "deaf_stop", drive="pulse")
    assert status == 1 and failed(found) == {"stop while moving"}
    assert "STOP must be wired to the operator itself" in found["stop while moving"][1]


@pytest.mark.parametrize(
    "words, sentence",
    [
        (["--simulate", "--fault", "rust"], "fault 'rust': expected one of: swap:A,B"),
        (["--simulate", "--fault", "cut:moon"], "fault 'cut:moon': expected one of"),
        (["--fault", "cut:fire"], "--fault: expected --simulate with it"),
    ],
)
def test_what_can_not_be_done_is_one_line(gate, capsys, words, sentence):
    assert main(["--config", str(gate.config), *words]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


def test_a_simulated_gate_has_no_wires_to_test(gate, capsys):
    text = gate.config.read_text().replace('kind = "gpio"', 'kind = "simulated"\nworld = "world"')
    gate.config.write_text(text)
    assert main(["--config", str(gate.config)]) == 2
    assert 'devices.kind is "simulated", with no wires to test' in capsys.readouterr().err


def test_a_terminal_shows_inputs_when_they_change_and_takes_only_yes_or_no():
    keys, out = io.StringIO("perhaps\nYES\nn\n"), io.StringIO()
    terminal = Terminal(keys, out)
    terminal.live(Inputs(stop=True))
    terminal.live(Inputs(stop=True))
    terminal.live(Inputs(valid=False))
    assert terminal.confirm("Well?") and not terminal.sees("buzzer", "Does it sound?")
    assert out.getvalue().count("active: stop") == 1
    assert "CAN'T BE READ" in out.getvalue() and "expected y or n" in out.getvalue()
    with pytest.raises(KeyboardInterrupt):
        terminal.confirm("Anybody there?")


@pytest.mark.slow
def test_it_is_refused_while_the_gate_holds_the_pins(gate):
    gate.start()
    command = [sys.executable, str(SCRIPT), "--config", str(gate.config)]
    ran = subprocess.run(command, env=gate.header.environment, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert "held by another program" in ran.stderr and "sudo systemctl stop parkmeter-gate" in ran.stderr
    assert ran.stderr.count("\n") == 1


@pytest.fixture
def technician(gate, tmp_path):
    """The script at a terminal of files: what it says can be read, what is typed is written."""
    command = [sys.executable, str(SCRIPT), "--config", str(gate.config)]
    said = tmp_path / "said"
    with said.open("w") as out:
        ran = subprocess.Popen(command, env=gate.header.environment, text=True, stdin=subprocess.PIPE, stdout=out)
    with ran:
        yield ran, said.read_text
        if ran.poll() is None:
            ran.kill()


@pytest.mark.slow
def test_at_a_terminal_a_technician_tests_a_wire_on_real_pins_and_breaking_off_leaves_everything_off(gate, technician):
    ran, said = technician
    wait_for(lambda: "nothing pressed?" in said(), "the first question", 30.0)
    ran.stdin.write("y\n")
    ran.stdin.flush()
    wait_for(lambda: "Press the driver's button" in said(), "the button's turn")
    gate.header.contact(INPUTS["button"], active=True)
    wait_for(lambda: "Let the button go" in said(), "it was felt")
    gate.header.contact(INPUTS["button"], active=False)
    wait_for(lambda: "PASS    button" in said(), "it passed")
    ran.send_signal(signal.SIGTERM)
    assert ran.wait(20) == 130
    assert "Broken off: this gate has not been tested whole." in said()
    assert not gate.header.is_claimed(UP) and gate.header.level(UP, strict=False) == 0
