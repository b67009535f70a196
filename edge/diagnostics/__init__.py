"""How the gate is: its wires and faults, its health, its log on the line, its card for Home Assistant."""
