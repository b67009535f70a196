"""The edge API over MQTT: what gates and central say to each other. Imports nothing of either."""
