"""A whole car park in one thread: real gates and a real central in a seeded world of bad luck."""
