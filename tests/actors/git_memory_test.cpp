#include "config/json.hpp"
#include "runtime/git_memory/git_backed.hpp"
#include "runtime/git_memory/repository.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/commit_now.hpp"

#include <algorithm>
#include <filesystem>

namespace reverie {
namespace {

class GitMemoryTest : public testing::ActorFixture {
 protected:
  std::string create(const std::vector<std::string>& labels,
                     std::vector<std::string> block_ids = {}, bool is_backed = true) {
    CreateAgent request;
    request.agent_id = new_id(Prefix::agent, random);
    request.model = "reverie/demo";
    if (is_backed) request.tags = std::vector{std::string(git_memory_tag)};
    std::vector<CreateBlockInAgent> blocks;
    for (const std::string& label : labels) {
      CreateBlockInAgent block;
      block.label = label;
      block.value = "old";
      block.description = "d";
      blocks.push_back(block);
    }
    request.memory_blocks = blocks;
    request.block_ids = std::move(block_ids);
    const auto created = ask_router(request.agent_id, request);
    EXPECT_TRUE(created) << created.error().message;
    return request.agent_id;
  }

  std::string shared_block(const std::string& label) {
    CreateBlock request;
    request.block_id = new_id(Prefix::block, random);
    request.label = label;
    request.value = "old";
    request.description = "d";
    EXPECT_TRUE(ask_router(request.block_id, request));
    return request.block_id;
  }

  MemoryRepository repository(const std::string& agent_id) {
    return *MemoryRepository::open(dir.path(), agent_id, settings.git, clock.now());
  }
  std::string file(const std::string& agent_id, const std::string& path) {
    const MemoryRepository opened = repository(agent_id);
    return opened.read_file(*opened.head(), path)->value_or("none");
  }
  // As a client does with git, up to the end of what git does.
  void push(const std::string& agent_id, std::vector<FileChange> changes) {
    MemoryRepository opened = repository(agent_id);
    ASSERT_TRUE(opened.commit(*opened.head(), changes, "pushed", clock.now()));
  }

  std::vector<Block> blocks(const std::string& agent_id) {
    std::vector<Block> out;
    const auto agent = Table<AgentTable>{*store}.get({agent_id});
    for (const std::string& id : agent->value.block_ids)
      if (auto block = Table<BlockTable>{*store}.get({id})) out.push_back(std::move(block->value));
    return out;
  }
  std::string value(const std::string& agent_id, const std::string& label) {
    for (const Block& block : blocks(agent_id))
      if (block.label == label) return block.value;
    return "none";
  }
  Result<Answer> edit(const std::string& agent_id, const std::string& label,
                      const std::string& to) {
    ModifyAgentBlock request;
    request.agent_id = agent_id;
    request.block_label = label;
    request.value = to;
    return ask_router(agent_id, request);
  }
  // What a process that ends between the row's commit and git's has done.
  void edit_row_alone(const std::string& agent_id, const std::string& label,
                      const std::string& to) {
    const Table<BlockTable> table{*store};
    for (Block& block : blocks(agent_id)) {
      if (block.label != label) continue;
      block.value = to;
      Batch batch;
      table.put(batch, {block.id}, block, table.get({block.id})->version);
      testing::commit_now(*store, std::move(batch));
    }
  }

  static std::string text(const std::string& value) { return "---\ndescription: d\n---\n" + value; }
};

TEST_F(GitMemoryTest, TheTagMakesBlocksFilesBelowSystem) {
  const std::string id = create({"human", "system/x"});
  EXPECT_EQ(file(id, "system/human.md"), text("old"));
  EXPECT_EQ(file(id, "system/x.md"), text("old"));
  EXPECT_EQ(value(id, "system/human"), "old");
}

TEST_F(GitMemoryTest, TheTagMayComeLater) {
  const std::string block = shared_block("shared");
  const std::string id = create({"human"}, {block}, false);
  EXPECT_FALSE(std::filesystem::exists(MemoryRepository::root(dir.path())));
  const auto none = ask_router(id, OpenGitMemory{id});
  EXPECT_EQ(none.error().code, Errc::not_found);
  ModifyAgent request;
  request.agent_id = id;
  request.tags = std::vector{std::string(git_memory_tag)};
  ASSERT_TRUE(ask_router(id, request));
  EXPECT_EQ(file(id, "system/human.md"), text("old"));
  EXPECT_EQ(file(id, "system/shared.md"), text("old"));
}

TEST_F(GitMemoryTest, AnEditIsOneCommit) {
  const std::string id = create({"human"});
  ASSERT_TRUE(edit(id, "system/human", "new"));
  EXPECT_EQ(file(id, "system/human.md"), text("new"));
  SendMessage request;
  request.agent_id = id;
  request.input =
    RawJson{Json(R"(/call memory_insert {"label":"system/human","new_string":"more"})").dump()};
  const auto said = ask_router(id, request);
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(file(id, "system/human.md"), text("new\nmore"));
  const MemoryRepository opened = repository(id);
  EXPECT_EQ(*opened.synced(), *opened.head());
}

TEST_F(GitMemoryTest, AttachedBlocksAreFilesAndDetachedOnesAreNot) {
  const std::string id = create({"human"});
  AttachBlock attach;
  attach.agent_id = id;
  attach.block_id = shared_block("notes");
  ASSERT_TRUE(ask_router(id, attach));
  EXPECT_EQ(file(id, "notes.md"), text("old"));
  DetachBlock detach;
  detach.agent_id = id;
  detach.block_id = attach.block_id;
  ASSERT_TRUE(ask_router(id, detach));
  EXPECT_EQ(file(id, "notes.md"), "none");
  attach.block_id = shared_block("../outside");
  EXPECT_EQ(ask_router(id, attach).error().code, Errc::invalid_argument);
  ModifyBlock rename;
  rename.block_id = blocks(id).front().id;
  rename.label = "a//b";
  EXPECT_EQ(ask_router(rename.block_id, rename).error().code, Errc::invalid_argument);
}

TEST_F(GitMemoryTest, APushBecomesBlocks) {
  const std::string id = create({"human", "gone"});
  push(id,
       {{"system/human.md", text("pushed")}, {"new.md", "n"}, {"system/gone.md", std::nullopt}});
  ASSERT_TRUE(ask_router(id, SyncGitMemory{id}));
  EXPECT_EQ(value(id, "system/human"), "pushed");
  EXPECT_EQ(value(id, "new"), "n");
  EXPECT_EQ(value(id, "system/gone"), "none");
  const MemoryRepository opened = repository(id);
  EXPECT_EQ(*opened.synced(), *opened.head());
}

TEST_F(GitMemoryTest, WhatAnEndedProcessHasLeftIsMadeUpFor) {
  const std::string id = create({"human", "persona"});
  edit_row_alone(id, "system/human", "edited");       // and not committed to git
  push(id, {{"system/persona.md", text("pushed")}});  // and not taken over
  const auto opened = ask_router(id, OpenGitMemory{id});
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_NE(opened->json.find("bytes_left"), std::string::npos);
  EXPECT_EQ(file(id, "system/human.md"), text("edited"));
  EXPECT_EQ(value(id, "system/persona"), "pushed");
}

TEST_F(GitMemoryTest, ASharedBlockIsAFileOfEachAgent) {
  const std::string block = shared_block("system/shared");
  const std::string one = create({}, {block}), two = create({}, {block});
  ModifyBlock request;
  request.block_id = block;
  request.value = "new";
  ASSERT_TRUE(ask_router(block, request));
  EXPECT_EQ(file(one, "system/shared.md"), text("new"));
  EXPECT_EQ(file(two, "system/shared.md"), text("new"));
  push(one, {{"system/shared.md", text("pushed")}});
  ASSERT_TRUE(ask_router(one, SyncGitMemory{one}));
  EXPECT_EQ(value(two, "system/shared"), "pushed");
  EXPECT_EQ(file(two, "system/shared.md"), text("pushed"));
}

// Both agents take over a push of their own to the same block at once.
TEST_F(GitMemoryTest, PushesToTheRepositoriesOfASharedBlockMeet) {
  const std::string block = shared_block("system/shared");
  const std::string one = create({}, {block}), two = create({}, {block});
  push(one, {{"system/shared.md", text("first")}});
  push(two, {{"system/shared.md", text("second")}});
  caf::scoped_actor self{system};
  auto first = self->request(services.router, caf::infinite,
                             Routed{one, "org-1", "user-1", SyncGitMemory{one}});
  auto second = self->request(services.router, caf::infinite,
                              Routed{two, "org-1", "user-1", SyncGitMemory{two}});
  run();
  int answers = 0;
  first.receive([&](const Answer&) { ++answers; }, [](const caf::error&) {});
  second.receive([&](const Answer&) { ++answers; }, [](const caf::error&) {});
  EXPECT_EQ(answers, 2);
  const std::string both = value(one, "system/shared");
  EXPECT_TRUE(both == "first" || both == "second");
  EXPECT_EQ(file(one, "system/shared.md"), text(both));
  EXPECT_EQ(file(two, "system/shared.md"), text(both));
}

TEST_F(GitMemoryTest, TheRepositoryGoesWithItsAgent) {
  const std::string id = create({"human"});
  const auto path = *MemoryRepository::path(dir.path(), id);
  EXPECT_TRUE(std::filesystem::exists(path));
  DeleteAgent request;
  request.agent_id = id;
  ASSERT_TRUE(ask_router(id, request));
  EXPECT_FALSE(std::filesystem::exists(path));
  const std::string kept = create({"human"});
  repository(id);  // as if the process had ended before it was removed
  caf::anon_send(git_worker, Flush{});
  run();
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(std::filesystem::exists(*MemoryRepository::path(dir.path(), kept)));
}

}  // namespace
}  // namespace reverie
