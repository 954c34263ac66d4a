#include "tests/runtime/sandbox/sandbox_fixture.hpp"

namespace reverie::testing {
namespace {

class SandboxSchema : public SandboxFixture {
 protected:
  Result<std::string> derive(std::string source, std::string function = "") {
    std::promise<Result<std::string>> promise;
    sandbox->derive_schema(std::move(source), std::move(function), [&](Result<std::string> schema) {
      promise.set_value(std::move(schema));
    });
    return promise.get_future().get();
  }
  Json schema_of(std::string source, std::string function = "") {
    const Result<std::string> schema = derive(std::move(source), std::move(function));
    EXPECT_TRUE(schema) << schema.error().message;
    return schema ? Json::parse(*schema, nullptr, false) : Json();
  }
  std::string error_of(std::string source, std::string function = "") {
    const Result<std::string> schema = derive(std::move(source), std::move(function));
    EXPECT_FALSE(schema);
    if (schema) return *schema;
    EXPECT_EQ(schema.error().code, Errc::invalid_argument);
    return schema.error().message;
  }
  // The schema of one parameter of this annotation.
  Json type_of(const std::string& annotation) {
    return schema_of("def f(x: " + annotation + "):\n    \"\"\"Does.\n\n    Args:\n        x: It.\n"
                     "    \"\"\"")["parameters"];
  }
  std::string type_error(const std::string& annotation) {
    return error_of("def f(x: " + annotation + "):\n    \"\"\"Does.\n\n    Args:\n        x: It.\n"
                    "    \"\"\"");
  }
};
// It is the same code at each level.
INSTANTIATE_TEST_SUITE_P(Levels, SandboxSchema, ::testing::Values(SandboxLevel::isolated),
                         level_name);

TEST_P(SandboxSchema, TakesNameDescriptionAndParameters) {
  EXPECT_EQ(schema_of(R"(
import os

def helper(y):
    return y

async def roll(sides: int, times: "Optional[int]" = None, *, label: str = "d", agent_state: "X" = None):
    """Roll dice.

    As often as
    you like.

    Args:
        sides (int): How many sides: at least
            two.
        times: How often.
        label: A name.

    Returns:
        str: The sum.

    Examples:
        roll(6)
    """
    os.abort()
)"),
            Json::parse(R"json({
              "name": "roll",
              "description": "Roll dice.\n\nAs often as\nyou like.\n\nExamples:\nroll(6)",
              "parameters": {"type": "object", "properties": {
                "sides": {"type": "integer", "description": "How many sides: at least two."},
                "times": {"type": "integer", "description": "How often."},
                "label": {"type": "string", "description": "A name."}},
                "required": ["sides"]}})json"));
}

TEST_P(SandboxSchema, TakesTheLastFunctionOrTheNamedOne) {
  const std::string source =
    "def a():\n    'First.'\ndef b():\n    'Second.'\nclass C:\n    def m(s): 'No.'";
  EXPECT_EQ(schema_of(source)["name"], "b");
  EXPECT_EQ(schema_of(source, "a")["description"], "First.");
  EXPECT_EQ(error_of(source, "m"), "the source defines no function 'm'");
  EXPECT_EQ(error_of("x = 1"), "the source defines no function at its top level");
}

TEST_P(SandboxSchema, KnowsTheTypesOfTools) {
  const auto with = [](const char* type) {
    Json schema = Json::parse(type);
    schema["description"] = "It.";
    return schema;
  };
  for (const auto& [annotation, type] : std::vector<std::pair<std::string, std::string>>{
         {"str", R"({"type":"string"})"},
         {"float", R"({"type":"number"})"},
         {"bool", R"({"type":"boolean"})"},
         {"list", R"({"type":"array","items":{"type":"string"}})"},
         {"typing.List[int]", R"({"type":"array","items":{"type":"integer"}})"},
         {"list[Optional[float]]", R"({"type":"array","items":{"type":"number"}})"},
         {"Literal['a', 'b']", R"({"type":"string","enum":["a","b"]})"},
         {"Tuple[int, str]",
          R"({"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],)"
          R"("minItems":2,"maxItems":2})"},
         {"dict", R"({"type":"object"})"},
         {"Annotated[int, 'x']", R"({"type":"integer"})"}}) {
    const Json parameters = type_of(annotation);
    EXPECT_EQ(parameters["properties"]["x"], with(type.c_str())) << annotation;
    EXPECT_EQ(parameters["required"], Json({"x"})) << annotation;
  }
  for (const char* optional : {"Optional[int]", "int | None", "None | int", "Union[int, None]"}) {
    EXPECT_EQ(type_of(optional)["properties"]["x"]["type"], "integer") << optional;
    EXPECT_EQ(type_of(optional)["required"], Json::array()) << optional;
  }
}

TEST_P(SandboxSchema, RefusesTypesThatHaveNoSchema) {
  for (const char* annotation : {"Dict[str, int]", "dict[str, int]", "Union[int, str]", "int | str",
                                 "Any", "Tuple[int, ...]", "Literal[1, 'a']", "object", "set",
                                 "f()", "lambda: 1", "os.system('x')"})
    EXPECT_NE(type_error(annotation).find("line 1: the parameter 'x': the type "),
              std::string::npos)
      << type_error(annotation);
}

TEST_P(SandboxSchema, ReadsModels) {
  const std::string models = R"(
from pydantic import BaseModel, Field

class Base(BaseModel):
    sku: str = Field(..., description="Its number.")

class Item(Base):
    """An item."""
    tags: list[str] = Field(default_factory=list, description="Words.")
    note: Optional[str] = Field(None, description="A note.")
    count: Annotated[int, Field(description="How many.")] = 1

class Bare(BaseModel):
    x: int

class Plain:
    x: int

class Loop(BaseModel):
    next: "Loop" = Field(..., description="The next.")

def f(x: %):
    """Does.

    Args:
        x: It.
    """
)";
  const auto with = [&](const std::string& type) {
    std::string source = models;
    return source.replace(source.find('%'), 1, type);
  };
  EXPECT_EQ(schema_of(with("List[Item]"))["parameters"]["properties"]["x"]["items"],
            Json::parse(R"({
    "type": "object", "properties": {
      "sku": {"type": "string", "description": "Its number."},
      "tags": {"type": "array", "items": {"type": "string"}, "description": "Words."},
      "note": {"type": "string", "description": "A note."},
      "count": {"type": "integer", "description": "How many."}},
    "required": ["sku"]})"));
  EXPECT_EQ(error_of(with("Bare")),
            "line 14: the field 'x' of 'Bare' has no description: Field(..., description=\"...\")");
  EXPECT_EQ(error_of(with("Plain")),
            "line 16: the parameter 'x': the class 'Plain' is no pydantic model");
  EXPECT_NE(error_of(with("Loop")).find("the model 'Loop' holds itself"), std::string::npos);
}

// P34
TEST_P(SandboxSchema, NamesTheParameterAndTheLine) {
  EXPECT_EQ(error_of("\ndef f(x):\n    \"\"\"Does.\n\n    Args:\n        x: It.\n    \"\"\""),
            "line 2: the parameter 'x' has no type annotation");
  EXPECT_EQ(error_of("def f(\n    x: int,\n    y: int\n):\n    \"\"\"Does.\n\n    Args:\n        "
                     "x: It.\n    \"\"\""),
            "line 3: the parameter 'y' has no description in the docstring's Args");
  EXPECT_EQ(error_of("def f():\n    pass"), "line 1: the function 'f' has no docstring");
  EXPECT_EQ(error_of("def f(*rest):\n    'Does.'"),
            "line 1: the parameter 'rest' takes any number of arguments");
  EXPECT_EQ(error_of("def f(\n").find("line 1: "), 0u);
  EXPECT_EQ(
    error_of("def f(x: 'int +'):\n    \"\"\"Does.\n\n    Args:\n        x: It.\n    \"\"\""),
    "line 1: the annotation 'int +' is no type");
}

TEST_P(SandboxSchema, LivesThroughSourcesThatWouldEndAParser) {
  std::string deep = "def f(x: int = ";
  deep.append(5'000, '(').append("1").append(5'000, ')').append("):\n    'Does.'");
  EXPECT_NE(error_of(deep), "");
  EXPECT_NE(error_of("def f(x: " + std::string(3'000, '-') + "1):\n    'Does.'"), "");
  EXPECT_NE(error_of(std::string("def f():\n    'a\0b'", 18)), "");
  EXPECT_EQ(schema_of("def f():\n    'Well.'")["name"], "f");
}

}  // namespace
}  // namespace reverie::testing
