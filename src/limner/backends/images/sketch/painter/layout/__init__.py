"""Where everything goes, decided before anything is painted."""
