"""Python dictionaries as tools write them, read without running anything.

Beyond what :func:`ast.literal_eval` knows: ``inf`` and ``nan`` as names, and numbers as NumPy writes them
(``np.float64(0.0012)``).
"""

from __future__ import annotations

import ast
import math
import warnings
from typing import Any

from fitgui.pallets.reading.names import shown

LARGEST = 16 << 20
"""Letters; a syntax tree takes a hundred times as much memory."""
_DEEPEST = 60
_NAMES = {"inf": math.inf, "Infinity": math.inf, "nan": math.nan, "NaN": math.nan}
_NUMBERS = frozenset({"float", "int", "str", "float64", "float32", "int64", "int32", "bool_", "str_"})


class NotLiteralError(ValueError):
    """A text is not made of literals; the message goes on after its name."""


def literal(text: str, variable: str = "") -> Any:
    """The value of an expression, or of what a variable is set to.

    Args:
        text: Python.
        variable: Whose value is wanted; empty if the text is one expression.

    Raises:
        NotLiteralError: if it is none, or is made of anything but literals.
    """
    if len(text) > LARGEST:
        raise NotLiteralError(f"is larger than {LARGEST >> 20} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip())
        for statement in tree.body:
            if isinstance(statement, ast.Assign) and variable:
                if any(isinstance(each, ast.Name) and each.id == variable for each in statement.targets):
                    return _value(statement.value, 0)
            elif isinstance(statement, ast.Expr) and not variable and len(tree.body) == 1:
                return _value(statement.value, 0)
    except SyntaxError as error:
        raise NotLiteralError(f"is not written as Python writes it, at line {error.lineno or 1}") from error
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        if isinstance(error, NotLiteralError):
            raise
        raise NotLiteralError("is nested too deeply, or no text") from error
    raise NotLiteralError(f"does not set {variable}" if variable else "is no dictionary")


def _value(node: ast.expr, depth: int) -> Any:
    if depth > _DEEPEST:
        raise NotLiteralError("is nested too deeply")
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            values = [_value(each, depth + 1) for each in elements]
            return tuple(values) if isinstance(node, ast.Tuple) else values
        case ast.Dict(keys=keys) if None not in keys:
            return _dictionary([each for each in keys if each is not None], node.values, depth)
        case ast.Name(id=name) if name in _NAMES:
            return _NAMES[name]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            value = _value(operand, depth + 1)
            if isinstance(value, int | float):
                return -value if isinstance(sign, ast.USub) else value
        case ast.Call(func=function, args=[argument], keywords=[]) if _called(function) in _NUMBERS:
            return _value(argument, depth + 1)
    raise NotLiteralError(f"holds something else than names and numbers, at line {node.lineno}")


def _dictionary(keys: list[ast.expr], values: list[ast.expr], depth: int) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key_node, value_node in zip(keys, values, strict=True):
        key = _value(key_node, depth + 1)
        try:
            doubled = key in made
        except TypeError as error:
            raise NotLiteralError(f"has a list as a key, at line {key_node.lineno}") from error
        if doubled:
            raise NotLiteralError(f"has the key {shown(repr(key), 80)} twice, at line {key_node.lineno}")
        made[key] = _value(value_node, depth + 1)
    return made


def _called(function: ast.expr) -> str:
    """The last part of the name of a function."""
    return (
        function.attr
        if isinstance(function, ast.Attribute)
        else function.id
        if isinstance(function, ast.Name)
        else ""
    )
