"""Calls an API and checks both sides of each call against the API's OpenAPI 3.0 description."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from jsonschema import Draft202012Validator, FormatChecker

# `int64` and the like say how numbers are kept, not how they look.
FORMATS = FormatChecker(formats=["date-time"])


def json_schema(node):
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type."""
    if isinstance(node, list):
        return [json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {key: json_schema(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") is not True:
        return schema
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = schema["enum"] + [None]
        return schema
    return {"anyOf": [schema, {"type": "null"}]}


class Api:
    """An API at `origin` that is as `description` says."""

    def __init__(self, origin, description, headers):
        self.origin, self.headers = origin, headers
        self.paths = description["paths"]
        self.components = json_schema({"schemas": description["components"]["schemas"]})
        self.responses = description["components"].get("responses", {})

    def call(self, method, path, status, body=None, query="", headers=None, **names):
        """Calls an operation; the answer has to have this status and the shape that goes with it."""
        operation = self.paths[path][method]
        if body is not None:
            self.check(operation["requestBody"]["content"]["application/json"]["schema"], body, f"request of {path}")
        data = None if body is None else json.dumps(body).encode()
        url = self.origin + path.format(**names) + query
        sent = {**self.headers, **(headers or {}), "Content-Type": "application/json"}
        try:
            answer = urlopen(Request(url, data=data, headers=sent, method=method.upper()))
        except HTTPError as error:
            answer = error
        text = answer.read()
        assert answer.status == status, f"{method} {path}: {answer.status} {text}"
        told = json.loads(text) if text else None
        described = operation["responses"].get(str(status))
        # Limits and rejected tokens are described once for all operations, in words.
        if described is None:
            assert status in (401, 403, 429, 500), f"{method} {path} is not described to answer {status}"
            return told, answer.headers
        if "$ref" in described:
            described = self.responses[described["$ref"].rsplit("/", 1)[1]]
        content = described.get("content", {}).get("application/json")
        if content is None:
            assert told is None or status >= 400, f"{method} {path}: nothing is described to be told"
        else:
            self.check(content["schema"], told, f"answer of {method} {path}")
        return told, answer.headers

    def check(self, schema, value, what):
        # References are `#/components/schemas/…`.
        whole = {**json_schema(schema), "components": self.components}
        errors = list(Draft202012Validator(whole, format_checker=FORMATS).iter_errors(value))
        assert not errors, f"{what}: " + "; ".join(f"{error.json_path}: {error.message[:300]}" for error in errors[:5])
