"""Make an inner tensor of an ONNX model one of its outputs, without the `onnx` package.

A protobuf message is the merge of all its occurrences, so a second, tiny `graph` field appended to
the file adds an output to the model's graph and changes nothing else.
"""

from __future__ import annotations

INT64 = 7
"""`TensorProto.DataType` of 64 bit integers."""

# Field numbers of onnx.proto.
_MODEL_GRAPH = 7
_GRAPH_OUTPUT = 12
_VALUE_NAME, _VALUE_TYPE = 1, 2
_TYPE_TENSOR = 1
_TENSOR_ELEM_TYPE = 1


def with_output(model: bytes, tensor: str, element_type: int = INT64) -> bytes:
    """The serialised `model` with the inner `tensor` as one more output, after the others."""
    tensor_type = _varint(_TENSOR_ELEM_TYPE << 3) + _varint(element_type)
    value = _field(_VALUE_NAME, tensor.encode()) + _field(
        _VALUE_TYPE, _field(_TYPE_TENSOR, tensor_type)
    )
    return model + _field(_MODEL_GRAPH, _field(_GRAPH_OUTPUT, value))


def _field(number: int, payload: bytes) -> bytes:
    """A length-delimited field (wire type 2)."""
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
