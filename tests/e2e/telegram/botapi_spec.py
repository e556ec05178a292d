"""The machine-readable Bot API as a judge: is this call, this object, what Telegram describes?"""

import json
import re
from pathlib import Path
from typing import Any

_ALWAYS = re.compile(r"(?:always|must be) [\"“]?(?P<value>\w+)[\"”]?\.?$")
_PLAIN = {"Integer": int, "String": str, "Float": (int, float), "Boolean": bool, "True": bool}


class Upload(bytes):
    """The content of a file that came with a request."""

    name = ""


class Spec:
    """Judges values by the description of the API; a judgement is a list of complaints, empty for none."""

    def __init__(self, path: Path) -> None:
        data = json.loads(path.read_text(encoding="utf-8"))
        self.methods: dict[str, Any] = data["methods"]
        self.types: dict[str, Any] = data["types"]

    def call(self, method: str, raw: dict[str, str | Upload]) -> tuple[dict[str, Any], list[str]]:
        """Read the parameters of a request; return them decoded, with what is wrong about them."""
        if method not in self.methods:
            return {}, [f"there is no method {method}"]
        fields = {field["name"]: field for field in self.methods[method].get("fields", [])}
        wrong = [f"{method}: unknown parameter {name}" for name in raw.keys() - fields.keys()]
        wrong += [f"{method}: {n} is missing" for n, f in fields.items() if f["required"] and n not in raw]
        values: dict[str, Any] = {}
        for name in raw.keys() & fields.keys():
            values[name] = _decoded(fields[name]["types"], raw[name])
            wrong += self.check(fields[name]["types"], values[name], f"{method}.{name}")
        return values, wrong

    def check(self, types: list[str], value: Any, path: str) -> list[str]:
        """Return why `value` is of none of these types."""
        complaints = [self._is(one, value, path) for one in types]
        return [] if not all(complaints) else min(complaints, key=len)

    def _is(self, kind: str, value: Any, path: str) -> list[str]:
        if kind.startswith("Array of "):
            if not isinstance(value, list):
                return [f"{path} is no list"]
            inner = kind.removeprefix("Array of ")
            return [c for n, each in enumerate(value) for c in self._is(inner, each, f"{path}[{n}]")]
        if kind in _PLAIN:
            fits = isinstance(value, _PLAIN[kind]) and (kind in ("Boolean", "True")) == isinstance(
                value, bool
            )
            return [] if fits else [f"{path} is {value!r}, not {kind}"]
        if kind == "InputFile":
            return [] if isinstance(value, Upload) else [f"{path} is no file"]
        described = self.types[kind]
        if "subtypes" in described:
            return self.check(described["subtypes"], value, path)
        return self._object(described, value, path)

    def _object(self, described: dict[str, Any], value: Any, path: str) -> list[str]:
        if not isinstance(value, dict):
            return [f"{path} is {value!r}, not {described['name']}"]
        fields = {field["name"]: field for field in described.get("fields", [])}
        wrong = [f"{path}.{n} is no field of {described['name']}" for n in value.keys() - fields.keys()]
        wrong += [f"{path}.{n} is missing" for n, f in fields.items() if f["required"] and n not in value]
        for name in value.keys() & fields.keys():
            wrong += self.check(fields[name]["types"], value[name], f"{path}.{name}")
            always = _ALWAYS.search(fields[name]["description"])
            if name in ("type", "status", "source") and always and value[name] != always["value"]:
                wrong.append(f"{path}.{name} is {value[name]!r}, not {always['value']!r}")
        return wrong


def _decoded(types: list[str], raw: str | Upload) -> Any:
    """Telegram takes numbers and objects as JSON, and text as it stands."""
    if isinstance(raw, Upload):
        return raw
    if "Integer" in types and re.fullmatch(r"-?\d+", raw):
        return int(raw)
    if types == ["String"] or ("String" in types and not raw.startswith(("{", "["))):
        return raw
    try:
        return json.loads(raw)
    except ValueError:
        return raw
