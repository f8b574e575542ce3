"""limner as a server of tools (Model Context Protocol): what a model with tools can have drawn.

- ``caller``, ``arguments``, ``results``: who asks, for what, and what is told
- ``illustrating``, ``redrawing``, ``listing``: the tools
- ``progress_report``, ``shown_pictures``: how a call goes on, and how pictures are handed over
- ``toolbox``, ``tool_server``: the tools together, and in the protocol's words
- ``http_app``, ``stdio``: over HTTP beside everything else a server does, and by a command

The protocol itself is the official package's (``mcp``), which is loaded where somebody uses it.
"""
