// The list of the messages of all agents.

#include "runtime/views/views.hpp"
#include "storage/indexes.hpp"
#include "storage/tables.hpp"
#include "tests/support/commit_now.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

using Ids = std::vector<std::string>;

class MessageViewsTest : public ::testing::Test {
 protected:
  std::string new_agent(const std::string& type = "letta_v1_agent",
                        const std::string& org = "org-1") {
    Agent agent;
    agent.id = new_id(Prefix::agent, random);
    agent.org_id = org;
    agent.agent_type = type;
    Batch batch;
    Table<AgentTable>{*store}.add(batch, {agent.id}, agent);
    testing::commit_now(*store, std::move(batch));
    return agent.id;
  }

  // Each is a second later than the one before.
  Message new_message(const std::string& agent_id, const std::string& role = "user",
                      const std::string& org = "org-1") {
    Message message;
    message.id = *new_child_id(Prefix::message, agent_id, random);
    message.agent_id = agent_id;
    message.org_id = org;
    message.sequence_id = ++seconds;
    message.role = role;
    message.content = {{"text", "number " + std::to_string(seconds), "", {}}};
    message.created_at = Timestamp{std::chrono::seconds{seconds}};
    return message;
  }

  std::string add(const Message& message) {
    Batch batch;
    Table<MessageTable>{*store}.add(batch, key_of(message), message);
    Table<ChildTable>{*store}.add(batch, {message.id}, {message.agent_id, message.sequence_id});
    testing::commit_now(*store, std::move(batch));
    return message.id;
  }

  static MessageTable::Key key_of(const Message& message) {
    return {message.agent_id, static_cast<std::uint64_t>(message.sequence_id)};
  }

  // Takes a record and leaves its row.
  template <class Schema>
  void lose(const typename Schema::Key& key) {
    rocksdb::WriteBatch raw;
    raw.Delete(store->family(Schema::family), *encode_key(key));
    ASSERT_TRUE(store->write(raw));
  }

  Json list(const Request& request) const {
    const auto answer = answer_request({*store, providers, "org-1", "user-1"}, request);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? Json::parse(*answer) : Json::array();
  }

  Error failure(const ListAllMessages& request) const {
    const auto answer = answer_request({*store, providers, "org-1", "user-1"}, request);
    EXPECT_FALSE(answer);
    return answer ? Error{} : answer.error();
  }

  Ids ids(const Request& request) const {
    Ids ids;
    for (const Json& message : list(request)) ids.push_back(message["id"]);
    return ids;
  }

  // All pages, one after another, as a client goes through them.
  Ids walk(ListAllMessages request) const {
    Ids all;
    for (Ids page = ids(request); !page.empty(); page = ids(request)) {
      EXPECT_LE(page.size(), static_cast<std::size_t>(*request.limit));
      all.insert(all.end(), page.begin(), page.end());
      request.after = page.back();
    }
    return all;
  }

  testing::TempDir dir{testing::memory_directory()};
  ManualClock clock;
  Providers providers{{}, {}, {}, clock};
  SeededRandom random{1};
  std::unique_ptr<Store> store = [this] {
    StoreOptions options;
    options.indexes = all_indexes();
    return *Store::open(dir.path(), all_families(), options);
  }();
  std::int64_t seconds = 0;
  const std::string one = new_agent();
  const std::string two = new_agent();
};

ListAllMessages pages(std::int64_t limit, std::string order) {
  ListAllMessages request;
  request.limit = limit;
  request.order = std::move(order);
  return request;
}

TEST_F(MessageViewsTest, AllAgentsAreListedNewestFirst) {
  const Ids made{add(new_message(one)), add(new_message(two)), add(new_message(one))};
  EXPECT_EQ(ids(ListAllMessages{}), Ids(made.rbegin(), made.rend()));
  EXPECT_EQ(ids(pages(100, "asc")), made);
}

TEST_F(MessageViewsTest, PagesFollowOneAnotherInBothOrders) {
  Ids made;
  for (int i = 0; i < 7; ++i) made.push_back(add(new_message(i % 3 == 0 ? two : one)));
  EXPECT_EQ(walk(pages(2, "asc")), made);
  EXPECT_EQ(walk(pages(3, "desc")), Ids(made.rbegin(), made.rend()));
  ListAllMessages request = pages(2, "asc");
  request.before = made[5];
  EXPECT_EQ(ids(request), (Ids{made[3], made[4]}));
  request.after = made[3];
  EXPECT_EQ(ids(request), Ids{made[4]});
  request = pages(2, "desc");
  request.before = made[1];
  EXPECT_EQ(ids(request), (Ids{made[3], made[2]}));
  EXPECT_EQ(ids(pages(0, "asc")), Ids{});
}

TEST_F(MessageViewsTest, MessagesOfOneInstantAreAllListedOnce) {
  Ids made;
  for (int i = 0; i < 5; ++i) {
    Message message = new_message(i % 2 == 0 ? one : two);
    message.created_at = Timestamp{std::chrono::seconds{9}};
    made.push_back(add(message));
  }
  Ids walked = walk(pages(2, "desc"));
  std::sort(made.begin(), made.end());
  std::sort(walked.begin(), walked.end());
  EXPECT_EQ(walked, made);
}

TEST_F(MessageViewsTest, AMessageOfSeveralPartsCountsOnce) {
  Message answer = new_message(one, "assistant");
  answer.content.insert(answer.content.begin(), {"reasoning", "let me think", "", {}});
  const std::string first = add(answer);
  const std::string second = add(new_message(one));
  EXPECT_EQ(ids(pages(2, "asc")), (Ids{first, first, second}));
  EXPECT_EQ(ids(pages(1, "asc")), (Ids{first, first}));
  const Json newest_first = list(pages(2, "desc"));
  EXPECT_EQ(newest_first[1]["message_type"], "assistant_message");
  EXPECT_EQ(newest_first[2]["message_type"], "reasoning_message");
}

TEST_F(MessageViewsTest, EachAgentsMessagesAreShownAsInItsOwnList) {
  const std::string older = new_agent("memgpt_v2_agent");
  for (const std::string& agent_id : {one, older}) {
    add(new_message(agent_id));
    Message failed = new_message(agent_id);
    failed.is_err = true;
    add(failed);
    Message answer = new_message(agent_id, "assistant");
    answer.tool_calls = {{"call-1", "send_message", R"({"message":"hi"})"}};
    add(answer);
  }
  for (const char* order : {"asc", "desc"}) {
    ListMessages of_one;
    of_one.agent_id = one;
    of_one.order = order;
    ListMessages of_older = of_one;
    of_older.agent_id = older;
    const bool is_ascending = std::string_view(order) == "asc";
    Json expected = list(is_ascending ? of_one : of_older);
    for (Json& message : list(is_ascending ? of_older : of_one)) expected.push_back(message);
    EXPECT_EQ(list(pages(100, order)), expected);
  }
}

TEST_F(MessageViewsTest, TheDefaultThreadsAreListedWithoutConversations) {
  Message talk = new_message(one);
  talk.conversation_id = "conv-1";
  add(talk);
  const Ids elsewhere{add(new_message(one)), add(new_message(two))};
  ListAllMessages request = pages(100, "asc");
  request.conversation_id = "default";
  EXPECT_EQ(ids(request), elsewhere);
  request.conversation_id = "conv-2";
  EXPECT_EQ(ids(request), Ids{});
}

// A page that is empty before the end would end a client's iteration.
TEST_F(MessageViewsTest, AFilterByTypeFillsItsPages) {
  Ids answers;
  for (int i = 0; i < 3; ++i) {
    add(new_message(one));
    add(new_message(two));
    answers.push_back(add(new_message(i == 1 ? two : one, "assistant")));
  }
  ListAllMessages request = pages(2, "asc");
  request.include_return_message_types = {"assistant_message"};
  EXPECT_EQ(walk(request), answers);
  ListMessages of_one;
  of_one.agent_id = one;
  of_one.limit = 2;
  of_one.include_return_message_types = {"assistant_message"};
  EXPECT_EQ(ids(of_one), (Ids{answers[2], answers[0]}));
}

TEST_F(MessageViewsTest, WhatIsGoneIsPassedOver) {
  const Message lost = new_message(one);
  add(lost);
  const std::string kept = add(new_message(one));
  add(new_message(two));
  lose<MessageTable>(key_of(lost));
  lose<AgentTable>({two});
  EXPECT_EQ(ids(pages(1, "asc")), Ids{kept});
}

TEST_F(MessageViewsTest, OtherOrganisationsAreNeitherListedNorCursors) {
  const std::string theirs =
    add(new_message(new_agent("letta_v1_agent", "org-2"), "user", "org-2"));
  const std::string ours = add(new_message(one));
  EXPECT_EQ(ids(ListAllMessages{}), Ids{ours});
  ListAllMessages request;
  request.after = theirs;
  EXPECT_EQ(failure(request).code, Errc::not_found);
}

TEST_F(MessageViewsTest, SaysWhatIsWrongWithARequest) {
  ListAllMessages request;
  request.before = *new_child_id(Prefix::message, one, random);
  EXPECT_EQ(failure(request).code, Errc::not_found);
  EXPECT_EQ(failure(pages(-1, "asc")).where, "query.limit");
  EXPECT_EQ(failure(pages(1, "up")).where, "query.order");
  ListAllMessages typed;
  typed.include_return_message_types = {"song"};
  EXPECT_EQ(failure(typed).where, "query.include_return_message_types");
}

TEST_F(MessageViewsTest, ADamagedRecordIsAnErrorAndNoShorterList) {
  const Message damaged = new_message(one);
  add(damaged);
  rocksdb::WriteBatch raw;
  raw.Put(store->family(MessageTable::family), *encode_key(key_of(damaged)), "\x01garbage");
  ASSERT_TRUE(store->write(raw));
  EXPECT_EQ(failure({}).code, Errc::corruption);
}

}  // namespace
}  // namespace reverie
