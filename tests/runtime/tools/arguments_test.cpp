#include "runtime/tools/arguments.hpp"

#include <string>

#include <gtest/gtest.h>

namespace reverie {
namespace {

std::string repaired(const std::string& text) {
  return repair_arguments(text).text;
}

TEST(Arguments, KeepTheModelsTextWhereItIsRight) {
  const std::string text = R"({"b": 1, "a": "x}{y"})";
  EXPECT_EQ(repaired(text), text);
  EXPECT_EQ(repair_arguments(text).values["a"], "x}{y");
  EXPECT_EQ(repaired(" \n{}\n"), "{}");
}

TEST(Arguments, AreCutBehindTheFirstObject) {
  EXPECT_EQ(repaired(R"({"a":1}{"a":2})"), R"({"a":1})");
  EXPECT_EQ(repaired("{\"a\":1}\n{\"a\":2}"), R"({"a":1})");
  EXPECT_EQ(repaired(R"({"a":1} and more)"), R"({"a":1})");
}

TEST(Arguments, AreReadFromAStringThatHoldsThem) {
  EXPECT_EQ(repaired(R"("{\"a\": 1}")"), R"({"a": 1})");
}

TEST(Arguments, AreEmptyWhenThereIsNoObject) {
  for (const char* text : {"", "{", "null", "[1]", "5", "{\"a\":", "\"x\"", "\"\\\"{}\\\"\"",
                           "{'a': 1}", "{\"a\": \xff}"})
    EXPECT_EQ(repaired(text), "{}") << text;
  EXPECT_EQ(repaired("{\"a\":" + std::string(100'000, '[')), "{}");
  EXPECT_EQ(repaired("{\"a\":" + std::string(500, '[') + std::string(500, ']') + "}"), "{}");
}

TEST(Arguments, LoseTheHeartbeatOfOlderAgents) {
  EXPECT_EQ(repaired(R"({"a": 1, "request_heartbeat": true})"), R"({"a":1})");
}

TEST(Arguments, PrefilledOnesWin) {
  const CallArguments merged =
    merge_prefilled(repair_arguments(R"({"a":2,"b":3})"), Json{{"a", 1}});
  EXPECT_EQ(merged.text, R"({"a":1,"b":3})");
  EXPECT_EQ(merge_prefilled(repair_arguments("{ }"), Json()).text, "{ }");
}

TEST(Arguments, AreCheckedAgainstTheSchema) {
  const Json schema = Json::parse(R"({"type":"object","properties":{
      "n":{"type":"integer"},"f":{"type":"number"},"b":{"type":"boolean"},
      "s":{"type":"string","enum":["x","y"]},"l":{"type":"array","items":{"type":"string"}},
      "u":{"type":["string","null"]},"v":{"anyOf":[{"type":"integer"},{"type":"string"}]},
      "c":{"const":7}},"required":["n"]})");
  const auto fault = [&](const char* json) {
    const Status status = check_arguments("f", Json::parse(json), schema);
    return status ? std::string() : status.error().message;
  };
  EXPECT_EQ(fault(R"({"n":1,"f":2,"b":true,"s":"x","l":["a"],"u":null,"v":"k","c":7})"), "");
  EXPECT_EQ(fault(R"({"n":1,"s":null})"), "");
  EXPECT_EQ(fault(R"({"n":2.0})"), "");
  EXPECT_EQ(fault("{}"), "f() missing 1 required argument: 'n'");
  EXPECT_NE(fault(R"({"n":null})").find("'n': expected integer"), std::string::npos);
  EXPECT_NE(fault(R"({"n":true})"), "");
  EXPECT_NE(fault(R"({"n":1.5})"), "");
  EXPECT_NE(fault(R"({"n":1,"s":"z"})").find("one of"), std::string::npos);
  EXPECT_NE(fault(R"({"n":1,"l":[1]})"), "");
  EXPECT_NE(fault(R"({"n":1,"v":[]})"), "");
  EXPECT_NE(fault(R"({"n":1,"c":8})"), "");
  EXPECT_NE(fault(R"({"n":1,"other":8})").find("unexpected argument 'other'"), std::string::npos);
}

TEST(Arguments, AreTakenWhereTheSchemaIsNone) {
  for (const char* schema : {"null", "[]", R"({"required":[1,{},null]})", R"({"required":{"a":1}})",
                             R"({"properties":[1],"required":7})"})
    EXPECT_TRUE(check_arguments("f", Json::object(), Json::parse(schema))) << schema;
}

}  // namespace
}  // namespace reverie
