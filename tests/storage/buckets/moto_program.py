"""An object store as a program of its own: says where it is, and ends when its input does."""

import sys

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
host, port = server.get_host_and_port()
sys.stdout.write(f"http://{host}:{port}\n")
sys.stdout.flush()
sys.stdin.read()
server.stop()
