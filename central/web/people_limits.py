"""How often codes are asked for and typed, and own passwords, from one network address or for one account."""

from __future__ import annotations

from central.web import account
from central.web.limits import limiter, only_failures

# a code costs us a message, and somebody their peace
asks = limiter.shared_limit("5 per minute; 30 per hour", scope="codes asked for", methods=["POST"])
guesses = limiter.shared_limit("20 per minute; 200 per hour", scope="codes typed", deduct_when=only_failures)
# whoever sits at an unlocked phone must not guess its owner's password here
own_password = limiter.shared_limit(
    "10 per 15 minutes", scope="own passwords", key_func=lambda: f"of {account.me()}", deduct_when=only_failures
)
