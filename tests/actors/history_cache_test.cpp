#include "actors/history_cache.hpp"

#include "tests/support/commit_now.hpp"
#include "tests/support/temp_dir.hpp"

#include "config/random.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace reverie {
namespace {

class HistoryCacheTest : public ::testing::Test {
 protected:
  Message message(std::int64_t sequence_id, std::string said) {
    Message message;
    message.id = *new_child_id(Prefix::message, agent_id, random);
    message.agent_id = agent_id;
    message.sequence_id = sequence_id;
    message.run_id = "run-1";
    ContentPart part;
    part.text = std::move(said);
    message.content = {part};
    return message;
  }

  MessageTable::Key key(std::int64_t sequence_id) const {
    return {agent_id, static_cast<std::uint64_t>(sequence_id)};
  }

  static Commit commit_of(Batch batch) {
    auto commit = std::move(batch).commit();
    EXPECT_TRUE(commit);
    return commit ? *std::move(commit) : Commit{};
  }

  void add(HistoryCache& to, std::int64_t sequence_id, const std::string& said) {
    Batch batch;
    table.add(batch, key(sequence_id), message(sequence_id, said));
    to.apply(to.writes_of(commit_of(std::move(batch))));
  }

  std::string words(const HistoryCache& of, std::int64_t sequence_id) const {
    const std::string* const content = of.find(sequence_id);
    if (!content) return "";
    const auto decoded = decode<MessageContent>(*content);
    EXPECT_TRUE(decoded);
    return decoded && !decoded->content.empty() ? decoded->content.front().text : "";
  }

  testing::TempDir dir{testing::memory_directory()};
  std::unique_ptr<Store> store = *Store::open(dir.path() + "/data", all_families(), {});
  SeededRandom random{1};
  std::string agent_id = new_id(Prefix::agent, random);
  Table<MessageTable> table{*store};
  HistoryCache cache{*store, agent_id, 16 << 10};
};

TEST_F(HistoryCacheTest, TakesWhatACommitWrites) {
  add(cache, 1, "one");
  add(cache, 2, "two");
  EXPECT_EQ(words(cache, 1), "one");
  EXPECT_EQ(words(cache, 2), "two");
  EXPECT_EQ(cache.find(3), nullptr);

  Batch edit;
  table.put_unchecked(edit, key(1), message(1, "corrected"));
  table.erase_unchecked(edit, key(2));
  auto writes = cache.writes_of(commit_of(std::move(edit)));
  EXPECT_EQ(words(cache, 1), "one");  // not durable yet
  cache.apply(std::move(writes));
  EXPECT_EQ(words(cache, 1), "corrected");
  EXPECT_EQ(cache.find(2), nullptr);
}

TEST_F(HistoryCacheTest, KeepsWhatAModelIsToldAlone) {
  Message full = message(7, "words");
  full.role = "assistant";
  full.model = "openai/gpt";
  full.tool_calls = {{"call-1", "look", "{}"}};
  full.created_at = Timestamp{std::chrono::seconds{5}};
  Batch batch;
  table.add(batch, key(7), full);
  cache.apply(cache.writes_of(commit_of(std::move(batch))));
  ASSERT_NE(cache.find(7), nullptr);
  const MessageContent& content = full;
  EXPECT_EQ(*cache.find(7), encode(content));
  EXPECT_EQ(*decode<MessageContent>(*cache.find(7)), content);
}

TEST_F(HistoryCacheTest, ADeletedRangeIsAllThatItHolds) {
  add(cache, 1, "one");
  Batch batch;
  table.erase_range(batch, *home_of(agent_id), key_bytes(agent_id));
  cache.apply(cache.writes_of(commit_of(std::move(batch))));
  EXPECT_EQ(cache.find(1), nullptr);
}

TEST_F(HistoryCacheTest, AWriteThatItCannotReadIsAllThatItHolds) {
  const auto put = [&](const std::string& key_text, std::string_view value) {
    add(cache, 1, "one");
    Batch batch;
    batch.put(store->family(MessageTable::family), key_text, value);
    cache.apply(cache.writes_of(commit_of(std::move(batch))));
    return cache.find(1) == nullptr;
  };
  const std::string good = *encode_key(key(2));
  EXPECT_TRUE(put(good, ""));                               // no version
  EXPECT_TRUE(put(good, std::string("\1\5\7x", 4)));        // a field that is cut off
  EXPECT_TRUE(put(good.substr(0, good.size() - 1), "\1"));  // not a key
  const std::string other = new_id(Prefix::agent, random);
  EXPECT_TRUE(put(*encode_key(MessageTable::Key{other, 2}), "\1"));  // another agent's
  add(cache, 1, "one");
  EXPECT_TRUE(cache.writes_of(Commit{"no batch", {}}).has_range);
  EXPECT_FALSE(put(good, "\1"));  // a message of defaults
}

TEST_F(HistoryCacheTest, WritesOfOtherTablesAreNoneOfIts) {
  add(cache, 1, "one");
  Batch batch;
  Table<StepTable>{*store}.put_unchecked(batch, {agent_id, 1}, {});
  Table<RunEventTable>{*store}.erase_range(batch, *home_of(agent_id), key_bytes(agent_id));
  Table<ChildTable>{*store}.erase_unchecked(batch, {message(2, "").id});
  cache.apply(cache.writes_of(commit_of(std::move(batch))));
  EXPECT_EQ(words(cache, 1), "one");
}

TEST_F(HistoryCacheTest, KeepsContextsToo) {
  const Table<ContextTable> contexts{*store};
  const auto change = [&](const std::string& conversation_id, std::optional<Context> context) {
    Batch batch;
    if (context)
      contexts.put_unchecked(batch, {agent_id, conversation_id}, *context);
    else
      contexts.erase_unchecked(batch, {agent_id, conversation_id});
    auto writes = cache.writes_of(commit_of(std::move(batch)));
    batch = {};
    if (context) contexts.put_unchecked(batch, {agent_id, conversation_id}, *context);
    testing::commit_now(*store, std::move(batch));
    cache.apply(std::move(writes));
  };
  Context context;
  context.add(message(1, "one"));
  EXPECT_EQ(cache.find_context(""), nullptr);
  change("", context);
  change("conv-1", Context{});
  ASSERT_NE(cache.find_context(""), nullptr);
  EXPECT_EQ(*cache.find_context(""), context);
  EXPECT_EQ(*cache.find_context("conv-1"), Context{});
  EXPECT_TRUE(cache.is_as_stored());
  context.add(message(2, "two"));
  change("", context);
  EXPECT_EQ(*cache.find_context(""), context);
  EXPECT_TRUE(cache.is_as_stored());
  change("conv-1", std::nullopt);
  EXPECT_EQ(cache.find_context("conv-1"), nullptr);
  Batch elsewhere;
  contexts.put_unchecked(elsewhere, {agent_id, ""}, Context{});
  testing::commit_now(*store, std::move(elsewhere));
  EXPECT_FALSE(cache.is_as_stored());
}

TEST_F(HistoryCacheTest, OlderContextsGoBeforeMessagesAndTheNewestBehindThem) {
  HistoryCache small{*store, agent_id, 1'000};
  const auto write = [&](const std::string& conversation_id, std::size_t messages) {
    Batch batch;
    Context context;
    for (std::size_t i = 1; i <= messages; ++i)
      context.add(message(static_cast<std::int64_t>(i), ""));
    Table<ContextTable>{*store}.put_unchecked(batch, {agent_id, conversation_id}, context);
    small.apply(small.writes_of(commit_of(std::move(batch))));
  };
  add(small, 1, "one");
  write("", 2);
  write("conv-1", 2);
  EXPECT_NE(small.find_context(""), nullptr);
  write("conv-2", 8);
  EXPECT_EQ(small.find_context(""), nullptr);
  EXPECT_NE(small.find_context("conv-2"), nullptr);
  EXPECT_EQ(words(small, 1), "one");
  write("conv-2", 29);
  EXPECT_EQ(small.find(1), nullptr);
  EXPECT_NE(small.find_context("conv-2"), nullptr);
  write("conv-2", 60);
  EXPECT_EQ(small.find_context("conv-2"), nullptr);
}

TEST_F(HistoryCacheTest, TheOldestGoFirst) {
  HistoryCache small{*store, agent_id, 1'000};
  for (std::int64_t i = 1; i <= 20; ++i) add(small, i, std::string(50, 'x'));
  std::int64_t kept = 0;
  while (kept < 20 && small.find(20 - kept)) ++kept;
  EXPECT_GE(kept, 5);
  EXPECT_LE(kept, 1'000 / (50 + 2));
  for (std::int64_t i = 1; i <= 20 - kept; ++i) EXPECT_EQ(small.find(i), nullptr);
  add(small, 21, std::string(2'000, 'x'));  // more than fits
  for (std::int64_t i = 1; i <= 21; ++i) EXPECT_EQ(small.find(i), nullptr);
  add(small, 22, "short");
  EXPECT_EQ(words(small, 22), "short");
}

TEST_F(HistoryCacheTest, WhatIsReadTakesTheRoomThatIsLeft) {
  HistoryCache small{*store, agent_id, 400};
  add(small, 9, "new");
  const std::string content = encode<MessageContent>(message(3, std::string(100, 'o')));
  small.fill(3, content);
  EXPECT_EQ(words(small, 9), "new");
  EXPECT_EQ(words(small, 3), std::string(100, 'o'));
  small.fill(4, content);  // no room
  EXPECT_EQ(small.find(4), nullptr);
  EXPECT_EQ(words(small, 3), std::string(100, 'o'));
  add(small, 10, "newest");  // the oldest makes room
  EXPECT_EQ(small.find(3), nullptr);
  EXPECT_EQ(words(small, 9), "new");
  EXPECT_EQ(words(small, 10), "newest");
  small.clear();
  EXPECT_EQ(small.find(10), nullptr);
}

TEST_F(HistoryCacheTest, ALimitOfZeroKeepsNothing) {
  HistoryCache none{*store, agent_id, 0};
  add(none, 1, "one");
  none.fill(2, "");
  none.fill_context("", {});
  EXPECT_EQ(none.find_context(""), nullptr);
  EXPECT_EQ(none.find(1), nullptr);
  EXPECT_EQ(none.find(2), nullptr);
  EXPECT_TRUE(none.is_as_stored());
}

TEST_F(HistoryCacheTest, SeesWhatIsNotAsStored) {
  EXPECT_TRUE(cache.is_as_stored());
  const auto write = [&](std::int64_t sequence_id, const std::string& text) {
    Batch batch;
    table.put_unchecked(batch, key(sequence_id), message(sequence_id, text));
    testing::commit_now(*store, std::move(batch));
  };
  add(cache, 1, "one");
  EXPECT_FALSE(cache.is_as_stored());  // the store has no such row
  write(1, "one");
  EXPECT_TRUE(cache.is_as_stored());
  write(1, "another");
  EXPECT_FALSE(cache.is_as_stored());
}

}  // namespace
}  // namespace reverie
