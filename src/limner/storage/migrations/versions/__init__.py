"""Every change of the tables there has been; `limner.storage.database.schema` makes them."""
