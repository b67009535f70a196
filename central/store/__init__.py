"""The database: schema and queries, on SQLite or PostgreSQL."""
