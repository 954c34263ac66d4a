"""A small HTTP server of a test: takes what is posted to it, and answers as the test says."""

import http.server
import json
import queue
import threading


class Receiver:
    """`answers`: statuses, one after the other; the last one for ever. None: never answers."""

    def __init__(self, *answers):
        self.answers = list(answers) or [200]
        self.bodies = queue.Queue()
        self.released = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                answers = receiver.answers
                status = answers.pop(0) if len(answers) > 1 else answers[0]
                receiver.bodies.put(body)
                if status is None:
                    receiver.released.wait(60)
                    return
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/done"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        return self.bodies.get(timeout=30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
