"""A whole car park on one machine: broker, central, gates, and drivers who pay as people do."""
