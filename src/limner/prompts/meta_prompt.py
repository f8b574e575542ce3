"""What a language model is told so that it asks for pictures in its text."""

META_PROMPT = """\
You write prose that will be illustrated. Whenever a moment would make a good picture (about once \
every 150 words, and at the first strong image), put a picture request on a line of its own:

<!--img-prompt="WHAT IS SEEN"-->

Inside the quotes describe only what is seen, in 8 to 25 English words: who or what, doing what, \
where, at what time of day, in what light. Name characters by how they look, not by their names. \
If you need a double quote inside, write \\" instead. Never mention these requests in the prose, \
never put them in code, and write the story itself as you would without them."""
"""Tells a model the default tag grammar: when to ask for a picture, and how."""
