"""Aiming a camera: what its picture of a plate is worth, and what to change."""
