"""The API's OpenAPI document, made from the table of its operations and their models."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode, JsonSchemaValue

from targets.tams.answers import API_VERSION, Fault
from targets.tams.endpoint import Operation
from targets.tams.fields import UUID_PATTERN
from targets.tams.schema import TaggedPage

_REFERENCE = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"\{(\w+)(?::path)?\}")
_PAGING_HEADERS = {
    "Link": {"schema": {"type": "string"}, "description": "Where the next page is."},
    "X-Paging-Limit": {"schema": {"type": "integer"}, "description": "The limit that was used."},
    "X-Paging-NextKey": {"schema": {"type": "string"}, "description": "What to give as `page` for the next one."},
}
_REFUSALS = {
    400: "The request is wrong in itself.",
    403: "The flow is read-only.",
    404: "There is no such thing.",
    409: "Another request changed the same thing meanwhile; nothing was changed, repeat it.",
    413: "The body is too large.",
    503: "VAST DB or S3 does not answer.",
}

Shape = tuple[Any, JsonSchemaMode]
"""A type, and whether it is read from a request or written to an answer."""
Known = dict[tuple[int, JsonSchemaMode], JsonSchemaValue]
"""The schema of each shape, by the type's identity."""


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """The OpenAPI document of the operations."""
    listed = list(operations)
    shapes = {(id(kind), mode): kind for operation in listed for kind, mode in _shapes(operation)}
    adapters = [(name, mode, TypeAdapter(kind)) for (name, mode), kind in shapes.items()]
    known, definitions = TypeAdapter.json_schemas(adapters, ref_template=_REFERENCE)
    paths: dict[str, Any] = {}
    for operation in listed:
        described = paths.setdefault(_PARAMETER.sub(r"{\1}", operation.path), {})
        described[operation.method.lower()] = _operation(operation, known)
        if operation.leads_to:
            described[operation.method.lower()]["responses"]["201"]["links"] = _links(operation, listed)
        if operation.method == "GET":
            described["head"] = _head(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Time-addressable media store", "version": API_VERSION},
        "paths": paths,
        "components": {"schemas": definitions.get("$defs", {})},
    }


def _shapes(operation: Operation) -> Iterator[Shape]:
    yield Fault, "serialization"
    if operation.body is not None:
        yield operation.body, "validation"
    yield from ((kind, "serialization") for kind in operation.answers.values() if kind is not None)


def _links(operation: Operation, listed: Sequence[Operation]) -> dict[str, Any]:
    """The operations that what this one makes can be asked for by next."""
    found = {}
    for other in listed:
        wanted = set(_PARAMETER.findall(other.path))
        if other is not operation and wanted and wanted <= operation.leads_to.keys():
            name = _operation_id(other, other.method)
            found[name] = {"operationId": name, "parameters": {one: operation.leads_to[one] for one in sorted(wanted)}}
    return found


def _operation(operation: Operation, known: Known) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": _operation_id(operation, operation.method),
        "parameters": [*_path_parameters(operation), *_query_parameters(operation.query)],
        "responses": {
            **{str(status): _answer(operation, kind, known) for status, kind in operation.answers.items()},
            **{str(status): _refusal(text, known) for status, text in _REFUSALS.items()},
        },
    }
    if operation.body is not None:
        content = {"application/json": {"schema": known[id(operation.body), "validation"]}}
        described["requestBody"] = {"content": content, "required": not operation.is_body_optional}
    return described


def _head(operation: Operation) -> dict[str, Any]:
    """A HEAD is served as its GET is, without the body."""
    statuses = dict.fromkeys(operation.answers, "Without the body of GET.") | _REFUSALS
    return {
        "summary": operation.summary,
        "operationId": _operation_id(operation, "HEAD"),
        "parameters": [*_path_parameters(operation), *_query_parameters(operation.query)],
        "responses": {str(status): {"description": text} for status, text in statuses.items()},
    }


def _operation_id(operation: Operation, method: str) -> str:
    named = _PARAMETER.sub(r"\1", operation.path).strip("/").replace("/", "-") or "root"
    return f"{method}_{named}"


def _path_parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for name in _PARAMETER.findall(operation.path):
        is_uuid = name.endswith("_id") and name != "object_id"
        schema = {"type": "string", "pattern": UUID_PATTERN} if is_uuid else {"type": "string", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(query: type[BaseModel]) -> Iterator[dict[str, Any]]:
    fields = query.model_json_schema().get("properties", {})
    for name, schema in fields.items():
        if name not in {"tag_values", "tag_presence"}:
            yield {"name": name, "in": "query", "schema": _asked_for(schema)}
    if issubclass(query, TaggedPage):
        yield {"name": f"{query.PREFIX}tag.{{name}}", "in": "query", "schema": {"type": "string"}}
        yield {"name": f"{query.PREFIX}tag_exists.{{name}}", "in": "query", "schema": {"type": "boolean"}}


def _asked_for(schema: JsonSchemaValue) -> JsonSchemaValue:
    """A parameter's schema: absent is how it says null, and its default is what the summary of the field says."""
    kept = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    return {name: value for name, value in kept[0].items() if name not in {"default", "title"}}


def _answer(operation: Operation, kind: Any, known: Known) -> dict[str, Any]:
    if kind is None:
        return {"description": "Done."}
    described: dict[str, Any] = {
        "description": "Done.",
        "content": {"application/json": {"schema": known[id(kind), "serialization"]}},
    }
    if "limit" in operation.query.model_fields:
        described["headers"] = _PAGING_HEADERS
    return described


def _refusal(text: str, known: Known) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": known[id(Fault), "serialization"]}}}
