"""The simulated barrier behind the port every gate drives: on its own lane, or joined to one served elsewhere."""

from __future__ import annotations

import threading

from edge.rules.signals import Inputs, Outputs
from edge.simulation.world.client import WorldClient, WorldError, is_served
from edge.simulation.world.physics import World
from edge.simulation.world.plant import Spec
from edge.simulation.world.server import WorldServer

EXCHANGE_S = 0.01


class SimulatedBarrier:
    """A barrier on a simulated lane.

    Where a lane is served already (by `python -m edge.simulation.world.server`) it is joined, so that its
    boom and vehicles outlive this process, at the pace it has; otherwise this process serves one there until `close`,
    built as `spec` says and `speed` times as fast as life.
    """

    def __init__(self, socket_path: str, speed: float = 1.0, spec: Spec | None = None) -> None:
        self._wires: _OwnLane | _JoinedLane
        if is_served(socket_path):
            self._wires = _JoinedLane(socket_path)
        else:
            self._wires = _OwnLane(socket_path, World(spec, speed))

    def read(self) -> Inputs:
        return self._wires.read()

    def drive(self, outputs: Outputs) -> None:
        self._wires.drive(outputs)

    def close(self) -> None:
        self._wires.drive(Outputs())
        self._wires.close()


class _OwnLane:
    """The wires of a lane this process serves: one attribute each way, so neither side waits for the other."""

    def __init__(self, socket_path: str, world: World) -> None:
        self._server = WorldServer(socket_path, world)

    def read(self) -> Inputs:
        return self._server.inputs

    def drive(self, outputs: Outputs) -> None:
        self._server.outputs = outputs

    def close(self) -> None:
        self._server.close()


class _JoinedLane:
    """The wires of a lane another process serves, exchanged by a thread at once on change and every EXCHANGE_S."""

    def __init__(self, socket_path: str) -> None:
        self._client = WorldClient(socket_path)
        self._outputs = Outputs()
        self._inputs = self._exchange()
        self._changed = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="barrier", daemon=True)
        self._thread.start()

    def read(self) -> Inputs:
        return self._inputs

    def drive(self, outputs: Outputs) -> None:
        if outputs != self._outputs:
            self._outputs = outputs
            self._changed.set()

    def close(self) -> None:
        self._stopping = True
        self._changed.set()
        self._thread.join()
        self._client.close()

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._changed.wait(EXCHANGE_S)
                self._changed.clear()
                self._inputs = self._exchange()
        except WorldError:
            self._inputs = Inputs(valid=False)  # the port's word for wires that can't be read

    def _exchange(self) -> Inputs:
        outputs = self._outputs
        reply = self._client.ask("wire", drive=outputs.drive.value, light=outputs.light.value, buzzer=outputs.buzzer)
        return Inputs(**reply["inputs"])
