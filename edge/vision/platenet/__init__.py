"""Our own reading engine: plate corners by one small network, the text of a straightened plate by another."""
