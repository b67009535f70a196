"""`./parkmeter diag`: the gates of a site in a technician's terminal, over MQTT alone."""
