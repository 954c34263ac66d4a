#include "runtime/mcp/mcp_messages.hpp"

#include "runtime/mcp/mcp_schema.hpp"
#include "runtime/mcp/mcp_variables.hpp"

#include <string>

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(McpMessages, AServerIntroducesItself) {
  auto info = read_initialize(Json::parse(
    R"({"protocolVersion":"2025-03-26","capabilities":{"tools":{"listChanged":true}}})"));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->version, "2025-03-26");
  EXPECT_TRUE(info->has_tools);
  info = read_initialize(Json::parse(R"({"protocolVersion":"2024-11-05"})"));
  ASSERT_TRUE(info);
  EXPECT_FALSE(info->has_tools);
  for (const char* wrong :
       {"[]", "{}", R"({"protocolVersion":1})", R"({"protocolVersion":"1999"})"})
    EXPECT_EQ(read_initialize(Json::parse(wrong)).error().code, Errc::mcp_connection) << wrong;
}

TEST(McpMessages, ToolsAreRead) {
  McpToolList list;
  const auto cursor = add_tools(list, Json::parse(R"({"nextCursor":"2","tools":[
    {"name":"a","title":"A","description":"Does a.","inputSchema":{"type":"object"},
     "annotations":{"readOnlyHint":true}},
    {"name":"b","inputSchema":{},"annotations":{"idempotentHint":"yes"}},
    {"name":""},{"no":1},5,{"name":"a","description":"again"}]})"),
                                {});
  ASSERT_TRUE(cursor);
  EXPECT_EQ(*cursor, "2");
  ASSERT_EQ(list.tools.size(), 2U);
  EXPECT_EQ(list.tools[0].description, "Does a.");
  EXPECT_EQ(list.tools[0].title, "A");
  EXPECT_TRUE(list.tools[0].is_repeatable);
  EXPECT_EQ(list.tools[0].input_schema.text, R"({"type":"object"})");
  EXPECT_FALSE(list.tools[1].is_repeatable) << "only what is said clearly";
  EXPECT_FALSE(list.is_cut);
}

TEST(McpMessages, AHugeListIsCut) {
  McpListLimits limits{3, 100};
  McpToolList list;
  Json tools = Json::array();
  for (int i = 0; i < 200; ++i)
    tools.push_back({{"name", "t" + std::to_string(i)}, {"inputSchema", Json::object()}});
  tools[1]["description"] = std::string(101, 'x');
  const auto cursor = add_tools(list, {{"tools", tools}, {"nextCursor", "more"}}, limits);
  ASSERT_TRUE(cursor);
  EXPECT_FALSE(*cursor) << "no more are asked for";
  ASSERT_EQ(list.tools.size(), 3U);
  EXPECT_EQ(list.tools[1].name, "t2");
  EXPECT_EQ(list.left_out.front(), "t1");
  EXPECT_EQ(list.left_out.size(), 100U);
  EXPECT_TRUE(list.is_cut);
}

TEST(McpMessages, WhatIsNoListIsRefused) {
  McpToolList list;
  for (const char* wrong : {"null", "[]", "{}", R"({"tools":{}})"})
    EXPECT_FALSE(add_tools(list, Json::parse(wrong), {})) << wrong;
}

TEST(McpMessages, AResultIsItsTexts) {
  const auto text = [](const char* result) {
    return outcome_of_mcp("t", Json::parse(result)).text;
  };
  EXPECT_EQ(text(R"({"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})"), "a b");
  EXPECT_EQ(text(R"({"content":[]})"), "Empty response from tool");
  EXPECT_EQ(text(R"({})"), "Empty response from tool");
  EXPECT_EQ(text(R"({"content":[],"structuredContent":{"n":1}})"), R"({"n":1})");
  EXPECT_EQ(text(R"({"content":[{"type":"image","data":"aGk=","mimeType":"image/png"}]})"),
            "[image image/png]");
  EXPECT_EQ(text(R"({"content":[{"type":"resource","resource":{"uri":"f://x","text":"in it"}}]})"),
            "in it");
  EXPECT_EQ(text(R"({"content":[{"type":"resource","resource":{"uri":"f://x","blob":"aGk="}}]})"),
            "[resource f://x]");
  EXPECT_EQ(text(R"({"content":[{"type":"resource_link","uri":"f://y"},{"type":"new"},7]})"),
            "f://y");
  const ToolOutcome failed =
    outcome_of_mcp("t", Json::parse(R"({"isError":true,"content":[{"type":"text","text":"no"}]})"));
  EXPECT_TRUE(failed.is_error);
  EXPECT_EQ(failed.text, "no");
  EXPECT_TRUE(outcome_of_mcp("t", Json(5)).is_error);
}

TEST(McpSchema, IsMadeWhatModelsTake) {
  const McpSchema schema = normalised_schema(RawJson{
    R"({"properties":{"p":{"$ref":"#/$defs/P"},"q":{"type":"array","items":{"properties":{}}}},)"
    R"("required":["p","q"],"$defs":{"P":{"type":"object","properties":{"x":{"type":"string"}},)"
    R"("required":["x"]}}})"});
  EXPECT_EQ(schema.health, McpSchemaHealth::strict) << schema.reasons.size();
  const Json made = Json::parse(schema.parameters.text);
  EXPECT_EQ(made.at("type"), "object");
  EXPECT_EQ(made.at("additionalProperties"), false);
  EXPECT_EQ(made.at("properties").at("p").at("type"), "object");
  EXPECT_EQ(made.at("properties").at("q").at("items").at("additionalProperties"), false);
  EXPECT_EQ(made.at("$defs").at("P").at("additionalProperties"), false);
}

TEST(McpSchema, SaysWhyAModelCannotBeHeldToIt) {
  const McpSchema schema = normalised_schema(RawJson{
    R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"object"}},"required":["b"]})"});
  EXPECT_EQ(schema.health, McpSchemaHealth::non_strict);
  EXPECT_EQ(schema.reasons, (std::vector<std::string>{"arguments.a is optional",
                                                      "arguments.b names no properties"}));
}

TEST(McpSchema, WhatIsNoObjectCannotBeOffered) {
  for (const char* wrong : {"[]", "5", R"({"type":"array"})", R"({"properties":[]})", "{"}) {
    const McpSchema schema = normalised_schema(RawJson{wrong});
    EXPECT_EQ(schema.health, McpSchemaHealth::invalid) << wrong;
    EXPECT_TRUE(schema.parameters.is_null());
    EXPECT_EQ(to_string(schema.health), "INVALID");
  }
  EXPECT_EQ(normalised_schema({}).parameters.text,
            R"({"additionalProperties":false,"properties":{},"type":"object"})");
}

TEST(McpSchema, NamesAreWhatModelsTake) {
  EXPECT_EQ(mcp_tool_name("read_file", "files", 0), "read_file");
  EXPECT_EQ(mcp_tool_name("files/read.one", "files", 0), "files_read_one");
  EXPECT_EQ(mcp_tool_name("read", "my files", 1), "read_my_files");
  EXPECT_EQ(mcp_tool_name("read", "my files", 2), "read_my_files_2");
  EXPECT_EQ(mcp_tool_name(std::string(80, 'x'), "s", 1).size(), 48U);
  EXPECT_TRUE(mcp_tool_name(std::string(80, 'x'), "s", 1).ends_with("x_s"));
}

TEST(McpVariables, AreFilledIn) {
  const std::map<std::string, std::string> values{{"KEY", "k"}, {"EMPTY", ""}};
  EXPECT_EQ(*with_variables("Bearer {{ KEY }}", values), "Bearer k");
  EXPECT_EQ(*with_variables("{{KEY}}{{KEY | no}}-{{EMPTY|no}}", values), "kk-");
  EXPECT_EQ(*with_variables("{{ NONE | a b }}/{{NONE|}}", values), "a b/");
  EXPECT_EQ(*with_variables("{{ 1 }} {{ a-b }} {{ KEY", values), "{{ 1 }} {{ a-b }} {{ KEY");
  EXPECT_EQ(*with_variables("{{{{ KEY }}", values), "{{k");
  const auto missing = with_variables("{{ NONE }}", values);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::invalid_argument);
  EXPECT_EQ(missing.error().where, "NONE");
}

}  // namespace
}  // namespace reverie
