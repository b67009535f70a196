"""The line to central over MQTT."""
