"""The networks of platenet and how they learn: torch is imported here alone, and never on a gate."""
