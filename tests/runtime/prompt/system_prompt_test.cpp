#include "runtime/prompt/system_prompt.hpp"

#include "runtime/prompt/default_prompts.hpp"

#include <string>

#include <gtest/gtest.h>

namespace reverie {
namespace {

class SystemPrompt : public ::testing::Test {
 protected:
  void SetUp() override {
    human.label = "human";
    human.value =
      "Name: \xc3\x84"
      "da.\nLikes tea.";
    human.description = "About the user.";
    persona.label = "persona";
    persona.limit = 500;
    persona.read_only = true;
    input.agent_id = "agent-1";
    input.agent_type = "letta_v1_agent";
    input.system = "You are {kind}.";
    input.provider_type = "openai";
    input.blocks = {&human, &persona};
    input.compiled_at = *from_rfc3339("2026-11-21T09:36:38Z");
    input.recall_count = 2;
  }
  std::string compiled() const { return compile_system_prompt(input); }
  bool has(const std::string& text) const { return compiled().find(text) != std::string::npos; }

  Block human;
  Block persona;
  PromptInput input;
};

TEST_F(SystemPrompt, RendersBlocksAndMetadata) {
  EXPECT_EQ(compiled(),
            "You are {kind}.\n"
            "\n"
            "<memory_blocks>\n"
            "These memory blocks are in your core memory. Their labels are how your tools name "
            "them.\n"
            "\n"
            "<human>\n"
            "<description>\nAbout the user.\n</description>\n"
            "<metadata>\n- chars_current=21\n- chars_limit=100000\n</metadata>\n"
            "<value>\nName: \xc3\x84"
            "da.\nLikes tea.\n</value>\n"
            "</human>\n"
            "\n"
            "<persona>\n"
            "<description>\n\n</description>\n"
            "<metadata>\n- read_only=true\n- chars_current=0\n- chars_limit=500\n</metadata>\n"
            "<value>\n\n</value>\n"
            "</persona>\n"
            "\n"
            "</memory_blocks>\n"
            "\n"
            "<memory_metadata>\n"
            "- AGENT_ID: agent-1\n"
            "- CONVERSATION_ID: default\n"
            "- System prompt last recompiled: 2026-11-21 09:36:38 AM UTC+0000\n"
            "- 2 previous messages between you and the user are stored in recall memory\n"
            "</memory_metadata>");
}

TEST_F(SystemPrompt, NumbersLinesForAnthropicsModels) {
  input.provider_type = "anthropic";
  EXPECT_TRUE(has("</metadata>\n<warning>\n"));
  EXPECT_TRUE(
    has("<value>\n1→ Name: \xc3\x84"
        "da.\n2→ Likes tea.\n</value>"));
  EXPECT_TRUE(has("<value>\n</value>"));
  input.agent_type = "memgpt_agent";
  EXPECT_FALSE(has("<warning>"));
}

TEST_F(SystemPrompt, ReactAgentsSeeNoBlocks) {
  input.agent_type = "react_agent";
  EXPECT_FALSE(has("<memory_blocks>"));
  EXPECT_TRUE(has("<memory_metadata>"));
}

TEST_F(SystemPrompt, WithoutBlocksThereIsNoElementForThem) {
  input.blocks.clear();
  EXPECT_EQ(compiled().find("You are {kind}.\n\n<memory_metadata>"), 0U);
}

TEST_F(SystemPrompt, PutsTheMemoryWhereThePromptWantsIt) {
  input.system = "A {CORE_MEMORY} B {x} {CORE_MEMORY}";
  EXPECT_EQ(compiled().find("A <memory_blocks>"), 0U);
  EXPECT_TRUE(compiled().ends_with("</memory_metadata> B {x} {CORE_MEMORY}"));
}

TEST_F(SystemPrompt, StatesTheToolRules) {
  input.rule_texts = {"<tool_rule>\none\n</tool_rule>", "<tool_rule>\ntwo\n</tool_rule>"};
  EXPECT_TRUE(has("</memory_blocks>\n\n<tool_usage_rules>\n"));
  EXPECT_TRUE(
    has("\n\n<tool_rule>\none\n</tool_rule>\n<tool_rule>\ntwo\n</tool_rule>\n"
        "</tool_usage_rules>\n\n<memory_metadata>"));
}

TEST_F(SystemPrompt, MentionsArchivalMemoryWhenThereIsSome) {
  EXPECT_FALSE(has("archival"));
  input.archival_count = 3;
  input.archival_tags = {"b", "a"};
  EXPECT_TRUE(has("- 3 total memories are stored in archival memory\n"));
  EXPECT_TRUE(has("- Available archival memory tags: a, b\n"));
}

TEST_F(SystemPrompt, ShowsTheTimeOfTheAgentsZone) {
  input.timezone = "Asia/Kolkata";
  EXPECT_TRUE(has("last recompiled: 2026-11-21 03:06:38 PM IST+0530"));
}

TEST_F(SystemPrompt, TheDigestIgnoresWhatTheMomentBrings) {
  const std::string digest = prompt_digest(input);
  EXPECT_EQ(digest.size(), 32U);
  input.compiled_at += std::chrono::hours(1);
  input.recall_count = 9;
  input.archival_tags = {"a"};
  EXPECT_EQ(prompt_digest(input), digest);
}

TEST_F(SystemPrompt, TheDigestSeesEveryOtherChange) {
  const std::string digest = prompt_digest(input);
  persona.value = "x";
  const std::string changed = prompt_digest(input);
  EXPECT_NE(changed, digest);
  input.blocks.pop_back();
  EXPECT_NE(prompt_digest(input), changed);
  const std::string fewer = prompt_digest(input);
  input.rule_texts = {"x"};
  EXPECT_NE(prompt_digest(input), fewer);
  const std::string ruled = prompt_digest(input);
  input.provider_type = "anthropic";
  EXPECT_NE(prompt_digest(input), ruled);
}

TEST_F(SystemPrompt, CanBeTakenApartAgain) {
  input.rule_texts = {"rule"};
  const PromptSections sections = split_system_prompt(compiled());
  EXPECT_EQ(sections.system_prompt, "You are {kind}.");
  EXPECT_TRUE(sections.core_memory->starts_with("<memory_blocks>"));
  EXPECT_TRUE(sections.core_memory->ends_with("</memory_blocks>"));
  EXPECT_TRUE(sections.tool_usage_rules->starts_with("<tool_usage_rules>"));
  EXPECT_TRUE(sections.external_memory_summary->ends_with("</memory_metadata>"));
  EXPECT_FALSE(sections.directories);
  EXPECT_FALSE(sections.memory_filesystem);
  EXPECT_EQ(split_system_prompt("plain").system_prompt, "plain");
  EXPECT_EQ(estimate_tokens("12345"), 2);
  EXPECT_EQ(estimate_tokens(""), 0);
}

TEST(DefaultPrompts, AreThereForEveryTypeButOne) {
  for (const char* type :
       {"letta_v1_agent", "memgpt_agent", "memgpt_v2_agent", "sleeptime_agent", "react_agent",
        "workflow_agent", "voice_convo_agent", "voice_sleeptime_agent"}) {
    const std::string_view text = default_system_prompt(type);
    EXPECT_TRUE(text.starts_with("<base_instructions>")) << type;
    EXPECT_TRUE(text.ends_with("</base_instructions>")) << type;
  }
  EXPECT_TRUE(default_system_prompt("split_thread_agent").empty());
  EXPECT_FALSE(default_block_description("human").empty());
  EXPECT_FALSE(default_block_description("persona").empty());
  EXPECT_TRUE(default_block_description("notes").empty());
}

}  // namespace
}  // namespace reverie
