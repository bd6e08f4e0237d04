# SPDX-License-Identifier: MIT
"""A venue's REST host for tests: answers by path, changed while it runs, and remembers what it was asked.

    with RestServer() as rest:
        rest.answer('/v1/market/all', json.dumps([...]))
        t.Hogad(sim, venue='rest_url = ' + rest.url)
"""

import http.server
import threading


class RestServer:
    def __init__(self):
        answers, asked, lock = {}, [], threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.split('?')[0]
                with lock:
                    asked.append(self.path)
                    status, body, headers = answers.get(path, (404, '', {}))
                body = body(self.path) if callable(body) else body
                bytes_ = body.encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header('Content-Length', str(len(bytes_)))
                self.end_headers()
                self.wfile.write(bytes_)

            def log_message(self, *_):
                pass

        self._answers, self._asked, self._lock = answers, asked, lock
        self._server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self._server.daemon_threads = True
        self.url = 'http://127.0.0.1:%d' % self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={'poll_interval': 0.02})

    def answer(self, path, body, status=200, **headers):
        """`body` is text, or a function of the path with its query that makes it."""
        with self._lock:
            self._answers[path] = (status, body, {name.replace('_', '-'): value for name, value in headers.items()})

    def asked(self, path=''):
        """Paths with their queries, in order, that begin with `path`."""
        with self._lock:
            return [one for one in self._asked if one.startswith(path)]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
