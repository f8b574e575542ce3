"""Jobs: as the limiter knows them, as callers see them, who is next, what they belong to."""
