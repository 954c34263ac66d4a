#include "runtime/tools/native_tool.hpp"

#include "config/ids.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

const char* const agent_id = "agent-2f6c81d4-0000-4000-8000-000000000000";

class NativeTool : public ::testing::Test {
 protected:
  void SetUp() override {
    load("human", "Name: Ada.\nLikes tea.");
    load("persona", "I am kind.");
    load("rules", "Never lie.");
    Block locked = block("locked", "as it is");
    locked.read_only = true;
    memory.load(locked, 3);
  }

  static Block block(const std::string& label, const std::string& value) {
    Block out;
    out.id = "block-" + label;
    out.label = label;
    out.value = value;
    return out;
  }
  void load(const std::string& label, const std::string& value) {
    memory.load(block(label, value), 3);
  }

  ToolOutcome run(std::string_view name, const Json& arguments) {
    NativeToolContext context{memory, nullptr, random, now, agent_id, "org-1", "UTC", 100};
    return run_native_tool(name, arguments, context);
  }
  // Expects an error that says `words` and leaves the memory as it was.
  void expect_error(std::string_view name, const Json& arguments, const std::string& words) {
    const CoreMemory before = memory;
    const ToolOutcome outcome = run(name, arguments);
    EXPECT_TRUE(outcome.is_error) << outcome.text;
    EXPECT_NE(outcome.text.find(words), std::string::npos) << outcome.text;
    EXPECT_TRUE(memory == before);
  }
  std::string value(std::string_view label) const { return memory.find(label)->value; }

  CoreMemory memory;
  SeededRandom random{1};
  Timestamp now = *from_rfc3339("2026-11-21T12:00:00Z");
};

TEST_F(NativeTool, AppendsToABlockAndReturnsItsContent) {
  const ToolOutcome outcome =
    run("core_memory_append", {{"label", "human"}, {"content", "Has a dog."}});
  EXPECT_FALSE(outcome.is_error);
  EXPECT_EQ(outcome.text, "Name: Ada.\nLikes tea.\nHas a dog.");
  EXPECT_EQ(value("human"), outcome.text);
  ASSERT_EQ(memory.changes().size(), 1U);
  EXPECT_EQ(memory.changes()[0].kind, BlockChangeKind::modified);
  EXPECT_EQ(memory.changes()[0].version, 3);
  EXPECT_EQ(memory.changes()[0].block.updated_at, now);
}

TEST_F(NativeTool, AppendsToAnEmptyBlockWithoutABlankLine) {
  load("notes", "");
  EXPECT_EQ(run("core_memory_append", {{"label", "notes"}, {"content", "one"}}).text, "one");
  EXPECT_EQ(run("memory_insert", {{"label", "notes"}, {"new_string", "two"}}).text, "one\ntwo");
}

TEST_F(NativeTool, ReplacesAllOccurrences) {
  load("notes", "tea, tea and TEA");
  EXPECT_EQ(run("core_memory_replace",
                {{"label", "notes"}, {"old_content", "tea"}, {"new_content", "teatime"}})
              .text,
            "teatime, teatime and TEA");
  expect_error("core_memory_replace",
               {{"label", "notes"}, {"old_content", "mate"}, {"new_content", ""}}, "not found");
  expect_error("core_memory_replace",
               {{"label", "notes"}, {"old_content", ""}, {"new_content", "x"}}, "not found");
}

TEST_F(NativeTool, RefusesAReadOnlyBlock) {
  const Json calls[] = {
    {{"tool", "core_memory_append"}, {"label", "locked"}, {"content", "x"}},
    {{"tool", "core_memory_replace"},
     {"label", "locked"},
     {"old_content", "as"},
     {"new_content", ""}},
    {{"tool", "memory_insert"}, {"label", "locked"}, {"new_string", "x"}},
    {{"tool", "memory_replace"}, {"label", "locked"}, {"old_string", "as"}, {"new_string", ""}},
    {{"tool", "memory_rethink"}, {"label", "locked"}, {"new_memory", "x"}},
    {{"tool", "memory_apply_patch"}, {"label", "locked"}, {"patch", "+x"}},
    {{"tool", "memory"}, {"command", "delete"}, {"path", "/memories/locked"}},
    {{"tool", "memory"}, {"command", "rename"}, {"old_path", "locked"}, {"new_path", "open"}},
  };
  for (Json call : calls) {
    const std::string tool = call["tool"];
    call.erase("tool");
    expect_error(tool, call, "read-only");
  }
}

TEST_F(NativeTool, NamesTheLabelsThatThereAre) {
  const ToolOutcome outcome = run("core_memory_append", {{"label", "humans"}, {"content", "x"}});
  EXPECT_EQ(outcome.text,
            "There is no memory block with the label `humans`. Available labels: human, persona, "
            "rules, locked.");
  ASSERT_EQ(outcome.stderr_lines.size(), 1U);
  EXPECT_EQ(outcome.stderr_lines[0],
            "Error executing function core_memory_append: KeyError: " + outcome.text);
}

TEST_F(NativeTool, ReplacesWhatStandsThereExactlyOnce) {
  EXPECT_EQ(
    run("memory_replace", {{"label", "human"}, {"old_string", "tea"}, {"new_string", "coffee"}})
      .text,
    "Name: Ada.\nLikes coffee.");
  expect_error("memory_replace",
               {{"label", "human"}, {"old_string", "absent"}, {"new_string", "x"}},
               "No replacement was performed, old_string `absent` did not appear verbatim in "
               "memory block with label `human`.");
  load("notes", "a\nb\na");
  expect_error("memory_replace", {{"label", "notes"}, {"old_string", "a"}, {"new_string", "x"}},
               "lines [1, 3]");
  expect_error("memory_replace", {{"label", "notes"}, {"old_string", ""}, {"new_string", "x"}},
               "No replacement was performed");
}

TEST_F(NativeTool, SeesNoDifferenceBetweenTabsAndSpaces) {
  load("notes", "a\tb");
  EXPECT_EQ(
    run("memory_replace", {{"label", "notes"}, {"old_string", "a       b"}, {"new_string", "c"}})
      .text,
    "c");
}

TEST_F(NativeTool, RefusesLineNumbersOfTheShownForm) {
  expect_error("memory_replace",
               {{"label", "human"}, {"old_string", "2→ Likes tea."}, {"new_string", "x"}},
               "line numbers");
  expect_error("memory_insert", {{"label", "human"}, {"new_string", "3→ x"}}, "line numbers");
}

TEST_F(NativeTool, InsertsAtTheTopTheEndAndBetween) {
  const auto insert = [&](const std::string& text, int line) {
    return run("memory_insert", {{"label", "rules"}, {"new_string", text}, {"insert_line", line}});
  };
  EXPECT_EQ(insert("top", 0).text, "top\nNever lie.");
  EXPECT_EQ(insert("end", -1).text, "top\nNever lie.\nend");
  EXPECT_EQ(insert("between", 1).text, "top\nbetween\nNever lie.\nend");
  for (const int line : {5, -2})
    expect_error("memory_insert", {{"label", "rules"}, {"new_string", "x"}, {"insert_line", line}},
                 "insert_line");
  EXPECT_EQ(run("memory_insert", {{"label", "rules"}, {"new_string", "last"}}).text,
            "top\nbetween\nNever lie.\nend\nlast");
}

TEST_F(NativeTool, RethinkingMakesABlockThatIsNotThere) {
  EXPECT_EQ(run("memory_rethink", {{"label", "human"}, {"new_memory", "Ada"}}).text, "Ada");
  EXPECT_FALSE(run("memory_rethink", {{"label", "plans"}, {"new_memory", "Rest."}}).is_error);
  EXPECT_FALSE(
    run("rethink_memory", {{"target_block_label", "plans"}, {"new_memory", "Work."}}).is_error);
  const auto changes = memory.changes();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[1].kind, BlockChangeKind::created);
  EXPECT_EQ(changes[1].block.value, "Work.");
  EXPECT_EQ(*home_of(changes[1].block.id), *home_of(agent_id));
  expect_error("memory_rethink", {{"label", "a <b>"}, {"new_memory", "x"}}, "label");
}

TEST_F(NativeTool, CreatesRenamesDescribesAndDeletesBlocks) {
  EXPECT_FALSE(run("memory", {{"command", "create"},
                              {"path", "/memories/notes/work"},
                              {"description", "What is done"},
                              {"file_text", "Nothing yet"}})
                 .is_error);
  EXPECT_EQ(value("notes/work"), "Nothing yet");
  EXPECT_EQ(memory.find("notes/work")->description, "What is done");
  EXPECT_FALSE(run("memory", {{"command", "rename"},
                              {"old_path", "/memories/notes/work"},
                              {"new_path", "/memories/notes/done"}})
                 .is_error);
  EXPECT_FALSE(
    run("memory", {{"command", "rename"}, {"path", "/memories/notes/done"}, {"description", "Old"}})
      .is_error);
  EXPECT_EQ(memory.find("notes/done")->description, "Old");
  EXPECT_FALSE(run("memory", {{"command", "delete"}, {"path", "/memories/human"}}).is_error);
  EXPECT_EQ(memory.find("human"), nullptr);

  const auto changes = memory.changes();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].kind, BlockChangeKind::detached);
  EXPECT_EQ(changes[0].block.id, "block-human");
  EXPECT_EQ(changes[1].kind, BlockChangeKind::created);
  EXPECT_EQ(changes[1].block.label, "notes/done");
  // What was made and taken away in one step never was.
  EXPECT_FALSE(run("memory", {{"command", "delete"}, {"path", "notes/done"}}).is_error);
  EXPECT_EQ(memory.changes().size(), 1U);
}

TEST_F(NativeTool, EditsByCommand) {
  EXPECT_EQ(run("memory",
                {{"command", "insert"}, {"path", "/memories/rules"}, {"insert_text", "Be brief."}})
              .text,
            "Never lie.\nBe brief.");
  EXPECT_EQ(run("memory", {{"command", "str_replace"},
                           {"path", "/memories/rules"},
                           {"old_string", "brief"},
                           {"new_string", "kind"}})
              .text,
            "Never lie.\nBe kind.");
  expect_error("memory", {{"command", "str_replace"}, {"path", "rules"}}, "old_string");
  expect_error("memory", {{"command", "create"}, {"path", "human"}, {"description", "x"}},
               "already");
  expect_error("memory", {{"command", "create"}, {"path", "new"}}, "description");
  expect_error("memory", {{"command", "rename"}, {"old_path", "rules"}, {"new_path", "human"}},
               "already");
  expect_error("memory", {{"command", "view"}, {"path", "human"}}, "Unknown command");
}

TEST_F(NativeTool, PatchesOneBlock) {
  EXPECT_EQ(run("memory_apply_patch",
                {{"label", "human"},
                 {"patch",
                  "--- a/human\n+++ b/human\n@@ -1,2 +1,3 @@\n Name: Ada.\n-Likes tea.\n"
                  "+Likes coffee.\n+Has a dog.\n"}})
              .text,
            "Name: Ada.\nLikes coffee.\nHas a dog.");
  EXPECT_EQ(run("memory_apply_patch", {{"label", "human"}, {"patch", "+Last line"}}).text,
            "Name: Ada.\nLikes coffee.\nHas a dog.\nLast line");
  expect_error("memory_apply_patch", {{"label", "human"}, {"patch", " Name: Bob.\n-x"}},
               "do not stand");
  expect_error("memory_apply_patch", {{"label", "human"}, {"patch", "no mark"}}, "begins with");
  expect_error("memory_apply_patch", {{"label", "human"}, {"patch", ""}}, "changes nothing");
  load("notes", "a\na");
  expect_error("memory_apply_patch", {{"label", "notes"}, {"patch", "-a"}}, "more than once");
}

TEST_F(NativeTool, PatchesSeveralBlocksTogether) {
  const ToolOutcome outcome = run("memory_apply_patch", {{"label", ""},
                                                         {"patch",
                                                          "*** Begin Patch\n"
                                                          "*** Add Block: projects\n"
                                                          "Description: the work\n"
                                                          "+one\n"
                                                          "+two\n"
                                                          "\n"
                                                          "*** Update Block: human\n"
                                                          "*** Move to: user\n"
                                                          "@@\n"
                                                          "-Likes tea.\n"
                                                          "+Likes coffee.\n"
                                                          "*** Delete Block: rules\n"
                                                          "*** End Patch\n"}});
  EXPECT_FALSE(outcome.is_error) << outcome.text;
  EXPECT_EQ(value("projects"), "one\ntwo");
  EXPECT_EQ(memory.find("projects")->description, "the work");
  EXPECT_EQ(value("user"), "Name: Ada.\nLikes coffee.");
  EXPECT_EQ(memory.find("human"), nullptr);
  EXPECT_EQ(memory.find("rules"), nullptr);
}

TEST_F(NativeTool, APatchWithOneBadOperationChangesNothing) {
  expect_error("memory_apply_patch",
               {{"label", ""},
                {"patch",
                 "*** Add Block: a\n+x\n*** Delete Block: rules\n"
                 "*** Update Block: human\n-not there"}},
               "do not stand");
}

TEST_F(NativeTool, APatchOfSeveralBlocksLeavesSharedOnesAlone) {
  memory.load(block("team", "We."), 1, false);
  expect_error(
    "memory_apply_patch",
    {{"label", ""}, {"patch", "*** Update Block: team\n+x\n*** Update Block: human\n+y"}},
    "shared");
}

TEST_F(NativeTool, SaysWhatIsWrongWithTheArguments) {
  const ToolOutcome outcome = run("memory_insert", Json::object());
  EXPECT_EQ(outcome.text, "memory_insert() missing 2 required arguments: 'label' and 'new_string'");
  EXPECT_EQ(outcome.stderr_lines[0],
            "Error executing function memory_insert: TypeError: " + outcome.text);
  expect_error("memory_insert", {{"label", "human"}, {"new_string", 5}}, "'new_string'");
  expect_error("memory_insert", {{"label", "human"}, {"new_string", "x"}, {"insert_line", "two"}},
               "integer");
  expect_error("memory_insert", {{"label", "human"}, {"new_string", "x"}, {"line", 2}},
               "unexpected argument 'line'");
  expect_error("conversation_search", {{"roles", {"robot"}}}, "robot");
  EXPECT_FALSE(
    run("memory_insert", {{"label", "human"}, {"new_string", "x"}, {"insert_line", nullptr}})
      .is_error);
}

TEST_F(NativeTool, SaysWhichToolsItDoesNotRun) {
  const ToolOutcome outcome = run("web_search", {{"query", "tea"}});
  EXPECT_TRUE(outcome.is_error);
  EXPECT_EQ(outcome.text, "web_search is not available on this server yet.");
  EXPECT_NE(run("no_such_tool", Json::object()).text.find("Tool not found"), std::string::npos);
}

TEST_F(NativeTool, TheErrorLineIsShortAndTheTextIsWhole) {
  const std::string label(3000, 'x');
  const ToolOutcome outcome = run("core_memory_append", {{"label", label}, {"content", "x"}});
  EXPECT_EQ(outcome.stderr_lines[0].size(), 1000U);
  EXPECT_GT(outcome.text.size(), 3000U);
}

TEST_F(NativeTool, SpeakingAndFinishingReturnFixedTexts) {
  EXPECT_EQ(run("send_message", {{"message", "hi"}}).text, "Sent message successfully.");
  EXPECT_EQ(run("send_message", {{"message", {{"mood", "fine"}}}}).text,
            "Sent message successfully.");
  expect_error("send_message", {{"message", 5}}, "expected string");
  EXPECT_EQ(run("memory_finish_edits", Json::object()).text, "None");
}

TEST(EditedLabel, SaysWhichBlockACallEditsInPlace) {
  EXPECT_EQ(edited_label("memory_insert", {{"label", "human"}, {"new_string", "x"}}), "human");
  EXPECT_EQ(edited_label("rethink_memory", {{"target_block_label", "human"}}), "human");
  EXPECT_EQ(edited_label("memory", {{"command", "insert"}, {"path", "/memories/a/b"}}), "a/b");
  EXPECT_EQ(edited_label("memory", {{"command", "rename"}, {"old_path", "/memories/a"}}), "a");
  EXPECT_EQ(edited_label("memory_apply_patch", {{"label", "human"}, {"patch", "+x"}}), "human");
  EXPECT_EQ(edited_label("memory_apply_patch",
                         {{"label", "human"}, {"patch", "*** Update Block: persona\n+x"}}),
            "persona");
}

TEST(EditedLabel, IsNothingForOtherCalls) {
  EXPECT_FALSE(edited_label("memory", {{"command", "create"}, {"path", "/memories/a"}}));
  EXPECT_FALSE(edited_label("memory", {{"command", "delete"}, {"path", "/memories/a"}}));
  EXPECT_FALSE(edited_label("memory_apply_patch", {{"label", "a"}, {"patch", "*** Add Block: b"}}));
  EXPECT_FALSE(edited_label("memory_insert", Json::object()));
  EXPECT_FALSE(edited_label("memory_insert", Json()));
  EXPECT_FALSE(edited_label("conversation_search", {{"query", "x"}}));
}

}  // namespace
}  // namespace reverie
