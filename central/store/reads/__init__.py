"""What pages show: read-only queries, one file per page."""
