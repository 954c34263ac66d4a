#include "runtime/llm/tool_schema.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace reverie {

namespace {

using Json = nlohmann::json;

Json strict(std::string json) {
  const auto out = strict_schema(RawJson(std::move(json)));
  return out ? Json::parse(*out) : Json("not strict");
}

Json plain(std::string json) {
  return Json::parse(plain_schema(RawJson(std::move(json))));
}

}  // namespace

TEST(ToolSchema, StrictRequiresAllAndLetsTheOptionalBeNull) {
  EXPECT_EQ(
    strict(R"({"type":"object","properties":{"a":{"type":"string"},)"
           R"("b":{"type":"integer","default":3},"c":{"enum":["x"],"type":"string"},)"
           R"("d":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["a"]})"),
    Json::parse(R"({"type":"object","additionalProperties":false,"required":["a","b","c","d"],)"
                R"("properties":{"a":{"type":"string"},"b":{"type":["integer","null"]},)"
                R"("c":{"anyOf":[{"enum":["x"],"type":"string"},{"type":"null"}]},)"
                R"("d":{"anyOf":[{"type":"string"},{"type":"null"}]}}})"));
}

TEST(ToolSchema, StrictReachesObjectsInObjects) {
  EXPECT_EQ(strict(R"({"type":"object","properties":{"l":{"type":"array","items":{"type":"object",)"
                   R"("properties":{"x":{"type":"number"}}}}},"required":["l"]})"),
            Json::parse(R"({"type":"object","additionalProperties":false,"required":["l"],)"
                        R"("properties":{"l":{"type":"array","items":{"type":"object",)"
                        R"("additionalProperties":false,"required":["x"],)"
                        R"("properties":{"x":{"type":["number","null"]}}}}}})"));
}

TEST(ToolSchema, WhatIsFreeCannotBeStrict) {
  EXPECT_EQ(strict(R"({"type":"object","properties":{"a":{"type":"object"}}})"), "not strict");
  EXPECT_EQ(strict(R"({"type":"object","properties":{},"additionalProperties":true})"),
            "not strict");
  EXPECT_EQ(strict("broken"), "not strict");
  EXPECT_EQ(strict(""), Json::parse(R"({"type":"object","properties":{},"required":[],)"
                                    R"("additionalProperties":false})"));
}

TEST(ToolSchema, ClosedKeepsTheOptionalAndDropsBounds) {
  const auto closed = closed_schema(
    RawJson(R"({"type":"object","properties":{"a":{"type":["string","null"],"maxLength":5},)"
            R"("l":{"type":"array","minItems":2,"items":{"type":"object","properties":{}}}},)"
            R"("required":["l"]})"));
  ASSERT_TRUE(closed);
  EXPECT_EQ(Json::parse(*closed),
            Json::parse(R"({"type":"object","additionalProperties":false,"required":["l"],)"
                        R"("properties":{"a":{"type":"string"},"l":{"type":"array","items":)"
                        R"({"type":"object","properties":{},"additionalProperties":false}}}})"));
  EXPECT_FALSE(closed_schema(
    RawJson(R"({"type":"object","properties":{"a":{"type":"object"}},"required":[]})")));
}

TEST(ToolSchema, AnAnswersFormatShapesWhatIsSaid) {
  const RawJson parameters(
    R"({"type":"object","properties":{"message":{"type":"string"}},"required":["message"]})");
  const auto shaped = [&](const char* format) {
    return Json::parse(with_answer_format(parameters, "message", RawJson(format)).text);
  };
  const Json schema = Json::parse(R"({"type":"object","properties":{"x":{"type":"integer"}}})");
  const Json made = shaped(R"({"type":"json_schema","json_schema":{"name":"n","schema":)"
                           R"({"type":"object","properties":{"x":{"type":"integer"}}}}})");
  EXPECT_EQ(made["properties"]["message"], schema);
  EXPECT_EQ(made["required"], Json::parse(R"(["message"])"));
  EXPECT_EQ(shaped(R"({"type":"json_object"})")["properties"]["message"]["additionalProperties"],
            true);
  for (const char* other : {"null", R"({"type":"text"})", "broken", R"({"type":"json_schema"})"})
    EXPECT_EQ(shaped(other), Json::parse(parameters.text)) << other;
}

TEST(ToolSchema, PlainHasNoDefaultsAndNoNull) {
  EXPECT_EQ(plain(R"({"type":"object","properties":{"a":{"type":["string","null"],"default":null},)"
                  R"("default":{"anyOf":[{"type":"integer"},{"type":"null"}],"title":"D"}}})"),
            Json::parse(R"({"type":"object","properties":{"a":{"type":"string"},)"
                        R"("default":{"type":"integer","title":"D"}}})"));
}

TEST(ToolSchema, PlainIsAlwaysAnObject) {
  const Json empty = Json::parse(R"({"type":"object","properties":{}})");
  EXPECT_EQ(plain(""), empty);
  EXPECT_EQ(plain("null"), empty);
  EXPECT_EQ(plain("{}"), empty);
  EXPECT_EQ(plain("broken"), empty);
  EXPECT_EQ(plain("[1]"), empty);
}

TEST(ToolSchema, PlainLeavesAloneWhatIsPlain) {
  const std::string text = R"({"type":"object","properties":{"b":{"type":"string"},"a":{}}})";
  EXPECT_EQ(plain_schema(RawJson(text)), text);
}

}  // namespace reverie
