"""Calls of one emulator of the twin by method and path, without HTTP and on a clock of the test."""

import json
import re

from ipyavatar.twin.app import execute_call
from ipyavatar.twin.emulator import ServiceRequest


def let_in(_request):
    """Keys are looked at elsewhere."""


class TwinCalls:
    """What an emulator answers; `now` is its clock."""

    def __init__(self, calls, service=None):
        self.now = 1_800_000_000.0
        self._calls = [*calls]
        self._service = service

    def call(self, method, path, body=None, *, headers=None, **query):
        """Status and answer, of the first route that fits, as in HTTP."""
        for call in self._calls:
            match = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", call.path), path)
            if match and call.method == method:
                data = b"" if body is None else json.dumps(body).encode()
                named = match.groupdict()
                request = ServiceRequest(
                    self.now, "http://twin", headers or {}, query, named, data, path
                )
                reply = execute_call(self._service, call, request)
                return reply.status, reply.payload
        raise AssertionError(f"no {method} {path}")
