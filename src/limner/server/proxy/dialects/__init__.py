"""The protocols that chat programs speak, one a file; all else in the proxy knows none of them.

General layout: `limner.server.proxy.protocol.dialect` is what each answers; `event_streams` and
`prompts` are what several stand on. A request comes in a protocol, goes to a server in the same,
and so does the answer back.
"""
