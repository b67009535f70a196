"""The lane: what becomes of each vehicle before the boom. Pure."""
