// conversations_by_*: what lists of conversations are read from.

#include "storage/codec.hpp"
#include "storage/indexes.hpp"
#include "storage/records/conversation_summary.hpp"
#include "storage/tables.hpp"
#include "tests/storage/toy.hpp"
#include "tests/support/commit_now.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

static_assert(field_numbers_are_unique<Conversation>());
static_assert(field_numbers_are_unique<IsolatedBlock>());

using Names = std::vector<std::string>;

class ConversationIndexTest : public ::testing::Test {
 protected:
  Conversation conversation(const std::string& agent_id, int second) {
    Conversation made;
    made.id = *new_child_id(Prefix::conv, agent_id, random);
    made.agent_id = agent_id;
    made.org_id = "org-1";
    made.summary = "made at " + std::to_string(second);
    made.created_at = Timestamp{std::chrono::seconds{second}};
    return made;
  }

  static ConversationTable::Key key_of(const Conversation& conversation) {
    return {conversation.agent_id, conversation.id};
  }

  void put(const Conversation& conversation, std::int64_t version) {
    Batch batch;
    Table<ConversationTable>{*store}.put(batch, key_of(conversation), conversation, version);
    testing::commit_now(*store, std::move(batch));
  }

  // The summaries in the order of the keys, of one agent or ("") of all.
  Names list(std::string_view family, const std::string& agent_id, bool has_time) const {
    const std::string prefix = conversation_prefix("org-1", agent_id, has_time);
    Names names;
    for (auto& [key, value] : testing::dump(*store, family))
      if (key.starts_with(prefix)) names.push_back(decode<ConversationSummary>(value)->summary);
    return names;
  }

  testing::TempDir dir{testing::memory_directory()};
  SeededRandom random{1};
  std::unique_ptr<Store> store = [this] {
    StoreOptions options;
    options.indexes = all_indexes();
    return *Store::open(dir.path(), all_families(), options);
  }();
  const std::string one = new_id(Prefix::agent, random);
  const std::string two = new_id(Prefix::agent, random);
};

TEST_F(ConversationIndexTest, ListsOneAgentAndAllInTheOrderOfTime) {
  put(conversation(one, 30), 0);
  put(conversation(two, 20), 0);
  put(conversation(one, 10), 0);
  EXPECT_EQ(list(conversations_by_created, one, true), (Names{"made at 10", "made at 30"}));
  EXPECT_EQ(list(conversations_by_created, two, true), Names{"made at 20"});
  EXPECT_EQ(list(conversations_by_created, "", true),
            (Names{"made at 10", "made at 20", "made at 30"}));
}

TEST_F(ConversationIndexTest, MovesWithItsTimesAndIsApartWhileItHasNone) {
  Conversation first = conversation(one, 10);
  put(first, 0);
  put(conversation(one, 20), 0);
  EXPECT_EQ(list(conversations_by_last_message, one, true), Names{});
  EXPECT_EQ(list(conversations_by_last_message, "", false), (Names{"made at 10", "made at 20"}));
  first.last_message_at = Timestamp{std::chrono::seconds{40}};
  put(first, 1);
  EXPECT_EQ(list(conversations_by_last_message, one, true), Names{"made at 10"});
  EXPECT_EQ(list(conversations_by_last_message, one, false), Names{"made at 20"});
  EXPECT_EQ(list(conversations_by_last_run, one, false), (Names{"made at 10", "made at 20"}));
}

TEST_F(ConversationIndexTest, SaysWhetherAConversationIsArchived) {
  Conversation made = conversation(one, 10);
  put(made, 0);
  made.archived_at = Timestamp{std::chrono::seconds{20}};
  put(made, 1);
  const auto rows = testing::dump(*store, conversations_by_created);
  ASSERT_EQ(rows.size(), 2U);
  for (const auto& [key, value] : rows)
    EXPECT_EQ(*decode<ConversationSummary>(value), (ConversationSummary{"made at 10", true}));
}

TEST_F(ConversationIndexTest, AHiddenOrDeletedConversationIsInNoList) {
  Conversation hidden = conversation(one, 10);
  hidden.hidden = true;
  put(hidden, 0);
  const Conversation gone = conversation(one, 20);
  put(gone, 0);
  Batch batch;
  Table<ConversationTable>{*store}.erase(batch, key_of(gone), 1);
  testing::commit_now(*store, std::move(batch));
  for (const auto family :
       {conversations_by_created, conversations_by_last_run, conversations_by_last_message})
    EXPECT_TRUE(testing::dump(*store, family).empty()) << family;
}

TEST_F(ConversationIndexTest, ACopyThatIsGivenUpIsNamedNoMore) {
  Conversation made = conversation(one, 10);
  made.isolated_blocks = {{"human", "block-1"}, {"persona", "block-2"}};
  EXPECT_FALSE(made.give_up("block-3"));
  EXPECT_TRUE(made.give_up("block-1"));
  EXPECT_FALSE(made.give_up(""));
  EXPECT_EQ(made.isolated_block_ids(), Names{"block-2"});
  EXPECT_EQ(made.isolated_blocks.front().label, "human");
}

}  // namespace
}  // namespace reverie
