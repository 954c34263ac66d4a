#include "runtime/tools/custom_tool.hpp"

#include "runtime/tools/tool_source.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

constexpr std::string_view source = R"(
import math

def helper(x):
    return x

async def measure(width: int,
                  height: int = 2) -> float:
    """Measures a thing,
    in two lines.

    Args:
        width (int): how wide
    """
    def inner(y): ...
    return math.sqrt(width)
)";

const ToolAuthor author{"org-1", "user-1", Timestamp{std::chrono::seconds{5}}};

CreateTool request_of(std::string_view code) {
  CreateTool request;
  request.source_code = std::string(code);
  return request;
}

Json schema_of(const CustomTool& tool) {
  return Json::parse(tool.json_schema.text);
}

TEST(ToolSource, SeesFunctionsAtTheTopLevel) {
  EXPECT_EQ(last_python_function(source), "measure");
  EXPECT_EQ(last_python_function("x = 1\nclass A:\n  def f(self): ...\n"), std::nullopt);
  EXPECT_EQ(last_python_function("def  f (a): ..."), "f");
  EXPECT_EQ(last_python_function("default = 1\ndefine(3)"), std::nullopt);
  EXPECT_TRUE(defines_function(source, "python", "helper"));
  EXPECT_TRUE(defines_function(source, "python", "measure"));
  EXPECT_FALSE(defines_function(source, "python", "inner"));
  EXPECT_FALSE(defines_function(source, "python", "meas"));
  EXPECT_TRUE(defines_function("export function look(a: string) {}", "typescript", "look"));
  EXPECT_TRUE(defines_function("const look = (a) => a", "typescript", "look"));
  EXPECT_FALSE(defines_function("const lookup = (a) => a", "typescript", "look"));
  EXPECT_EQ(last_python_function("def größe(a): ..."), "größe");
  EXPECT_EQ(last_python_function("def cut"), std::nullopt);
}

TEST(ToolSource, ReadsTheFirstParagraph) {
  EXPECT_EQ(python_summary(source, "measure"), "Measures a thing, in two lines.");
  EXPECT_EQ(python_summary(source, "helper"), "");
  EXPECT_EQ(python_summary("def f(a):\n  '''Short.'''", "f"), "Short.");
  EXPECT_EQ(python_summary("def f(a):\n  x = \"\"\"no\"\"\"", "f"), "");
  EXPECT_EQ(python_summary("def f(a):\n  \"\"\"Not closed", "f"), "Not closed");
}

TEST(CustomTool, ASchemaIsNeededWhereNothingSaysIt) {
  CreateTool request = request_of(source);
  EXPECT_TRUE(*needs_schema(request));
  request.args_json_schema = RawJson{"{}"};
  EXPECT_FALSE(*needs_schema(request));
  request = request_of("export function f() {}");
  request.source_type = "typescript";
  EXPECT_EQ(needs_schema(request).error().code, Errc::bad_request);
  request.json_schema = RawJson{R"({"name":"f"})"};
  EXPECT_FALSE(*needs_schema(request));
}

TEST(CustomTool, ADerivedSchemaIsKeptInItsOrder) {
  const std::string derived =
    R"({"name":"measure","description":"d","parameters":{"type":"object","properties":)"
    R"({"width":{"type":"integer"},"area":{"type":"integer"}},"required":["width"]}})";
  const auto tool = new_tool(request_of(source), derived, author);
  ASSERT_TRUE(tool) << tool.error().message;
  EXPECT_EQ(tool->json_schema.text, derived);
  EXPECT_EQ(tool->name, "measure");
  EXPECT_EQ(tool->created_at, author.now);
}

TEST(CustomTool, AGivenSchemaHasToNameAFunction) {
  CreateTool request = request_of(source);
  const auto refused = [&](const char* schema) {
    request.json_schema = RawJson{schema};
    const auto made = new_tool(request, "", author);
    return !made && made.error().code == Errc::bad_request;
  };
  EXPECT_TRUE(refused(R"({"description":"no name"})"));
  EXPECT_TRUE(refused(R"({"name":5})"));
  EXPECT_TRUE(refused(R"({"name":"other"})"));
  EXPECT_TRUE(refused(R"({"name":"has blanks"})"));
  EXPECT_TRUE(refused(R"({"name":""})"));
  EXPECT_TRUE(refused(R"({"name":"measure","parameters":[]})"));
  EXPECT_TRUE(refused(R"({"name":"web_search"})"));
  const std::string too_long(49, 'x');
  request.source_code = "def " + too_long + "(): ...";
  EXPECT_TRUE(refused((R"({"name":")" + too_long + R"("})").c_str()));
}

TEST(CustomTool, WhatASchemaLacksIsAdded) {
  CreateTool request = request_of(source);
  request.json_schema = RawJson{R"({"name":"measure"})"};
  const auto tool = new_tool(request, "", author);
  ASSERT_TRUE(tool) << tool.error().message;
  EXPECT_EQ(tool->description, "Measures a thing, in two lines.");
  EXPECT_EQ(schema_of(*tool).at("parameters").at("type"), "object");
  request.description = "Mine.";
  EXPECT_EQ(new_tool(request, "", author)->description, "Mine.");
}

TEST(CustomTool, ASchemaOfTheArgumentsAlone) {
  CreateTool request = request_of(source);
  request.args_json_schema =
    RawJson{R"({"properties":{"width":{"type":"integer"}},"required":["width"]})"};
  const auto tool = new_tool(request, "", author);
  ASSERT_TRUE(tool) << tool.error().message;
  EXPECT_EQ(tool->name, "measure");
  EXPECT_EQ(tool->description, "Measures a thing, in two lines.");
  EXPECT_EQ(schema_of(*tool).at("parameters").at("required"), Json::array({"width"}));
  request.source_code = "x = 1";
  EXPECT_EQ(new_tool(request, "", author).error().code, Errc::bad_request);
}

TEST(CustomTool, RequestsAreChecked) {
  CreateTool request = request_of(source);
  EXPECT_TRUE(CreateTool::validate(request));
  request.return_char_limit = 0;
  EXPECT_EQ(CreateTool::validate(request).error().where, "return_char_limit");
  request.return_char_limit = 1'000'001;
  EXPECT_FALSE(CreateTool::validate(request));
  request.return_char_limit = 1'000'000;
  EXPECT_TRUE(CreateTool::validate(request));
  request.source_type = "perl";
  EXPECT_EQ(CreateTool::validate(request).error().where, "source_type");
  request.source_type = "json";
  EXPECT_TRUE(CreateTool::validate(request));
  EXPECT_EQ(source_type_of(request.source_type), "python");
  request.json_schema = RawJson{"[]"};
  EXPECT_EQ(CreateTool::validate(request).error().where, "json_schema");
  request.json_schema = {};
  request.pip_requirements = std::vector{PackageRequirement{"", {}}};
  EXPECT_EQ(CreateTool::validate(request).error().where, "pip_requirements");
  SearchTools search;
  search.limit = 101;
  EXPECT_FALSE(SearchTools::validate(search));
  search.limit = 1;
  search.search_mode = "magic";
  EXPECT_FALSE(SearchTools::validate(search));
}

TEST(CustomTool, TheFunctionThatASourceRuns) {
  RunToolSource request;
  request.source_code = std::string(source);
  EXPECT_EQ(*function_to_run(request), "measure");
  request.json_schema = RawJson{R"({"name":"helper"})"};
  EXPECT_EQ(*function_to_run(request), "helper");
  request.name = "given";
  EXPECT_EQ(*function_to_run(request), "given");
  request = {};
  request.source_code = "x = 1";
  EXPECT_EQ(function_to_run(request).error().code, Errc::bad_request);
  request.source_type = "typescript";
  EXPECT_EQ(function_to_run(request).error().code, Errc::bad_request);
}

TEST(CustomTool, FieldNumbersAreUnique) {
  static_assert(field_numbers_are_unique<CustomTool>());
  static_assert(field_numbers_are_unique<PackageRequirement>());
  static_assert(field_numbers_are_unique<ToolSummary>());
}

TEST(CustomTool, OfARequestIsComparedWithItsSchema) {
  CreateTool request = request_of("GET https://api.example.com/items/{id}?full={full}");
  request.source_type = "http";
  EXPECT_FALSE(needs_schema(request)) << "a request has no name";
  request.json_schema = RawJson{
    R"({"name":"get_item","description":"One item.","parameters":{"type":"object","properties":)"
    R"({"id":{"type":"string"},"full":{"type":"boolean"}},"required":["id"]}})"};
  ASSERT_TRUE(needs_schema(request));
  const auto tool = new_tool(request, "", author);
  ASSERT_TRUE(tool) << tool.error().message;
  EXPECT_EQ(tool->name, "get_item");
  EXPECT_EQ(tool->source_type, "http");
  request.source_code = "GET https://api.example.com/items/{item}";
  const auto wrong = new_tool(request, "", author);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().where, "body.source_code");
  ModifyTool change;
  change.source_code = "GET https://{host}/";
  EXPECT_FALSE(modified_tool(*tool, change, author));
}

}  // namespace
}  // namespace reverie
