"""ministack, whose Lambda knows internal extensions: a function that wants to be told before it ends registers one.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

import json
import runpy
import time

from ministack.core import lambda_runtime

REGISTERED = json.dumps({"functionName": "usher", "functionVersion": "$LATEST", "handler": "bootstrap"}).encode()


def with_extensions(build):
    """Handlers of the Runtime API that answer the Extensions API too."""

    def handler_class(worker, generation, pending):
        class Handler(build(worker, generation, pending)):
            def do_POST(self):
                if not self.path.endswith("/extension/register"):
                    return super().do_POST()
                self._read_body()
                self.send_response(200)
                self.send_header("Lambda-Extension-Identifier", "an-extension")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(REGISTERED)))
                self.end_headers()
                self.wfile.write(REGISTERED)

            def do_GET(self):
                if not self.path.endswith("/extension/event/next"):
                    return super().do_GET()
                # It subscribed to no event, so that none comes.
                while not worker._stopping and generation == worker._generation:
                    time.sleep(0.1)
                self._stopped()

        return Handler

    return handler_class


for name, worker in vars(lambda_runtime).items():
    if isinstance(worker, type) and "_build_handler_class" in vars(worker):
        worker._build_handler_class = with_extensions(worker._build_handler_class)

runpy.run_module("ministack", run_name="__main__", alter_sys=True)
