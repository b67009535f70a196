"""The car park's office: prices, payment, notifications and the web pages."""
