"""Another HTTP service on this machine, for a module of tests: the handler is the test's."""

import contextlib
import http.server
import threading


@contextlib.contextmanager
def serving(handler):
    """The server, with its `url`; what the handler notes of requests it puts into `calls`."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.calls = []
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
