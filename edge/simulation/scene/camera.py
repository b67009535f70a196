"""The camera of the simulated lane: asks the world over its socket and renders what stands there."""

from __future__ import annotations

import time
from collections.abc import Iterator

from edge.simulation.scene.picture import Scene
from edge.simulation.world.client import WorldClient, WorldError
from edge.vision.errors import CameraError
from edge.vision.frame import Frame

FRAME_S = 0.04


class SceneCamera:
    """A camera on the lane served at a socket: the port of `edge.vision.camera`."""

    def __init__(self, socket_path: str, daylight: float = 1.0) -> None:
        try:
            self._world = WorldClient(socket_path)
        except WorldError as error:
            raise CameraError(f"camera scene:{socket_path}: {error}") from error
        self._name = f"camera scene:{socket_path}"
        self._scene = Scene(daylight)
        self._next_at = 0.0

    def capture(self, timeout_s: float = 5.0) -> Frame:
        """The next frame, 25 a second at most. CameraError when the lane has gone."""
        wait_s = self._next_at - time.monotonic()
        if wait_s > 0:
            time.sleep(min(wait_s, timeout_s))
        exposed_at = time.monotonic()
        self._next_at = exposed_at + FRAME_S
        try:
            look = self._world.look(history=False)
        except WorldError as error:
            raise CameraError(f"{self._name}: {error}") from error
        return Frame(self._scene.render(look), exposed_at)

    def frames(self) -> Iterator[Frame]:
        while True:
            yield self.capture()

    def next_visit(self) -> None:
        """Nothing to do: the lane shows whoever stands in it."""

    def close(self) -> None:
        self._world.close()
