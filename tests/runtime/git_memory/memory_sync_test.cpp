#include "runtime/git_memory/memory_sync.hpp"

#include "runtime/git_memory/git_backed.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

Block block(std::string label, std::string value, std::optional<std::string> description = "d") {
  Block made;
  made.id = "block-" + label;
  made.label = std::move(label);
  made.value = std::move(value);
  made.description = std::move(description);
  return made;
}

MemoryFile file(std::string label, std::optional<std::string> text) {
  return {label + ".md", label, std::move(text)};
}

TEST(GitBacked, IsSaidByATagAndMovesBlocksBelowSystem) {
  EXPECT_TRUE(is_git_backed({"a", "git-memory-enabled"}));
  EXPECT_FALSE(is_git_backed({"git-memory"}));
  EXPECT_EQ(git_backed_label("human"), "system/human");
  EXPECT_EQ(git_backed_label("system/human"), "system/human");
}

const std::string agent_id = "agent-2f6c81d4-0000-4000-8000-000000000001";

std::string text_of(std::string value) {
  return "---\ndescription: d\n---\n" + std::move(value);
}

TEST(PlanSync, FilesThatHaveChangedAreTakenOver) {
  const Block same = block("same", "v"), changed = block("changed", "old"),
              gone = block("gone", "v");
  const std::vector<MemoryFile> base{file("changed", text_of("old")), file("gone", text_of("v")),
                                     file("same", text_of("v"))};
  const SyncPlan plan =
    plan_sync(base,
              {file("changed", "---\ndescription: new\n---\nnew"),
               file("new", "---\nread_only: true\n---\nv"), file("same", text_of("v"))},
              {&same, &changed, &gone});
  EXPECT_EQ(plan.rows.create,
            (std::vector<SyncedBlock>{{"", "new", {"v", {}, true, RawJson{"{}"}, true}}}));
  EXPECT_EQ(plan.rows.update,
            (std::vector<SyncedBlock>{
              {"block-changed", "changed", {"new", "new", false, RawJson{"{}"}, true}}}));
  EXPECT_EQ(plan.rows.detach, (std::vector<std::string>{"block-gone"}));
  EXPECT_TRUE(plan.files.empty());
}

TEST(PlanSync, WhatAFileLeavesOpenStays) {
  Block held = block("a", "old");
  held.read_only = true;
  held.metadata = RawJson{R"({"k":1})"};
  const std::vector<MemoryFile> base{
    file("a", "---\ndescription: d\nread_only: true\nmetadata: {\"k\":1}\n---\nold")};
  const auto update = [&](const std::string& text) {
    return plan_sync(base, {file("a", text)}, {&held}).rows.update;
  };
  ASSERT_EQ(update("new").size(), 1U);
  EXPECT_EQ(update("new")[0].content,
            (BlockContent{"new", "d", true, RawJson{R"({"k":1})"}, true}));
  EXPECT_EQ(update("---\nname: x\n---\nnew")[0].content,
            (BlockContent{"new", "d", false, RawJson{"{}"}, true}));
  EXPECT_TRUE(update("old").empty());
}

TEST(PlanSync, AnEmptyTreeIsAnAccidentThatIsMadeUpFor) {
  const Block held = block("a", "v");
  const std::vector<MemoryFile> base{file("a", text_of("v"))};
  for (const std::vector<MemoryFile>& head :
       {std::vector<MemoryFile>{}, std::vector{file("b", "\xff"), file("c", std::nullopt)}}) {
    const SyncPlan plan = plan_sync(base, head, {&held});
    EXPECT_TRUE(plan.rows.empty());
    ASSERT_EQ(plan.files.size(), 1U);
    EXPECT_EQ(plan.files[0].changes[0].text, text_of("v"));
  }
}

TEST(PlanSync, AFileThatIsNoTextNeverTakesABlocksPlace) {
  const Block broken = block("a", "v"), no_path = block("../a", "v");
  const SyncPlan plan =
    plan_sync({file("a", text_of("v")), file("c", "v")},
              {file("a", "\xff"), file("c", "v"), file("new", "\xff")}, {&broken, &no_path});
  EXPECT_TRUE(plan.rows.empty());
  ASSERT_EQ(plan.files.size(), 2U);  // of "c" the block was detached
  EXPECT_EQ(plan.files[0].label, "c");
  EXPECT_EQ(plan.files[1].label, "a");
  EXPECT_EQ(plan.files[1].changes[0].text, text_of("v"));
}

TEST(PlanSync, BlocksThatHaveChangedBecomeFiles) {
  const Block changed = block("changed", "new"), added = block("added", "a"),
              renamed = block("renamed", "v");
  const std::string writers_form = "---\n# mine\nname: x\ndescription:   'd'\n---\nv";
  const std::vector<MemoryFile> files{file("changed", text_of("old")), file("gone", text_of("w")),
                                      file("old name", writers_form)};
  const SyncPlan plan = plan_sync(files, files, {&changed, &added, &renamed});
  EXPECT_TRUE(plan.rows.empty());
  ASSERT_EQ(plan.files.size(), 4U);
  EXPECT_EQ(plan.files[0].changes, (std::vector<FileChange>{{"gone.md", std::nullopt}}));
  EXPECT_EQ(plan.files[1].changes, (std::vector<FileChange>{{"added.md", text_of("a")}}));
  EXPECT_EQ(plan.files[2].changes, (std::vector<FileChange>{{"changed.md", text_of("new")}}));
  EXPECT_EQ(plan.files[3].changes,
            (std::vector<FileChange>{{"renamed.md", writers_form}, {"old name.md", std::nullopt}}));
}

TEST(PlanSync, WhatBothHaveChangedIsMerged) {
  Block held = block("a", "1\n2\nours\n");
  held.description = "ours";
  const SyncPlan plan =
    plan_sync({file("a", text_of("1\n2\n3\n"))},
              {file("a", "---\ndescription: d\nread_only: true\n---\ntheirs\n2\n3\n")}, {&held});
  const BlockContent both{"theirs\n2\nours\n", "ours", true, RawJson{"{}"}, true};
  ASSERT_EQ(plan.rows.update.size(), 1U);
  EXPECT_EQ(plan.rows.update[0].content, both);
  ASSERT_EQ(plan.files.size(), 1U);
  EXPECT_EQ(*read_block_file(*plan.files[0].changes[0].text), both);
}

TEST(PlanSync, OfOneLineThatBothHaveChangedTheBlocksStays) {
  const Block held = block("a", "ours");
  const SyncPlan plan =
    plan_sync({file("a", text_of("old"))}, {file("a", text_of("theirs"))}, {&held});
  EXPECT_TRUE(plan.rows.empty());
  ASSERT_EQ(plan.files.size(), 1U);
  EXPECT_EQ(plan.files[0].changes[0].text, text_of("ours"));
}

TEST(PlanSync, AnEditWinsOverARemoval) {
  const Block edited = block("a", "new");
  const std::vector<MemoryFile> base{file("a", text_of("old")), file("b", text_of("old"))};
  const SyncPlan plan = plan_sync(base, {file("b", text_of("pushed"))}, {&edited});
  ASSERT_EQ(plan.files.size(), 1U);
  EXPECT_EQ(plan.files[0].changes, (std::vector<FileChange>{{"a.md", text_of("new")}}));
  ASSERT_EQ(plan.rows.create.size(), 1U);
  EXPECT_EQ(plan.rows.create[0].label, "b");
}

class SyncMemory : public ::testing::Test {
 protected:
  MemoryRepository open() {
    return *MemoryRepository::open(dir.path(), agent_id, GitSettings{}, now);
  }
  std::string text(const std::string& path) {
    return repository.read_file(*repository.head(), path)->value_or("none");
  }
  // As a client does with git.
  void push(std::vector<FileChange> changes) {
    ASSERT_TRUE(repository.commit(*repository.head(), changes, "pushed", now));
  }
  MemoryUpdate sync(const std::vector<Block>& blocks) {
    std::vector<const Block*> pointers;
    for (const Block& each : blocks) pointers.push_back(&each);
    auto update = sync_memory(repository, pointers, now);
    EXPECT_TRUE(update) << update.error().message;
    return *std::move(update);
  }

  testing::TempDir dir{testing::memory_directory()};
  Timestamp now{};
  MemoryRepository repository = open();
};

TEST_F(SyncMemory, AnEditIsACommitAndThenAllIsAlike) {
  EXPECT_TRUE(sync({block("system/a", "1"), block("b", "2")}).empty());
  EXPECT_EQ(text("system/a.md"), text_of("1"));
  EXPECT_EQ(*repository.synced(), *repository.head());
  const std::string before = *repository.head();
  EXPECT_TRUE(sync({block("system/a", "1"), block("b", "2")}).empty());
  EXPECT_EQ(*repository.head(), before);
  EXPECT_TRUE(sync({block("system/a", "2"), block("b", "2")}).empty());
  EXPECT_EQ(text("system/a.md"), text_of("2"));
  EXPECT_TRUE(sync({block("b", "2")}).empty());
  EXPECT_EQ(text("system/a.md"), "none");
}

TEST_F(SyncMemory, APushIsAskedForUntilTheBlocksHaveIt) {
  ASSERT_TRUE(sync({block("a", "1")}).empty());
  const std::string alike = *repository.head();
  push({{"a.md", text_of("pushed")}, {"new.md", text_of("n")}});
  for (int i = 0; i < 2; ++i) {  // the process ended after the first one
    const MemoryUpdate update = sync({block("a", "1")});
    ASSERT_EQ(update.update.size(), 1U);
    EXPECT_EQ(update.update[0].content.value, "pushed");
    ASSERT_EQ(update.create.size(), 1U);
    EXPECT_EQ(*repository.synced(), alike);
  }
  EXPECT_TRUE(sync({block("a", "pushed"), block("new", "n")}).empty());
  EXPECT_EQ(*repository.synced(), *repository.head());
}

// The process ends between the row's commit and git's, and a push comes before the next one.
TEST_F(SyncMemory, AnEditThatIsNotCommittedYetIsNotLostToAPush) {
  ASSERT_TRUE(sync({block("a", "1"), block("b", "1")}).empty());
  push({{"b.md", text_of("pushed")}});
  const MemoryUpdate update = sync({block("a", "edited"), block("b", "1")});
  EXPECT_EQ(text("a.md"), text_of("edited"));
  ASSERT_EQ(update.update.size(), 1U);
  EXPECT_EQ(update.update[0].label, "b");
  EXPECT_TRUE(sync({block("a", "edited"), block("b", "pushed")}).empty());
}

TEST_F(SyncMemory, ARepositoryThatWasThereGetsWhatIsMissing) {
  push({{"a.md", "kept"}});
  const MemoryUpdate update = sync({block("b", "2"), block("/c", "3")});
  EXPECT_EQ(text("b.md"), text_of("2"));
  ASSERT_EQ(update.create.size(), 1U);
  EXPECT_EQ(update.create[0].label, "a");
}

TEST_F(SyncMemory, AFullRepositoryTakesNoCommit) {
  GitSettings none;
  none.repository_bytes_max = 1;
  MemoryRepository full = *MemoryRepository::open(dir.path(), agent_id, none, now);
  const Block edited = block("a", "1");
  const auto refused = sync_memory(full, {&edited}, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::bad_request);
  EXPECT_TRUE(sync({edited}).empty());  // with more room it is made up for
}

}  // namespace
}  // namespace reverie
