// The conversations of an agent, asked for through the router as a client's requests are.

#include "actors/agent_record.hpp"
#include "actors/conversation_thread.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/commit_now.hpp"

namespace reverie {
namespace {

using Ids = std::vector<std::string>;

class ConversationsTest : public testing::ActorFixture {
 protected:
  std::string new_agent() {
    settings.actors.history_bytes_max = 0;  // say() writes past the agent
    CreateAgent request;
    request.agent_id = new_id(Prefix::agent, random);
    request.model = "reverie/demo";
    CreateBlockInAgent human;
    human.label = "human";
    human.value = "Name: Ada";
    CreateBlockInAgent persona;
    persona.label = "persona";
    persona.value = "Kind";
    request.memory_blocks = std::vector{human, persona};
    const std::string id = request.agent_id;
    const auto created = ask_router(id, request);
    EXPECT_TRUE(created) << created.error().message;
    return id;
  }

  Json ask(const std::string& object_id, Request request) {
    const auto answer = ask_router(object_id, std::move(request));
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? Json::parse(answer->json) : Json();
  }
  Error failure(const std::string& object_id, Request request) {
    const auto answer = ask_router(object_id, std::move(request));
    EXPECT_FALSE(answer);
    return answer ? Error{} : answer.error();
  }

  std::string create(const Ids& labels = {}) {
    CreateConversation request;
    request.agent_id = agent;
    if (!labels.empty()) request.isolated_block_labels = labels;
    return ask(agent, request)["id"];
  }
  Json fork(const std::string& id, std::optional<std::string> last = {}) {
    ForkConversation request;
    request.conversation_id = id;
    request.message_id = std::move(last);
    return ask(id == "default" ? agent : id, request);
  }
  Json read(const std::string& id) { return ask(id, RetrieveConversation{id}); }
  Ids context(const std::string& id) { return read(id)["in_context_message_ids"]; }

  Ids messages(const std::string& id) {
    ListConversationMessages request;
    request.conversation_id = id;
    request.agent_id = agent;
    request.order = "asc";
    Ids ids;
    for (const Json& message : ask("", request)) ids.push_back(message["id"]);
    return ids;
  }
  std::string system_text(const std::string& id) {
    ListConversationMessages request;
    request.conversation_id = id;
    request.order = "asc";
    return ask("", request)[0]["content"];
  }

  // What a run of the thread would leave, "" for the default one: `count` messages, in the context.
  Ids say(const std::string& id, int count, const std::string& role = "user") {
    AgentRecord record{services, agent};
    EXPECT_TRUE(record.load());
    AgentActivity activity = record.activity();
    Context thread = *record.context(id);
    Batch batch;
    Ids ids;
    for (int i = 0; i < count; ++i) {
      Message message;
      message.id = record.new_child(Prefix::message);
      message.agent_id = agent;
      message.org_id = "org-1";
      message.role = role;
      if (!id.empty()) message.conversation_id = id;
      message.sequence_id = ++activity.messages_count;
      message.content = {{"text", "number " + std::to_string(message.sequence_id), "", {}}};
      message.created_at = clock.now();
      add_message(record.tables(), batch, message);
      thread.add(message);
      ids.push_back(message.id);
    }
    record.tables().contexts.put_unchecked(batch, {agent, id}, thread);
    record.tables().activity.put(batch, {agent}, activity, record.activity_version());
    testing::commit_now(*store, std::move(batch));
    return ids;
  }

  void edit_block(const std::string& block_id, const std::string& value) {
    ModifyBlock request;
    request.block_id = block_id;
    request.value = value;
    EXPECT_TRUE(ask_router(block_id, request));
  }
  std::string block_of_agent(const std::string& label) {
    RetrieveAgentBlock request;
    request.agent_id = agent;
    request.block_label = label;
    return ask(agent, request)["id"];
  }
  bool is_there(const std::string& message_id) {
    return static_cast<bool>(ask_router("", RetrieveMessage{message_id}));
  }

  std::vector<std::string> rows(std::string_view family) const {
    std::vector<std::string> keys;
    const std::unique_ptr<rocksdb::Iterator> row{
      store->db().NewIterator({}, store->family(family))};
    for (row->SeekToFirst(); row->Valid(); row->Next()) keys.push_back(row->key().ToString());
    return keys;
  }

  const std::string agent = new_agent();
};

TEST_F(ConversationsTest, BeginsWithASystemMessageOfItsOwnInTheHomeOfItsAgent) {
  CreateConversation request;
  request.agent_id = agent;
  request.summary = "A trip";
  request.model = "reverie/demo";
  request.model_settings = RawJson{R"({"provider_type":"openai","temperature":0.5})"};
  const Json made = ask(agent, request);
  const std::string id = made["id"];
  EXPECT_TRUE(id.starts_with("conv-"));
  EXPECT_EQ(*home_of(id), *home_of(agent));
  EXPECT_EQ(made["agent_id"], agent);
  EXPECT_EQ(made["summary"], "A trip");
  EXPECT_EQ(made["model"], "reverie/demo");
  EXPECT_EQ(made["model_settings"]["temperature"], 0.5);
  EXPECT_EQ(made["created_by_id"], "user-1");
  EXPECT_EQ(made["in_context_message_ids"], Ids{});  // only a retrieval shows them
  EXPECT_EQ(context(id).size(), 1U);
  EXPECT_EQ(messages(id), context(id));
  EXPECT_NE(system_text(id).find("Name: Ada"), std::string::npos);
  EXPECT_NE(system_text(id).find("CONVERSATION_ID: " + id), std::string::npos);
  EXPECT_EQ(messages("default").size(), 1U);  // that of the agent
}

TEST_F(ConversationsTest, RefusesWhatItCannotBeMadeOf) {
  CreateConversation request;
  request.agent_id = agent;
  request.isolated_block_labels = Ids{"human", "nothing"};
  EXPECT_EQ(failure(agent, request).code, Errc::bad_request);
  request.isolated_block_labels.reset();
  for (const char* handle : {"demo", "/demo", "reverie/"}) {
    request.model = handle;
    EXPECT_EQ(failure(agent, request).where, "body.model") << handle;
  }
  request.model.reset();
  request.model_settings = RawJson{R"({"max_output_tokens":-1})"};
  EXPECT_EQ(failure(agent, request).code, Errc::invalid_argument);
  const std::string unknown = new_id(Prefix::agent, random);
  request = {};
  request.agent_id = unknown;
  EXPECT_EQ(failure(unknown, request).code, Errc::not_found);
  EXPECT_TRUE(rows(ConversationTable::family).empty());
}

TEST_F(ConversationsTest, AnUpdateChangesWhatItNames) {
  const std::string id = create();
  clock.advance(std::chrono::seconds{5});
  UpdateConversation request;
  request.conversation_id = id;
  request.summary = "Rome";
  const Json changed = ask(id, request);
  EXPECT_EQ(changed["summary"], "Rome");
  EXPECT_NE(changed["updated_at"], changed["created_at"]);
  request.summary.reset();
  request.last_message_at = clock.now();
  request.model = "reverie/demo";
  EXPECT_EQ(ask(id, request)["summary"], "Rome");
  EXPECT_EQ(read(id)["model"], "reverie/demo");
  EXPECT_NE(read(id)["last_message_at"], nullptr);
  request.model = "demo";
  EXPECT_EQ(failure(id, request).code, Errc::bad_request);
  request = {};
  request.conversation_id = *new_child_id(Prefix::conv, agent, random);
  EXPECT_EQ(failure(request.conversation_id, request).code, Errc::not_found);
}

TEST_F(ConversationsTest, AnIsolatedBlockIsACopyForItAlone) {
  const std::string id = create({"human", "human"});
  const Ids copies = read(id)["isolated_block_ids"];
  ASSERT_EQ(copies.size(), 1U);
  EXPECT_NE(copies[0], block_of_agent("human"));
  edit_block(copies[0], "Name: Grace");

  AgentRecord record{services, agent};
  ASSERT_TRUE(record.load());
  const auto conversation = record.conversation(id);
  ASSERT_TRUE(conversation);
  const auto memory = record.memory(conversation->value);
  EXPECT_EQ(memory->find("human")->value, "Name: Grace");
  EXPECT_TRUE(memory->is_own("human"));
  EXPECT_EQ(memory->labels(), (Ids{"human", "persona"}));
  EXPECT_EQ(record.memory()->find("human")->value, "Name: Ada");

  // The agent loses the label: the conversation still has its own. It loses that too: nothing is
  // in its place.
  DetachBlock detach;
  detach.agent_id = agent;
  detach.block_id = block_of_agent("human");
  ask(agent, detach);
  record.forget();
  ASSERT_TRUE(record.load());
  EXPECT_EQ(record.memory(conversation->value)->labels(), (Ids{"persona", "human"}));
  AttachBlock attach;
  attach.agent_id = agent;
  attach.block_id = detach.block_id;
  ask(agent, attach);
  record.forget();
  ASSERT_TRUE(record.load());
  Conversation without = conversation->value;
  EXPECT_TRUE(without.give_up(copies[0]));
  EXPECT_EQ(record.memory(without)->labels(), Ids{"persona"});
}

TEST_F(ConversationsTest, ItsSystemMessageStaysUntilItIsCompiledAgain) {
  const std::string id = create();
  const Ids before = context(id);
  edit_block(block_of_agent("human"), "Name: Grace");
  EXPECT_NE(system_text(id).find("Name: Ada"), std::string::npos);
  RecompileConversation request;
  request.conversation_id = id;
  request.dry_run = true;
  const std::string shown = ask(id, request);
  EXPECT_NE(shown.find("Name: Grace"), std::string::npos);
  EXPECT_NE(system_text(id).find("Name: Ada"), std::string::npos);
  request.dry_run = false;
  EXPECT_EQ(ask(id, request), shown);
  EXPECT_EQ(system_text(id), shown);
  EXPECT_EQ(context(id), before);  // the same message
}

TEST_F(ConversationsTest, AForkSharesTheMessagesAndHasASystemMessageOfItsOwn) {
  const std::string id = create();
  const Ids said = say(id, 3);
  const Json forked = fork(id);
  const std::string child = forked["id"];
  EXPECT_EQ(forked["summary"], nullptr);
  Ids expected = context(child);
  ASSERT_EQ(expected.size(), 4U);
  EXPECT_NE(expected[0], context(id)[0]);
  EXPECT_EQ(Ids(expected.begin() + 1, expected.end()), said);
  EXPECT_EQ(messages(child), expected);
  // What is said in one is not said in the other.
  const Ids more = say(child, 1);
  expected.push_back(more[0]);
  EXPECT_EQ(messages(child), expected);
  EXPECT_EQ(messages(id).size(), 4U);
}

TEST_F(ConversationsTest, AForkHasTheModelAndCopiesOfTheIsolatedBlocks) {
  const std::string id = create({"human"});
  UpdateConversation update;
  update.conversation_id = id;
  update.model = "reverie/demo";
  update.summary = "first";
  ask(id, update);
  const Ids copies = read(id)["isolated_block_ids"];
  edit_block(copies[0], "Name: Grace");
  const std::string child = fork(id)["id"];
  EXPECT_EQ(read(child)["model"], "reverie/demo");
  EXPECT_EQ(read(child)["summary"], nullptr);
  const Ids own = read(child)["isolated_block_ids"];
  ASSERT_EQ(own.size(), 1U);
  EXPECT_NE(own, copies);
  EXPECT_NE(system_text(child).find("Name: Grace"), std::string::npos);
  edit_block(own[0], "Name: Edsger");
  AgentRecord record{services, agent};
  ASSERT_TRUE(record.load());
  EXPECT_EQ(record.memory(record.conversation(id)->value)->find("human")->value, "Name: Grace");
}

TEST_F(ConversationsTest, AForkOfTheDefaultThreadMayEndAtAnEarlierMessage) {
  const Ids said = say("", 3);
  EXPECT_EQ(context(fork("default")["id"]).size(), 4U);
  const Ids cut = context(fork("default", said[1])["id"]);
  EXPECT_EQ(Ids(cut.begin() + 1, cut.end()), (Ids{said[0], said[1]}));
  // A call is never parted from its return.
  const Ids returned = say("", 1, "tool");
  const Ids whole = context(fork("default", said[2])["id"]);
  EXPECT_EQ(whole.back(), returned[0]);
  ForkConversation request;
  request.conversation_id = "default";
  request.message_id = *new_child_id(Prefix::message, agent, random);
  EXPECT_EQ(failure(agent, request).code, Errc::not_found);
}

TEST_F(ConversationsTest, DeletionTakesMessagesContextAndOwnBlocks) {
  const std::string id = create({"human"});
  const Ids said = say(id, 2);
  const Ids copies = read(id)["isolated_block_ids"];
  EXPECT_EQ(ask(id, DeleteConversation{id}), nullptr);
  EXPECT_EQ(failure(id, RetrieveConversation{id}).code, Errc::not_found);
  EXPECT_EQ(failure(id, DeleteConversation{id}).code, Errc::not_found);
  EXPECT_FALSE(is_there(said[0]));
  EXPECT_EQ(failure(copies[0], RetrieveBlock{copies[0]}).code, Errc::not_found);
  EXPECT_TRUE(rows(ConversationTable::family).empty());
  EXPECT_TRUE(rows(ConversationMessageTable::family).empty());
  EXPECT_EQ(rows(ContextTable::family).size(), 1U);
  EXPECT_EQ(messages("default").size(), 1U);
}

TEST_F(ConversationsTest, ALongConversationGoesInSeveralCommits) {
  const std::string id = create();
  const Ids said = say(id, static_cast<int>(conversation_batch_max) + 5);
  ask(id, DeleteConversation{id});
  EXPECT_FALSE(is_there(said.front()));
  EXPECT_FALSE(is_there(said.back()));
  EXPECT_TRUE(rows(ConversationMessageTable::family).empty());
  EXPECT_EQ(rows(MessageTable::family).size(), 1U);
}

TEST_F(ConversationsTest, WhatAForkShowsOutlivesTheThreadThatItComesFrom) {
  const std::string id = create();
  const Ids said = say(id, 2);
  const std::string child = fork(id)["id"];
  const std::string grandchild = fork(child)["id"];
  const Ids shown = messages(child);
  ask(id, DeleteConversation{id});
  EXPECT_EQ(messages(child), shown);
  EXPECT_EQ(messages(grandchild).size(), 3U);
  ask(child, DeleteConversation{child});
  EXPECT_EQ(messages(grandchild).size(), 3U);
  EXPECT_TRUE(is_there(said[0]));
  ask(grandchild, DeleteConversation{grandchild});
  EXPECT_FALSE(is_there(said[0]));
  EXPECT_TRUE(rows(SharedMessageTable::family).empty());
  EXPECT_EQ(rows(MessageTable::family).size(), 1U);
}

TEST_F(ConversationsTest, ADeletedForkLeavesTheThreadThatItComesFrom) {
  const std::string id = create();
  say(id, 2);
  const Ids shown = messages(id);
  const std::string child = fork(id)["id"];
  ask(child, DeleteConversation{child});
  EXPECT_EQ(messages(id), shown);
  EXPECT_TRUE(rows(SharedMessageTable::family).empty());
}

TEST_F(ConversationsTest, AResetOfTheDefaultThreadLeavesConversationsAlone) {
  const Ids plain = say("", 2);
  const std::string id = create();
  const Ids said = say(id, 2);
  ForkConversation request;
  request.conversation_id = "default";
  request.message_id = plain[0];
  const std::string child = ask(agent, request)["id"];
  ResetMessages reset;
  reset.agent_id = agent;
  ask(agent, reset);
  EXPECT_EQ(messages("default").size(), 1U);
  EXPECT_EQ(messages(id).size(), 3U);
  EXPECT_EQ(messages(child).back(), plain[0]);
  EXPECT_FALSE(is_there(plain[1]));
}

TEST_F(ConversationsTest, ARunUnderWayKeepsItsConversation) {
  const std::string id = create();
  AgentRecord record{services, agent};
  RunState state;
  state.run_id = *new_child_id(Prefix::run, agent, random);
  state.conversation_id = id;
  Batch batch;
  record.tables().run_states.put_unchecked(batch, {agent, state.run_id}, state);
  testing::commit_now(*store, std::move(batch));
  const Error busy = failure(id, DeleteConversation{id});
  EXPECT_EQ(busy.code, Errc::conflict);
  EXPECT_NE(busy.message.find("run_id=" + state.run_id), std::string::npos);
  EXPECT_NE(busy.message.find("is currently being processed"), std::string::npos);
}

TEST_F(ConversationsTest, GoWithTheirAgent) {
  const std::string id = create({"human"});
  say(id, 2);
  fork(id);
  DeleteAgent request;
  request.agent_id = agent;
  ask(agent, request);
  for (const auto family :
       {ConversationTable::family, ConversationMessageTable::family, SharedMessageTable::family,
        ContextTable::family, ChildTable::family, MessageTable::family, conversations_by_created})
    EXPECT_TRUE(rows(family).empty()) << family;
  EXPECT_EQ(rows(BlockTable::family).size(), 2U);  // those that were attached to the agent
}

}  // namespace
}  // namespace reverie
