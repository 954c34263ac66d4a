#include "actors/agent_record.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/commit_now.hpp"

namespace reverie {
namespace {

class AgentRecordTest : public testing::ActorFixture {
 protected:
  // Messages 1 to 12 of an agent, without those two.
  std::string with_messages(std::int64_t without, std::int64_t without_too) {
    std::string id = new_id(Prefix::agent, random);
    Batch batch;
    for (std::int64_t i = 1; i <= 12; ++i) {
      if (i == without || i == without_too) continue;
      Message message;
      message.id = *new_child_id(Prefix::message, id, random);
      message.agent_id = id;
      message.sequence_id = i;
      add_message(AgentTables{*store}, batch, message);
    }
    testing::commit_now(*store, std::move(batch));
    return id;
  }

  std::vector<std::int64_t> read(const std::string& id, const std::vector<std::int64_t>& ids) {
    const auto messages = AgentRecord{services, id}.messages(ids);
    EXPECT_TRUE(messages);
    std::vector<std::int64_t> found;
    for (const Message& message : *messages) found.push_back(message.sequence_id);
    return found;
  }

  using Ids = std::vector<std::int64_t>;
};

TEST_F(AgentRecordTest, ReadsMessagesInARow) {
  const std::string id = with_messages(0, 0);
  EXPECT_EQ(read(id, {1, 2, 3, 4, 5, 6, 7}), (Ids{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(read(id, {6, 7, 8, 9, 10, 11, 12}), (Ids{6, 7, 8, 9, 10, 11, 12}));
}

TEST_F(AgentRecordTest, LeavesOutWhatIsNotAskedForAndWhatIsNotThere) {
  const std::string id = with_messages(3, 12);
  EXPECT_EQ(read(id, {1, 2, 3, 4, 6, 7, 8}), (Ids{1, 2, 4, 6, 7, 8}));
  EXPECT_EQ(read(id, {6, 7, 8, 9, 11, 12, 13}), (Ids{6, 7, 8, 9, 11}));
}

TEST_F(AgentRecordTest, ReadsMessagesThatAreFarApartOrInAnotherOrder) {
  const std::string id = with_messages(0, 0);
  EXPECT_EQ(read(id, {}), Ids{});
  EXPECT_EQ(read(id, {1, 12}), (Ids{1, 12}));
  EXPECT_EQ(read(id, {9, 1, 2, 3, 4, 5, 6}), (Ids{9, 1, 2, 3, 4, 5, 6}));
}

}  // namespace
}  // namespace reverie
