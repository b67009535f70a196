"""Rendered plates and scenes for training the plate detector and the plate reader."""
