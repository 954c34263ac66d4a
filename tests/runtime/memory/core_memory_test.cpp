#include "runtime/memory/core_memory.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

Block labelled(const std::string& label) {
  Block block;
  block.id = "block-" + label;
  block.label = label;
  block.value = label + " value";
  return block;
}

CoreMemory two_blocks() {
  CoreMemory memory;
  memory.load(labelled("human"), 4);
  memory.load(labelled("team"), 9, false);
  return memory;
}

TEST(CoreMemory, KeepsTheOrderOfAttachment) {
  CoreMemory memory = two_blocks();
  memory.create(labelled("a"));
  EXPECT_EQ(memory.labels(), (std::vector<std::string>{"human", "team", "a"}));
  EXPECT_EQ(memory.blocks()[1]->value, "team value");
  EXPECT_TRUE(memory.is_own("human"));
  EXPECT_FALSE(memory.is_own("team"));
  EXPECT_EQ(memory.version_of("team"), 9);
  EXPECT_EQ(memory.version_of("a"), 0);
  EXPECT_EQ(memory.find("b"), nullptr);
}

TEST(CoreMemory, AnEditThatChangesNothingIsNoChange) {
  CoreMemory memory = two_blocks();
  memory.set_value("human", "human value", {});
  EXPECT_FALSE(memory.has_changes());
  EXPECT_TRUE(memory.changes().empty());
}

TEST(CoreMemory, EditsOfOneBlockAreOneChange) {
  CoreMemory memory = two_blocks();
  memory.set_value("human", "x", {});
  memory.rename("human", "user", {});
  memory.set_description("user", "who", {});
  ASSERT_EQ(memory.changes().size(), 1U);
  const BlockChange change = memory.changes()[0];
  EXPECT_EQ(change.kind, BlockChangeKind::modified);
  EXPECT_EQ(change.block.label, "user");
  EXPECT_EQ(change.block.value, "x");
  EXPECT_EQ(change.version, 4);
}

TEST(CoreMemory, AfterACommitTheVersionsAreTheStoredOnes) {
  CoreMemory memory = two_blocks();
  memory.set_value("human", "x", {});
  memory.create(labelled("a"));
  memory.detach("team");
  memory.committed();
  EXPECT_FALSE(memory.has_changes());
  EXPECT_EQ(memory.version_of("human"), 5);
  EXPECT_EQ(memory.version_of("a"), 1);
  EXPECT_EQ(memory.labels(), (std::vector<std::string>{"human", "a"}));
}

TEST(CoreMemory, ALabelIsFreeAgainWhenItsBlockIsDetached) {
  CoreMemory memory = two_blocks();
  memory.detach("human");
  Block again = labelled("human");
  again.id = "block-new";
  memory.create(again);
  EXPECT_EQ(memory.find("human")->id, "block-new");
  const auto changes = memory.changes();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].kind, BlockChangeKind::detached);
  EXPECT_EQ(changes[1].kind, BlockChangeKind::created);
}

TEST(CoreMemory, TakesOverWhatTheOwnerMadeOfASharedBlock) {
  CoreMemory memory = two_blocks();
  memory.set_value("team", "ours", {});
  Block edited = labelled("team");
  edited.value = "theirs";
  edited.label = "crew";
  memory.refresh(edited, 10);
  EXPECT_FALSE(memory.has_changes());
  EXPECT_EQ(memory.find("crew")->value, "theirs");
  EXPECT_EQ(memory.version_of("crew"), 10);
  EXPECT_FALSE(memory.is_own("crew"));
  memory.refresh(labelled("unknown"), 1);
  EXPECT_EQ(memory.blocks().size(), 2U);
}

}  // namespace
}  // namespace reverie
