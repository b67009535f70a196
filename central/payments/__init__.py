"""Taking money through a payment service provider."""
