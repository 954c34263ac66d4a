"""The JSON schema of a Python tool, from its syntax tree: nothing of the source is executed."""

import ast
import inspect
import re

RESERVED = ("self", "agent_state")
SCALARS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
SECTIONS = {
    "args": "args", "arguments": "args", "parameters": "args", "params": "args",
    "returns": "returns", "return": "returns", "yields": "returns", "raises": "raises",
    "examples": "examples", "example": "examples",
    "note": "other", "notes": "other", "attributes": "other", "todo": "other", "warnings": "other",
}


class Unfit(Exception):
    """What keeps the source from being a tool, with its line."""

    def __init__(self, line, text):
        super().__init__(f"line {line}: {text}" if line else text)


def derive(source, wanted):
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise Unfit(error.lineno, error.msg) from None
    except ValueError as error:
        raise Unfit(0, str(error)) from None
    function = find_function(tree, wanted)
    described = Docstring(ast.get_docstring(function, clean=False))
    if not described.text.strip():
        raise Unfit(function.lineno, f"the function {function.name!r} has no docstring")
    if not described.description():
        raise Unfit(function.lineno, f"the docstring of {function.name!r} does not start with a description")
    types = Types(tree)
    properties, required = {}, []
    for argument, has_default in parameters_of(function):
        where = f"the parameter {argument.arg!r}"
        if argument.annotation is None:
            raise Unfit(argument.lineno, f"{where} has no type annotation")
        entry = described.arguments.get(argument.arg)
        if not entry:
            raise Unfit(argument.lineno, f"{where} has no description in the docstring's Args")
        schema, is_optional = types.of_parameter(argument.annotation, where)
        properties[argument.arg] = {**schema, "description": entry}
        if not has_default and not is_optional:
            required.append(argument.arg)
    return {
        "name": function.name,
        "description": described.description(),
        "parameters": {"type": "object", "properties": properties, "required": required},
    }


def find_function(tree, wanted):
    functions = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    if wanted:
        functions = [f for f in functions if f.name == wanted]
    if not functions:
        raise Unfit(0, f"the source defines no function {wanted!r}" if wanted
                    else "the source defines no function at its top level")
    return functions[-1]


def parameters_of(function):
    """Pairs of (ast.arg, whether it has a default), without the reserved ones."""
    a = function.args
    for star in (a.vararg, a.kwarg):
        if star is not None:
            raise Unfit(star.lineno, f"the parameter {star.arg!r} takes any number of arguments")
    if a.posonlyargs:
        raise Unfit(a.posonlyargs[0].lineno,
                    f"the parameter {a.posonlyargs[0].arg!r} cannot be given by its name")
    missing = len(a.args) - len(a.defaults)
    pairs = [(arg, i >= missing) for i, arg in enumerate(a.args)]
    pairs += [(arg, default is not None) for arg, default in zip(a.kwonlyargs, a.kw_defaults)]
    return [(arg, has) for arg, has in pairs if arg.arg not in RESERVED]


class Types:
    """Annotations as JSON schema. The models of the source are known by their syntax."""

    def __init__(self, tree):
        self.classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
        self.open = []  # the models that are being written, outermost first

    def of_parameter(self, annotation, where):
        """(schema, whether it is Optional)"""
        inner = self.optional(annotation)
        return self.schema(annotation if inner is None else inner, where), inner is not None

    def optional(self, node):
        """What Optional[T], T | None or Union[T, None] hold; None for every other annotation."""
        node = unquoted(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            members = [node.left, node.right]
        elif isinstance(node, ast.Subscript) and name_of(node.value) == "Optional":
            return node.slice
        elif isinstance(node, ast.Subscript) and name_of(node.value) == "Union":
            members = items_of(node)
        elif isinstance(node, ast.Subscript) and name_of(node.value) == "Annotated":
            return self.optional(items_of(node)[0])
        else:
            return None
        others = [m for m in members if not is_none(m)]
        return others[0] if len(others) == 1 and len(members) == 2 else None

    def schema(self, node, where):
        node = unquoted(node)
        inner = self.optional(node)
        if inner is not None:
            return self.schema(inner, where)
        if isinstance(node, ast.Subscript):
            return self.subscript(node, where)
        name = name_of(node)
        if name in SCALARS:
            return {"type": SCALARS[name]}
        if name in ("list", "List"):
            return {"type": "array", "items": {"type": "string"}}
        if name in ("dict", "Dict"):
            return {"type": "object"}
        if name in self.classes:
            return self.model(self.classes[name], where)
        raise self.refused(node, where)

    def subscript(self, node, where):
        name, items = name_of(node.value), items_of(node)
        if name in ("list", "List"):
            return {"type": "array", "items": self.schema(items[0], where)}
        if name in ("tuple", "Tuple"):
            if any(isinstance(i, ast.Constant) and i.value is Ellipsis for i in items):
                raise self.refused(node, where, "only tuples of a fixed length are")
            return {"type": "array", "prefixItems": [self.schema(i, where) for i in items],
                    "minItems": len(items), "maxItems": len(items)}
        if name == "Literal":
            if not all(isinstance(i, ast.Constant) and isinstance(i.value, str) for i in items):
                raise self.refused(node, where, "only those of texts are")
            return {"type": "string", "enum": [i.value for i in items]}
        if name == "Annotated":
            return self.schema(items[0], where)
        if name in ("dict", "Dict"):
            raise self.refused(node, where, "use a plain dict, or a model that says its fields")
        raise self.refused(node, where)

    def model(self, node, where):
        if not any(self.is_model(base) for base in node.bases):
            raise Unfit(node.lineno, f"{where}: the class {node.name!r} is no pydantic model")
        if node.name in self.open:
            raise Unfit(node.lineno, f"{where}: the model {node.name!r} holds itself")
        self.open.append(node.name)
        properties, required = {}, []
        for field in self.fields_of(node):
            name = field.target.id
            its = f"the field {name!r} of {node.name!r}"
            description = field_description(field)
            if not description:
                raise Unfit(field.lineno, f"{its} has no description: Field(..., description=\"...\")")
            schema, is_optional = self.of_parameter(field.annotation, its)
            properties[name] = {**schema, "description": description}
            if not has_default(field) and not is_optional:
                required.append(name)
        self.open.pop()
        return {"type": "object", "properties": properties, "required": required}

    def is_model(self, base):
        name = name_of(base)
        if name in self.classes:
            return any(self.is_model(b) for b in self.classes[name].bases if name_of(b) != name)
        return name == "BaseModel"

    def fields_of(self, node):
        """Those of its bases in the source first, as pydantic has them."""
        fields = {}
        for base in node.bases:
            if name_of(base) in self.classes and name_of(base) != node.name:
                fields.update({f.target.id: f for f in self.fields_of(self.classes[name_of(base)])})
        for item in node.body:
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                if name_of(item.annotation) != "ClassVar" and item.target.id != "model_config":
                    fields[item.target.id] = item
        return list(fields.values())

    @staticmethod
    def refused(node, where, hint=""):
        text = f"{where}: the type {ast.unparse(node)} is not supported"
        return Unfit(node.lineno, text + (f", {hint}" if hint else ""))


def unquoted(node):
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return node
    try:
        inner = ast.parse(node.value.strip(), mode="eval").body
    except SyntaxError:
        raise Unfit(node.lineno, f"the annotation {node.value!r} is no type") from None
    for part in ast.walk(inner):
        part.lineno = node.lineno
    return inner


def name_of(node):
    """"List" of List and of typing.List; "" of all that is no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return name_of(node.value)
    return node.id if isinstance(node, ast.Name) else ""


def items_of(subscript):
    inside = subscript.slice
    return inside.elts if isinstance(inside, ast.Tuple) else [inside]


def is_none(node):
    return (isinstance(node, ast.Constant) and node.value is None) or name_of(node) == "NoneType"


def field_call(field):
    """The Field(...) of a model's field: its value, or in its Annotated."""
    candidates = [field.value]
    if isinstance(field.annotation, ast.Subscript) and name_of(field.annotation) == "Annotated":
        candidates += items_of(field.annotation)[1:]
    for node in candidates:
        if isinstance(node, ast.Call) and name_of(node.func) == "Field":
            return node
    return None


def field_description(field):
    call = field_call(field)
    for keyword in call.keywords if call else []:
        if keyword.arg == "description":
            try:
                return ast.literal_eval(keyword.value)
            except ValueError:
                raise Unfit(field.lineno, "a description must be a plain text") from None
    return ""


def has_default(field):
    if field.value is None:
        return False
    call = field_call(field)
    if call is not field.value:
        return True
    if any(keyword.arg in ("default", "default_factory") for keyword in call.keywords):
        return True
    first = call.args[0] if call.args else None
    return first is not None and not (isinstance(first, ast.Constant) and first.value is Ellipsis)


class Docstring:
    """A docstring in Google's style: texts, and sections that a word and a colon start."""

    HEADER = re.compile(r"^([A-Za-z]+):\s*$")
    ENTRY = re.compile(r"^\**(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")

    def __init__(self, text):
        self.text = inspect.cleandoc(text or "")
        self.sections = {"": []}
        section = ""
        for line in self.text.splitlines():
            header = self.HEADER.match(line)
            if header and header.group(1).lower() in SECTIONS:
                section = SECTIONS[header.group(1).lower()]
                self.sections.setdefault(section, [])
            else:
                self.sections[section].append(line)
        self.arguments = self.read_arguments(self.sections.get("args", []))

    def read_arguments(self, lines):
        entries, name = {}, None
        lines = inspect.cleandoc("\n" + "\n".join(lines)).splitlines()
        for line in lines:
            entry = self.ENTRY.match(line)
            if entry and not line[:1].isspace():
                name = entry.group(1)
                entries[name] = [entry.group(2).strip()]
            elif name and line.strip():
                entries[name].append(line.strip())
        return {key: " ".join(part for part in parts if part) for key, parts in entries.items()}

    def description(self):
        """The short one, an empty line, the long one, and the examples."""
        text = "\n".join(self.sections[""]).strip()
        if not text:
            return ""
        short, _, long = text.partition("\n\n")
        parts = [" ".join(short.split())]
        if long.strip():
            parts.append(long.strip())
        examples = inspect.cleandoc("\n" + "\n".join(self.sections.get("examples", []))).strip()
        if examples:
            parts.append("Examples:\n" + examples)
        return "\n\n".join(parts)
