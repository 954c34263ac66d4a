// messages_by_created: what a list over all agents is read from.

#include "storage/indexes.hpp"
#include "storage/tables.hpp"
#include "tests/storage/toy.hpp"
#include "tests/support/commit_now.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

class MessageIndexTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open() { return *Store::open(dir.path(), all_families(), options()); }

  static StoreOptions options() {
    StoreOptions options;
    options.indexes = all_indexes();
    return options;
  }

  Message message(const std::string& agent_id, std::int64_t sequence_id, int second) {
    Message made;
    made.id = *new_child_id(Prefix::message, agent_id, random);
    made.agent_id = agent_id;
    made.org_id = "org-1";
    made.sequence_id = sequence_id;
    made.created_at = Timestamp{std::chrono::seconds{second}};
    return made;
  }

  static MessageTable::Key key_of(const Message& message) {
    return {message.agent_id, static_cast<std::uint64_t>(message.sequence_id)};
  }

  void add(const std::vector<Message>& added) {
    Batch batch;
    for (const Message& each : added) Table<MessageTable>{*store}.add(batch, key_of(each), each);
    testing::commit_now(*store, std::move(batch));
  }

  static std::string row_of(const Message& message) {
    return key_bytes(message.org_id,
                     static_cast<std::uint64_t>(message.created_at.time_since_epoch().count()),
                     message.id);
  }

  std::vector<std::string> rows() const {
    std::vector<std::string> keys;
    for (auto& [key, value] : testing::dump(*store, messages_by_created)) keys.push_back(key);
    return keys;
  }

  testing::TempDir dir{testing::memory_directory()};
  SeededRandom random{1};
  std::unique_ptr<Store> store = open();
  const std::string one = new_id(Prefix::agent, random);
  const std::string two = *new_child_id(Prefix::agent, one, random);  // one home: one commit
};

TEST_F(MessageIndexTest, HasAllAgentsMessagesInTheOrderOfTime) {
  const Message early = message(one, 1, 10);
  const Message middle = message(two, 1, 20);
  const Message late = message(one, 2, 30);
  add({late, early, middle});
  EXPECT_EQ(rows(), (std::vector{row_of(early), row_of(middle), row_of(late)}));
}

TEST_F(MessageIndexTest, NamesTheConversationAndSaysNothingOfTheDefaultThread) {
  Message talk = message(one, 1, 10);
  talk.conversation_id = "conv-1";
  const Message plain = message(one, 2, 20);
  add({talk, plain});
  const auto found = testing::dump(*store, messages_by_created);
  EXPECT_EQ(found, (std::vector{std::pair{row_of(talk), std::string("conv-1")},
                                std::pair{row_of(plain), std::string()}}));
}

TEST_F(MessageIndexTest, AnEditedMessageKeepsItsRow) {
  Message edited = message(one, 1, 10);
  add({edited});
  edited.content = {{"text", "corrected", "", {}}};
  Batch batch;
  Table<MessageTable>{*store}.put_unchecked(batch, key_of(edited), edited);
  testing::commit_now(*store, std::move(batch));
  EXPECT_EQ(rows(), std::vector{row_of(edited)});
}

TEST_F(MessageIndexTest, RowsGoWithTheRangeOfAnAgentAndWithOneMessage) {
  const Message single = message(two, 1, 15);
  const Message kept = message(two, 2, 25);
  add({message(one, 1, 10), message(one, 2, 20), single, kept});
  Batch batch;
  Table<MessageTable>{*store}.erase_range(batch, *home_of(one), key_bytes(one));
  Table<MessageTable>{*store}.erase_unchecked(batch, key_of(single));
  testing::commit_now(*store, std::move(batch));
  EXPECT_EQ(rows(), std::vector{row_of(kept)});
}

// A directory of a release that had no such family.
TEST_F(MessageIndexTest, IsBuiltFromTheMessagesThatAreThereWithoutIt) {
  const Message first = message(one, 1, 10);
  const Message second = message(two, 1, 20);
  add({first, second});
  ASSERT_TRUE(store->db().DropColumnFamily(store->family(messages_by_created)).ok());
  auto older = options();
  std::erase_if(older.indexes,
                [](const IndexRule& rule) { return rule.family == MessageTable::family; });
  store.reset();
  auto families = all_families();
  std::erase(families, messages_by_created);
  store = *Store::open(dir.path(), families, older);
  ASSERT_FALSE(store->has_family(messages_by_created));

  store.reset();
  store = open();
  EXPECT_EQ(rows(), (std::vector{row_of(first), row_of(second)}));
}

}  // namespace
}  // namespace reverie
