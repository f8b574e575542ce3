"""Pictures that are drawn by workers: servers order them, `limner work` draws them.

- ``request_text``: what is asked for, as text
- ``elsewhere``: the server's side, which to the illustrator is one more picture server
- ``worker``: the other side
- ``unplaced``: what a worker draws if no server is left to say it
- ``news``, ``errands``: what a worker tells while it draws, and leaves for whoever goes on
- ``working``: a worker, put together; ``worker_pages``: what it shows to whoever watches it
"""
