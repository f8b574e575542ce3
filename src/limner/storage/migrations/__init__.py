"""Every change of the tables there has been; `limner.storage.schema` makes them."""
