"""HTTP over ASGI: requests and answers, CORS, entity tags; shared by all parts of the server."""
