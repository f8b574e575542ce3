"""The database: its address, its tables, and what its errors mean."""
