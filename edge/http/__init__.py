"""The edge API over HTTP: the lane's display, and pages for maintenance."""
