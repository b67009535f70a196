"""How the gate stands now, read off its panel: status, inputs and the newest picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.http.door import Caller
from edge.http.keys import Scope
from edge.http.masking import masked, shown
from edge.http.models import Input, Inputs, Plate, Status
from edge.panel import Panel


class Standing:
    """who: gate, site, name, lane. facts: what the rest of the process knows at the moment of asking."""

    def __init__(self, who: dict[str, str], panel: Panel, facts: Callable[[], dict]) -> None:
        self._who, self._panel, self._facts = who, panel, facts

    def status(self, caller: Caller) -> Status:
        """The gate as the caller may see it."""
        state = self._panel.state
        plate = state.plate if state else None
        if plate is not None:
            text = plate.text if caller.may(Scope.PLATES) else masked(plate.text)
            plate = Plate(text=text, confidence=plate.confidence)
        return Status(
            **self._who,
            idle=state is not None and state.boom == "closed" and state.visit is None,
            boom=state.boom if state else None,
            mode=state.mode if state else None,
            message=state.message if state else None,
            faults=list(state.faults) if state else [],
            outbox=state.outbox if state else 0,
            visit=state.visit if state else None,
            plate=plate,
            at=state.wall if state else None,
            figures=_plain(self._panel.figures),
            process=_plain(self._facts()),
        )

    def whole(self, caller: Caller) -> dict:
        """All of it in one flat table, the state as central is told it."""
        state = self._panel.state.model_dump(mode="json") if self._panel.state else {}
        state = shown(state, plates=caller.may(Scope.PLATES))
        return self._who | state | self._panel.figures | self._facts()

    def inputs(self) -> Inputs:
        """Every input's level, and since when."""
        state, since = self._panel.state, self._panel.since
        levels = state.inputs if state else {}
        return Inputs(
            at=state.wall if state else None,
            inputs=[Input(name=name, active=level, since=since.get(name)) for name, level in levels.items()],
        )

    def picture(self) -> Path | None:
        """The newest picture's file, None while there is none."""
        newest = self._panel.snapshot
        return Path(newest) if newest is not None and Path(newest).is_file() else None


def _plain(figures: dict) -> dict:
    """Figures as the answer's model takes them, whatever else another part of the gate may come to tell."""
    return {name: _figure(what) for name, what in figures.items()}


def _figure(what: object) -> object:
    if isinstance(what, list | tuple | set | frozenset):
        return [str(one) for one in what]
    return what if what is None or isinstance(what, bool | int | float | str) else str(what)
