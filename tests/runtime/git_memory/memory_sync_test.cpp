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

TEST(PlanSync, CreatesUpdatesAndDetaches) {
  const Block same = block("same", "v"), changed = block("changed", "old"),
              gone = block("gone", "v");
  const SyncPlan plan = plan_sync(
    {file("changed", "---\ndescription: new\n---\nnew"),
     file("new", "---\nread_only: true\n---\nv"), file("same", "---\ndescription: d\n---\nv")},
    {&same, &changed, &gone});
  EXPECT_EQ(plan.create,
            (std::vector<SyncedBlock>{{"", "new", {"v", {}, true, RawJson{"{}"}, true}}}));
  EXPECT_EQ(plan.update,
            (std::vector<SyncedBlock>{
              {"block-changed", "changed", {"new", "new", false, RawJson{"{}"}, true}}}));
  EXPECT_EQ(plan.detach, (std::vector<std::string>{"block-gone"}));
  EXPECT_TRUE(plan.unreadable.empty());
}

TEST(PlanSync, WhatAFileLeavesOpenStays) {
  Block held = block("a", "old");
  held.read_only = true;
  held.metadata = RawJson{R"({"k":1})"};
  const SyncPlan plain = plan_sync({file("a", "new")}, {&held});
  ASSERT_EQ(plain.update.size(), 1U);
  EXPECT_EQ(plain.update[0].content, (BlockContent{"new", "d", true, RawJson{R"({"k":1})"}, true}));
  const SyncPlan said = plan_sync({file("a", "---\nname: x\n---\nnew")}, {&held});
  EXPECT_EQ(said.update[0].content, (BlockContent{"new", "d", false, RawJson{"{}"}, true}));
  EXPECT_TRUE(plan_sync({file("a", "old")}, {&held}).empty());
}

TEST(PlanSync, NothingIsDetachedWhenNothingWasRead) {
  const Block held = block("a", "v");
  EXPECT_TRUE(plan_sync({}, {&held}).empty());
  const SyncPlan plan = plan_sync({file("b", "\xff"), file("c", std::nullopt)}, {&held});
  EXPECT_TRUE(plan.empty());
  EXPECT_EQ(plan.unreadable, (std::vector<std::string>{"b.md", "c.md"}));
}

TEST(PlanSync, BlocksThatCannotBeReadOrWrittenStay) {
  const Block unreadable = block("a", "v"), no_path = block("../a", "v"), gone = block("b", "v");
  const SyncPlan plan =
    plan_sync({file("a", "\xff"), file("c", "v")}, {&unreadable, &no_path, &gone});
  EXPECT_EQ(plan.detach, (std::vector<std::string>{"block-b"}));
  EXPECT_EQ(plan.create.size(), 1U);
}

class CommitBlock : public ::testing::Test {
 protected:
  MemoryRepository open() {
    return *MemoryRepository::open(dir.path(), "agent-2f6c81d4-0000-4000-8000-000000000001",
                                   GitSettings{}, now);
  }
  std::string text(const std::string& path) {
    return repository.read_file(*repository.head(), path)->value_or("none");
  }
  // As a client does with git.
  void push(std::vector<FileChange> changes) {
    ASSERT_TRUE(repository.commit(*repository.head(), changes, "pushed", now));
  }

  testing::TempDir dir{testing::memory_directory()};
  Timestamp now{};
  MemoryRepository repository = open();
};

TEST_F(CommitBlock, CreatesEditsRenamesAndRemoves) {
  const Block first = block("system/a", "1"), second = block("system/a", "2");
  const Block renamed = block("b", "2");
  ASSERT_TRUE(commit_block(repository, {}, first, now));
  EXPECT_EQ(text("system/a.md"), "---\ndescription: d\n---\n1");
  ASSERT_TRUE(commit_block(repository, first, second, now));
  EXPECT_EQ(text("system/a.md"), "---\ndescription: d\n---\n2");
  ASSERT_TRUE(commit_block(repository, second, renamed, now));
  EXPECT_EQ(text("system/a.md"), "none");
  EXPECT_EQ(text("b.md"), "---\ndescription: d\n---\n2");
  ASSERT_TRUE(commit_block(repository, renamed, {}, now));
  EXPECT_TRUE(repository.read()->files.empty());
  EXPECT_EQ(commit_block(repository, {}, {}, now)->size(), 40U);
}

TEST_F(CommitBlock, AnEditOfWhatAPushHasChangedIsAConflict) {
  const Block first = block("a", "1"), second = block("a", "2");
  ASSERT_TRUE(commit_block(repository, {}, first, now));
  push({{"a.md", "---\ndescription: d\n---\npushed"}});
  const auto refused = commit_block(repository, first, second, now);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_EQ(text("a.md"), "---\ndescription: d\n---\npushed");
  EXPECT_EQ(commit_block(repository, {}, first, now).error().code, Errc::conflict);
  push({{"a.md", {}}});
  EXPECT_EQ(commit_block(repository, first, second, now).error().code, Errc::conflict);
  EXPECT_TRUE(commit_block(repository, {}, first, now));
}

TEST_F(CommitBlock, APushOfOtherFilesIsNone) {
  const Block first = block("a", "1"), second = block("a", "2");
  ASSERT_TRUE(commit_block(repository, {}, first, now));
  push({{"b.md", "pushed"}});
  ASSERT_TRUE(commit_block(repository, first, second, now));
  EXPECT_EQ(text("a.md"), "---\ndescription: d\n---\n2");
  EXPECT_EQ(text("b.md"), "pushed");
}

TEST_F(CommitBlock, RefusesALabelThatIsNoPath) {
  EXPECT_EQ(commit_block(repository, {}, block("../a", "1"), now).error().code,
            Errc::invalid_argument);
}

TEST_F(CommitBlock, AddsWhatIsMissing) {
  push({{"a.md", "kept"}});
  const Block a = block("a", "1"), b = block("b", "2"), bad = block("/c", "3");
  const auto made = add_missing_blocks(repository, {&a, &b, &bad}, now);
  ASSERT_TRUE(made);
  EXPECT_EQ(text("a.md"), "kept");
  EXPECT_EQ(text("b.md"), "---\ndescription: d\n---\n2");
  EXPECT_EQ(*add_missing_blocks(repository, {&a, &b, &bad}, now), *made);
}

}  // namespace
}  // namespace reverie
