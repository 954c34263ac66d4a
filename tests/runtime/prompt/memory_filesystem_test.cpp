#include "runtime/prompt/memory_filesystem.hpp"

#include "runtime/prompt/system_prompt.hpp"

#include <string>

#include <gtest/gtest.h>

namespace reverie {
namespace {

const std::string reminder = std::string(memory_filesystem_reminder) + "\n\n";

class MemoryFilesystem : public ::testing::Test {
 protected:
  void add(std::string label, std::string value, std::optional<std::string> description = {}) {
    Block block;
    block.label = std::move(label);
    block.value = std::move(value);
    block.description = std::move(description);
    owned.push_back(std::make_unique<Block>(std::move(block)));
  }
  std::vector<const Block*> blocks() const {
    std::vector<const Block*> all;
    for (const auto& block : owned) all.push_back(block.get());
    return all;
  }
  std::string text() const { return memory_filesystem_text(blocks()); }

  std::vector<std::unique_ptr<Block>> owned;
};

TEST_F(MemoryFilesystem, ShowsSystemBlocksAndNamesTheRest) {
  add("system/project/gotchas", "No tabs.\nNo spaces.", "What bites\nus.");
  add("system/human", "Name: Ada");
  add("top", "hidden");
  add("notes/y", "hidden");
  add("system/persona", "I help.\nAlways.", "Who I am.");
  add("skills/pdf", "hidden");
  add("notes/deep/z", "hidden");
  add("notes/deep", "hidden");
  add("a/b", "hidden");
  EXPECT_EQ(text(), reminder
                      + "<self>\n"
                        "<projection>$MEMORY_DIR/system/persona.md</projection>\n"
                        "<description>Who I am.</description>\n"
                        "I help.\n"
                        "Always.\n"
                        "</self>\n"
                        "\n"
                        "<memory>\n"
                        "  <human>\n"
                        "    <projection>$MEMORY_DIR/system/human.md</projection>\n"
                        "    Name: Ada\n"
                        "  </human>\n"
                        "  <project>\n"
                        "    <gotchas>\n"
                        "      <projection>$MEMORY_DIR/system/project/gotchas.md</projection>\n"
                        "      <description>What bites us.</description>\n"
                        "      No tabs.\n"
                        "No spaces.\n"
                        "    </gotchas>\n"
                        "  </project>\n"
                        "<external_projection>\n"
                        "${MEMORY_DIR}/\n"
                        "├── a/\n"
                        "│   └── b.md\n"
                        "├── notes/\n"
                        "│   ├── deep/\n"
                        "│   │   └── z.md\n"
                        "│   ├── deep.md\n"
                        "│   └── y.md\n"
                        "└── top.md\n"
                        "</external_projection>\n"
                        "</memory>");
}

TEST_F(MemoryFilesystem, ShowsAPersonaAlone) {
  add("system/persona", "I help.");
  EXPECT_EQ(text(), reminder
                      + "<self>\n"
                        "<projection>$MEMORY_DIR/system/persona.md</projection>\n"
                        "I help.\n"
                        "</self>\n"
                        "\n"
                        "<memory>\n"
                        "</memory>");
}

TEST_F(MemoryFilesystem, ABlockMayHaveBlocksBelowIt) {
  add("system/a/b", "2");
  add("system/a", "1", "");
  EXPECT_EQ(text(), reminder
                      + "<memory>\n"
                        "  <a>\n"
                        "    <projection>$MEMORY_DIR/system/a.md</projection>\n"
                        "    1\n"
                        "    <b>\n"
                        "      <projection>$MEMORY_DIR/system/a/b.md</projection>\n"
                        "      2\n"
                        "    </b>\n"
                        "  </a>\n"
                        "</memory>");
}

TEST_F(MemoryFilesystem, WithoutSystemBlocksThereIsNothing) {
  EXPECT_EQ(text(), "");
  add("notes/x", "hidden");
  add("skills/pdf", "hidden");
  add("system", "hidden");
  EXPECT_EQ(text(), "");
}

TEST_F(MemoryFilesystem, StandsWhereThePromptHasItsBlocks) {
  add("system/human", "</memory> is no end");
  add("notes/x", "hidden");
  const std::vector<const Block*> all = blocks();
  PromptInput input;
  input.agent_id = "agent-1";
  input.agent_type = "letta_v1_agent";
  input.system = "Your <memory> is below.";
  input.blocks = all;
  input.is_git_backed = true;
  const std::string compiled = compile_system_prompt(input);
  EXPECT_TRUE(
    compiled.starts_with("Your <memory> is below.\n\n" + text() + "\n\n<memory_metadata>"));
  PromptInput plain = input;
  plain.is_git_backed = false;
  EXPECT_NE(prompt_digest(input), prompt_digest(plain));
  input.agent_type = "react_agent";
  EXPECT_EQ(compile_system_prompt(input).find(memory_filesystem_reminder), std::string::npos);

  const PromptSections sections = split_system_prompt(compiled);
  EXPECT_EQ(sections.system_prompt, "Your <memory> is below.");
  ASSERT_TRUE(sections.core_memory);
  EXPECT_TRUE(sections.core_memory->starts_with(memory_filesystem_reminder));
  EXPECT_TRUE(sections.core_memory->ends_with("</memory>"));
  EXPECT_EQ(sections.memory_filesystem,
            "<external_projection>\n${MEMORY_DIR}/\n└── notes/\n    └── x.md\n"
            "</external_projection>");
}

}  // namespace
}  // namespace reverie
