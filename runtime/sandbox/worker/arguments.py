"""The arguments of a call as its function's annotations want them."""

import dataclasses
import enum
import inspect
import json
import os
import types
import typing


class View(dict):
    """A JSON object whose members can be read as attributes too."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def get_block(self, label):
        """Of `agent_state.memory`: the block of that label."""
        for block in self.get("blocks", []):
            if block.get("label") == label:
                return block
        raise KeyError(f"there is no block {label!r}")


def for_function(function, call):
    given = json.loads(call["arguments"] or "{}")
    parameters = inspect.signature(function).parameters
    try:
        hints = typing.get_type_hints(function)
    except Exception:  # an annotation that names what is not there
        hints = {name: p.annotation for name, p in parameters.items()}
    ready = {name: coerce(name, value, hints.get(name, typing.Any)) for name, value in given.items()}
    for name, value in injected(call).items():
        if name in parameters and name not in ready:
            ready[name] = value
    return ready


def injected(call):
    state = json.loads(call["agent_state"], object_hook=View) if call["agent_state"] else None
    return {"agent_state": state, "self": state, "agent_id": os.environ.get("LETTA_AGENT_ID")}


def coerce(name, value, wanted):
    try:
        return convert(value, wanted)
    except (TypeError, ValueError, KeyError) as error:
        shown = json.dumps(value, ensure_ascii=False)
        shown = shown if len(shown) <= 100 else shown[:100] + "..."
        raise TypeError(f"argument {name!r}: {shown} is no {type_name(wanted)} ({error})") from None


def type_name(wanted):
    return getattr(wanted, "__name__", None) or str(wanted).replace("typing.", "")


def convert(value, wanted):
    if wanted in (typing.Any, inspect.Parameter.empty) or isinstance(wanted, (str, typing.TypeVar)):
        return value
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    if origin is typing.Annotated:
        return convert(value, inner[0])
    if origin is typing.Literal:
        return to_literal(value, inner)
    if origin in (typing.Union, types.UnionType):
        return to_union(value, inner)
    if wanted in SIMPLE:
        return SIMPLE[wanted](value)
    kind = origin or wanted
    if kind in (list, set, frozenset, tuple, dict):
        return to_container(value, kind, inner)
    return to_class(value, wanted)


def to_bool(value):
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    raise ValueError("neither true nor false")


def to_int(value):
    if isinstance(value, bool) or isinstance(value, int):
        return int(value)
    if isinstance(value, float) and not value.is_integer():
        raise ValueError("not a whole number")
    return int(value)


def to_str(value):
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def to_none(value):
    if value is not None:
        raise ValueError("not null")
    return None


SIMPLE = {bool: to_bool, int: to_int, float: float, str: to_str, type(None): to_none}


def to_literal(value, choices):
    for choice in choices:
        if value == choice and isinstance(value, bool) == isinstance(choice, bool):
            return choice
    for choice in choices:
        if str(value) == str(choice):
            return choice
    raise ValueError("none of " + ", ".join(map(repr, choices)))


def to_union(value, members):
    """The member that the value is already, before one that it can be made."""
    if value is None and type(None) in members:
        return None
    for member in members:
        kind = typing.get_origin(member) or member
        if isinstance(kind, type) and type(value) is kind:
            return convert(value, member)
    failure = ValueError("of none of its types")
    for member in members:
        if member is type(None):
            continue
        try:
            return convert(value, member)
        except (TypeError, ValueError, KeyError) as error:
            failure = error
    raise failure


def to_container(value, kind, inner):
    if isinstance(value, str):
        value = json.loads(value)
    if kind is dict:
        if not isinstance(value, dict):
            raise TypeError("not an object")
        if len(inner) != 2:
            return value
        return {convert(key, inner[0]): convert(item, inner[1]) for key, item in value.items()}
    if not isinstance(value, (list, tuple)):
        raise TypeError("not an array")
    if kind is tuple and inner and inner[-1] is not Ellipsis:
        if len(value) != len(inner):
            raise ValueError(f"not {len(inner)} items")
        return tuple(convert(item, want) for item, want in zip(value, inner))
    want = inner[0] if inner else typing.Any
    return kind(convert(item, want) for item in value)


def to_class(value, wanted):
    if not isinstance(wanted, type) or isinstance(value, wanted):
        return value
    if hasattr(wanted, "model_validate"):  # pydantic 2
        return wanted.model_validate(json.loads(value) if isinstance(value, str) else value)
    if hasattr(wanted, "parse_obj"):  # pydantic 1
        return wanted.parse_obj(json.loads(value) if isinstance(value, str) else value)
    if issubclass(wanted, enum.Enum):
        return wanted(value)
    if dataclasses.is_dataclass(wanted) and isinstance(value, dict):
        hints = typing.get_type_hints(wanted)
        return wanted(**{k: convert(v, hints.get(k, typing.Any)) for k, v in value.items()})
    if hasattr(wanted, "fromisoformat") and isinstance(value, str):  # dates and times
        return wanted.fromisoformat(value)
    return value
