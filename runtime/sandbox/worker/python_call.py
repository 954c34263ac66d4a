"""Runs one tool: its source in a fresh module, its function with the arguments by name."""

import ast
import inspect
import json
import linecache
import os
import signal
import sys
import traceback
import types

import arguments
import confine

FILE = "<tool>"


class Terminated(BaseException):
    """The call's time is over, or it was cancelled: its `finally` blocks have a moment."""


def run(config, call):
    os.close(confine.REQUEST)
    answer = prepare(config, call)
    if answer is None:
        answer = derive(call) if call["kind"] == "schema" else answer_of(call)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass  # the tool has closed it
    send(call, answer)
    os._exit(0)


def prepare(config, call):
    """An answer when it cannot be run at all."""
    # What a descriptor buffers is lost when a tool is killed, so lines leave as they are written.
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    os.environ.clear()
    os.environ.update({"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": os.getcwd(), "TMPDIR": os.getcwd(),
                       "LANG": "C.UTF-8", "PYTHONIOENCODING": "utf-8"})
    try:
        os.environ.update(call["environment"])
    except ValueError as error:  # a name with "=", or a NUL
        return {"end": "raised", "error": f"ValueError: a variable of the environment: {error}"}
    sys.argv = ["tool"]
    sys.path.insert(0, os.getcwd())
    sys.dont_write_bytecode = True
    import site

    site.setquit()
    if config.get("packages"):
        site.addsitedir(config["packages"])
    signal.signal(signal.SIGTERM, terminate)
    signal.signal(signal.SIGXCPU, terminate)
    return None


def terminate(number, frame):
    signal.signal(number, signal.SIG_IGN)
    raise Terminated(signal.Signals(number).name)


def send(call, answer):
    """One frame, which starts with what only this call was told."""
    text = answer.get("value", "")
    most = call["output_bytes_max"]
    if len(text.encode("utf-8", "replace")) > most:
        answer = {"end": "exhausted", "error": f"the value is longer than {most} bytes"}
    body = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
    frame = memoryview(f"{call['nonce']} {len(body)}\n".encode() + body)
    while frame:
        frame = frame[os.write(confine.RESULT, frame):]


def derive(call):
    import derive_schema

    try:
        return {"end": "returned", "value": json.dumps(derive_schema.derive(call["source"], call["function"]))}
    except derive_schema.Unfit as unfit:
        return {"end": "raised", "error": str(unfit)}
    except (MemoryError, RecursionError):
        return {"end": "raised", "error": "the source is nested too deeply"}


def answer_of(call):
    lines = call["source"].splitlines(keepends=True)
    linecache.cache[FILE] = (len(call["source"]), None, lines, FILE)
    try:
        value = run_function(call) if call["function"] else run_program(call)
        return {"end": "returned", "value": value}
    except SystemExit as left:
        if not call["function"] and left.code in (None, 0):
            return {"end": "returned", "value": ""}
        return failed(left)
    except Terminated as over:
        answer = failed(over)
        if str(over) == "SIGXCPU":
            answer = {"end": "exhausted", "error": f"it used more than {call['cpu_s']} s of CPU time"}
        return answer
    except BaseException as error:
        return failed(error)


def module_of(name):
    module = types.ModuleType(name)
    module.__file__ = FILE
    sys.modules[name] = module
    return module


def run_function(call):
    module = module_of("tool")
    exec(compile(call["source"], FILE, "exec", dont_inherit=True), module.__dict__)
    function = module.__dict__.get(call["function"])
    if not callable(function):
        raise NameError(f"the source defines no function {call['function']!r}")
    value = function(**arguments.for_function(function, call))
    if inspect.iscoroutine(value):
        import asyncio

        value = asyncio.run(value)
    return text_of(value)


def run_program(call):
    """As in a notebook: when the last statement is an expression, its value is the result."""
    module = module_of("__main__")
    tree = ast.parse(call["source"], FILE)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, FILE, "exec", dont_inherit=True), module.__dict__)
    if last is None:
        return ""
    value = eval(compile(ast.Expression(last.value), FILE, "eval", dont_inherit=True), module.__dict__)
    return "" if value is None else text_of(value)


def text_of(value):
    if isinstance(value, str):
        return value
    if hasattr(value, "model_dump"):  # pydantic
        value = value.model_dump(mode="json")
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return str(value)


def failed(error):
    stack = error.__traceback__
    while stack is not None and stack.tb_frame.f_code.co_filename != FILE:
        stack = stack.tb_next
    try:
        lines = traceback.format_exception(type(error), error, stack)
        sys.stderr.write("".join(lines))
    except Exception:
        pass  # it has closed its stderr, or cannot be shown
    if isinstance(error, MemoryError):
        return {"end": "exhausted", "error": "MemoryError: it needs more memory than it may have"}
    if is_out_of_processes(error):
        return {"end": "exhausted", "error": f"{type(error).__name__}: it starts more processes than it may"}
    return {"end": "raised", "error": one_line(error)}


def is_out_of_processes(error):
    if isinstance(error, RuntimeError) and str(error) == "can't start new thread":
        return True
    if not isinstance(error, BlockingIOError):
        return False
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    return last is not None and ("fork" in (last.line or "") or "fork" in last.name)


def one_line(error):
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = ""
    name = type(error).__name__
    return f"{name}: {text}" if text else name
