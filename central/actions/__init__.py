"""One function per thing a gate or a person can do, each one transaction."""
