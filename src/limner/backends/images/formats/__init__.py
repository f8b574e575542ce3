"""Picture files taken apart: what belongs to the picture is kept, everything else is cut away.

Each module has one pure function ``separate(data) -> Parts``. It walks the file's own structure
to its own end, so that bytes behind the picture (the other half of a polyglot) are not kept, and
raises `Malformed` where the structure is broken. It decodes no pixel.
"""
