#include "config/ids.hpp"
#include "runtime/views/views.hpp"
#include "storage/indexes.hpp"
#include "storage/tables.hpp"
#include "tests/support/commit_now.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

using Ids = std::vector<std::string>;

Timestamp at(int second) {
  return Timestamp{std::chrono::seconds{second}};
}

class ConversationViewsTest : public ::testing::Test {
 protected:
  std::string new_agent(const std::string& org = "org-1") {
    Agent agent;
    agent.id = new_id(Prefix::agent, random);
    agent.org_id = org;
    Batch batch;
    Table<AgentTable>{*store}.add(batch, {agent.id}, agent);
    testing::commit_now(*store, std::move(batch));
    return agent.id;
  }

  Conversation new_conversation(const std::string& agent_id, int second) {
    Conversation made;
    made.id = *new_child_id(Prefix::conv, agent_id, random);
    made.agent_id = agent_id;
    made.org_id = "org-1";
    made.created_at = at(second);
    made.updated_at = made.created_at;
    return made;
  }

  std::string add(const Conversation& made) {
    Batch batch;
    Table<ConversationTable>{*store}.add(batch, {made.agent_id, made.id}, made);
    Table<ChildTable>{*store}.add(batch, {made.id}, {made.agent_id, 0});
    testing::commit_now(*store, std::move(batch));
    return made.id;
  }

  // A message of a conversation ("": of the default thread), the next of its agent.
  std::string say(const std::string& agent_id, const std::string& conversation_id,
                  bool is_first = false) {
    Message message;
    message.id = *new_child_id(Prefix::message, agent_id, random);
    message.agent_id = agent_id;
    message.org_id = "org-1";
    message.sequence_id = ++messages;
    message.content = {{"text", "number " + std::to_string(messages), "", {}}};
    message.created_at = at(static_cast<int>(messages));
    if (!conversation_id.empty()) message.conversation_id = conversation_id;
    const auto number = static_cast<std::uint64_t>(messages);
    Batch batch;
    Table<MessageTable>{*store}.add(batch, {agent_id, number}, message);
    Table<ChildTable>{*store}.add(batch, {message.id}, {agent_id, messages});
    if (!conversation_id.empty())
      Table<ConversationMessageTable>{*store}.put_unchecked(
        batch, {agent_id, conversation_id, is_first ? 0 : number}, {messages});
    testing::commit_now(*store, std::move(batch));
    return message.id;
  }

  Result<std::string> ask(const Request& request) const {
    return answer_request({*store, providers, "org-1", "user-1"}, request);
  }
  Json list(const Request& request) const {
    const auto answer = ask(request);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? Json::parse(*answer) : Json::array();
  }
  Ids ids(const Request& request) const {
    Ids ids;
    for (const Json& item : list(request)) ids.push_back(item["id"]);
    return ids;
  }

  // All pages, one after another, as a client goes through them.
  template <class R>
  Ids walk(R request) const {
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
  std::int64_t messages = 0;
  const std::string one = new_agent();
  const std::string two = new_agent();
};

ListConversations pages(std::int64_t limit, std::string order, std::string by = "created_at") {
  ListConversations request;
  request.limit = limit;
  request.order = std::move(order);
  request.order_by = std::move(by);
  return request;
}

TEST_F(ConversationViewsTest, AreListedNewestFirstAndOfOneAgent) {
  const std::string first = add(new_conversation(one, 1));
  const std::string second = add(new_conversation(two, 2));
  const std::string third = add(new_conversation(one, 3));
  EXPECT_EQ(ids(ListConversations{}), (Ids{third, second, first}));
  EXPECT_EQ(walk(pages(2, "asc")), (Ids{first, second, third}));
  ListConversations of_one = pages(1, "desc");
  of_one.agent_id = one;
  EXPECT_EQ(walk(of_one), (Ids{third, first}));
  EXPECT_EQ(ids(pages(0, "asc")), Ids{});
}

TEST_F(ConversationViewsTest, ThoseWithoutATimeAreLastInBothOrders) {
  Conversation early = new_conversation(one, 1);
  Conversation late = new_conversation(one, 2);
  early.last_message_at = at(10);
  late.last_message_at = at(20);
  late.last_run_completion = at(5);
  add(early);
  add(late);
  const std::string silent = add(new_conversation(one, 3));
  const std::string quiet = add(new_conversation(two, 4));
  for (const std::int64_t limit : {1, 2, 3, 50}) {
    EXPECT_EQ(walk(pages(limit, "asc", "last_message_at")),
              (Ids{early.id, late.id, silent, quiet}));
    EXPECT_EQ(walk(pages(limit, "desc", "last_message_at")),
              (Ids{late.id, early.id, quiet, silent}));
    EXPECT_EQ(walk(pages(limit, "desc", "last_run_completion")),
              (Ids{late.id, quiet, silent, early.id}));
  }
}

TEST_F(ConversationViewsTest, ASummaryIsFoundByAPartOfItInAnyCase) {
  Conversation trip = new_conversation(one, 1);
  trip.summary = "A trip to Rome";
  add(trip);
  add(new_conversation(one, 2));
  ListConversations request;
  request.summary_search = "ROME";
  EXPECT_EQ(ids(request), Ids{trip.id});
  request.summary_search = "Paris";
  EXPECT_EQ(ids(request), Ids{});
}

TEST_F(ConversationViewsTest, TheArchivedAreListedOnRequestAlone) {
  Conversation old = new_conversation(one, 1);
  old.archived_at = at(5);
  add(old);
  const std::string current = add(new_conversation(one, 2));
  ListConversations request;
  EXPECT_EQ(ids(request), Ids{current});
  request.archive_status = "archived";
  EXPECT_EQ(ids(request), Ids{old.id});
  request.archive_status = "all";
  EXPECT_EQ(ids(request), (Ids{current, old.id}));
  request.archive_status = "some";
  EXPECT_EQ(ask(request).error().where, "query.archive_status");
}

TEST_F(ConversationViewsTest, AnUnknownCursorIsTheFirstPageAndAWrongOrderIsRefused) {
  const std::string made = add(new_conversation(one, 1));
  ListConversations request;
  request.after = "conv-x";
  EXPECT_EQ(ids(request), Ids{made});
  EXPECT_EQ(ask(pages(1, "up")).error().where, "query.order");
  EXPECT_EQ(ask(pages(1, "asc", "name")).error().where, "query.order_by");
  EXPECT_EQ(ask(pages(-1, "asc")).error().where, "query.limit");
}

TEST_F(ConversationViewsTest, IsShownWithTheIdsOfItsContextWhenItIsRetrieved) {
  Conversation made = new_conversation(one, 1);
  made.isolated_blocks = {{"human", "block-1"}, {"persona", ""}};
  made.model_settings = RawJson{R"({"provider_type":"openai"})"};
  const std::string id = add(made);
  const std::string said = say(one, id);
  Batch batch;
  Table<ContextTable>{*store}.put_unchecked(batch, {one, id}, {{1}, uuid_bytes(said), 0, {}});
  testing::commit_now(*store, std::move(batch));
  const Json shown = list(RetrieveConversation{id});
  EXPECT_EQ(shown["in_context_message_ids"], Ids{said});
  EXPECT_EQ(shown["isolated_block_ids"], Ids{"block-1"});
  EXPECT_EQ(shown["model_settings"]["provider_type"], "openai");
  EXPECT_EQ(shown["summary"], nullptr);
  EXPECT_EQ(shown["last_message_at"], nullptr);
  EXPECT_EQ(list(ListConversations{})[0]["in_context_message_ids"], Ids{});
}

TEST_F(ConversationViewsTest, WhatIsNotThereOrNotOursIsNotFound) {
  Conversation theirs = new_conversation(new_agent("org-2"), 1);
  theirs.org_id = "org-2";
  add(theirs);
  for (const std::string& id : {theirs.id, *new_child_id(Prefix::conv, one, random),
                                std::string("conv-x"), *new_child_id(Prefix::run, one, random)}) {
    EXPECT_EQ(ask(RetrieveConversation{id}).error().code, Errc::not_found) << id;
    ListConversationMessages messages_of;
    messages_of.conversation_id = id;
    EXPECT_EQ(ask(messages_of).error().code, Errc::not_found) << id;
  }
  EXPECT_EQ(ids(ListConversations{}), Ids{});
}

TEST_F(ConversationViewsTest, ListsItsMessagesAloneInBothOrders) {
  const std::string id = add(new_conversation(one, 1));
  const std::string other = add(new_conversation(one, 2));
  Ids said;
  for (int i = 0; i < 4; ++i) {
    say(one, i % 2 == 0 ? other : "");
    said.push_back(say(one, id));
  }
  ListConversationMessages request;
  request.conversation_id = id;
  EXPECT_EQ(ids(request), Ids(said.rbegin(), said.rend()));
  request.limit = 3;
  request.order = "asc";
  EXPECT_EQ(walk(request), said);
  request.before = said[3];
  request.limit = 2;
  EXPECT_EQ(ids(request), (Ids{said[1], said[2]}));
  request.after = said[0];
  EXPECT_EQ(ids(request), (Ids{said[1], said[2]}));
  request.after = *new_child_id(Prefix::message, one, random);
  EXPECT_EQ(ask(request).error().code, Errc::not_found);

  ListMessages of_agent;
  of_agent.agent_id = one;
  of_agent.order = "asc";
  of_agent.conversation_id = id;
  EXPECT_EQ(ids(of_agent), said);
  of_agent.conversation_id = *new_child_id(Prefix::conv, one, random);
  EXPECT_EQ(ids(of_agent), Ids{});
  ListAllMessages of_all;
  of_all.order = "asc";
  of_all.conversation_id = id;
  EXPECT_EQ(ids(of_all), said);
}

// A fork's system message is newer than what it shares.
TEST_F(ConversationViewsTest, TheSystemMessageIsFirstWheneverItWasMade) {
  const std::string id = add(new_conversation(one, 1));
  const std::string shared = say(one, id);
  const std::string system = say(one, id, true);
  const std::string next = say(one, id);
  ListConversationMessages request;
  request.conversation_id = id;
  request.limit = 1;
  EXPECT_EQ(walk(request), (Ids{next, shared, system}));
  request.order = "asc";
  EXPECT_EQ(walk(request), (Ids{system, shared, next}));
  request.before = shared;
  EXPECT_EQ(ids(request), Ids{system});
}

TEST_F(ConversationViewsTest, TheDefaultThreadHasNoIdOfItsOwn) {
  const std::string plain = say(one, "");
  say(one, add(new_conversation(one, 1)));
  ListConversationMessages request;
  request.conversation_id = "default";
  EXPECT_EQ(ask(request).error().code, Errc::bad_request);
  request.agent_id = one;
  EXPECT_EQ(ids(request), Ids{plain});
  request.agent_id.reset();
  request.conversation_id = one;
  EXPECT_EQ(ids(request), Ids{plain});
}

}  // namespace
}  // namespace reverie
