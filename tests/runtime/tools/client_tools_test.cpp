#include "runtime/tools/client_tools.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(ClientTools, AreReadWithWhatTheyLeaveOut) {
  const auto tools = read_client_tools(
    RawJson{R"([{"name":"a"},{"name":"b","description":"d","parameters":{"type":"object"}}])"});
  ASSERT_TRUE(tools);
  EXPECT_EQ(tools->at(0).parameters.text, R"({"type":"object","properties":{}})");
  EXPECT_EQ(tools->at(1).description, "d");
  EXPECT_EQ(tools->at(1).parameters.text, R"({"type":"object"})");
  EXPECT_TRUE(read_client_tools(RawJson{})->empty());
}

TEST(ClientTools, WhatIsMalformedIsNamed) {
  const auto where = [](const char* json) {
    return read_client_tools(RawJson{json}).error().where;
  };
  EXPECT_EQ(where("[7]"), "0");
  EXPECT_EQ(where("[{}]"), "0.name");
  EXPECT_EQ(where(R"([{"name":""}])"), "0.name");
  EXPECT_EQ(where(R"([{"name":"a"},{"name":"a"}])"), "1.name");
  EXPECT_EQ(where(R"([{"name":"a","parameters":[]}])"), "0.parameters");
  EXPECT_EQ(read_client_tools(RawJson{"{}"}).error().code, Errc::invalid_argument);
  EXPECT_EQ(read_client_skills(RawJson{R"([{"name":"a","description":"b"}])"}).error().where,
            "0.location");
}

TEST(ClientTools, SkillsAreListedByTheDirectoryThatHoldsThem) {
  const auto skills = read_client_skills(RawJson{
    R"([{"name":"b","description":"two","location":"/home/ada/skills/b/SKILL.md"},
        {"name":"a","description":"one","location":"/home/ada/skills/a/SKILL.md"},
        {"name":"c","description":"three","location":"/opt/c/SKILL.md"}])"});
  ASSERT_TRUE(skills);
  EXPECT_EQ(available_skills(*skills), R"(<available_skills>
/home/ada/skills
├── a/
│   └── SKILL.md (one)
└── b/
    └── SKILL.md (two)
/opt
└── c/
    └── SKILL.md (three)
</available_skills>)");
  EXPECT_EQ(available_skills({}), "");
}

}  // namespace
}  // namespace reverie
