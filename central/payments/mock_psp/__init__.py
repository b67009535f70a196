"""A payment service provider's sandbox with UPI: its own process, keys and database. No real money moves."""
