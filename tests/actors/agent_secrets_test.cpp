// What an agent gives to its tools: stored sealed, shown to who asks, gone with the agent.

#include "runtime/agents/agent_secrets.hpp"
#include "tests/support/actor_fixture.hpp"

namespace reverie {
namespace {

class AgentSecretsTest : public testing::ActorFixture {
 protected:
  Result<Answer> create(const SecretValues& values) {
    CreateAgent request;
    request.agent_id = agent_id;
    request.model = "reverie/demo";
    request.secrets = values;
    return ask_router(agent_id, request);
  }
  Result<Answer> modify(const std::function<void(ModifyAgent&)>& edit) {
    ModifyAgent request;
    request.agent_id = agent_id;
    edit(request);
    return ask_router(agent_id, request);
  }

  // As the API shows them.
  Json shown(const std::vector<std::string>& include = {"agent.secrets"}) {
    RetrieveAgent request;
    request.agent_id = agent_id;
    request.include = include;
    request.is_sdk_v1 = true;
    const auto answer = ask_router(agent_id, request);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? Json::parse(answer->json).at("secrets") : Json();
  }
  SecretValues values() {
    SecretValues values;
    for (const Json& each : shown()) values[each.at("key")] = each.at("value");
    return values;
  }

  std::string agent_id = new_id(Prefix::agent, random);
};

TEST_F(AgentSecretsTest, AreShownToWhoAsks) {
  const auto created = create({{"A", "one"}, {"B", ""}});
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(Json::parse(created->json).at("secrets").size(), 2U);
  EXPECT_EQ(values(), (SecretValues{{"A", "one"}, {"B", ""}}));
  const Json first = shown().at(0);
  EXPECT_TRUE(first.at("id").get<std::string>().starts_with("agent-env-"));
  EXPECT_EQ(first.at("agent_id"), agent_id);
  EXPECT_EQ(shown({"agent.tags"}), Json::array());
}

TEST_F(AgentSecretsTest, AreStoredSealed) {
  ASSERT_TRUE(create({{"A", "clear-as-day"}}));
  const auto stored = Table<AgentSecretTable>{*store}.get({agent_id, "A"});
  ASSERT_TRUE(stored);
  EXPECT_EQ(encode(stored->value).find("clear-as-day"), std::string::npos);
  EXPECT_EQ(*secrets.open(AgentSecretTable::place({agent_id, "A"}), stored->value.sealed),
            "clear-as-day");
}

TEST_F(AgentSecretsTest, AChangeReplacesTheSet) {
  ASSERT_TRUE(create({{"A", "one"}, {"B", "two"}}));
  const Json before = shown();
  clock.advance(std::chrono::seconds{5});
  ASSERT_TRUE(modify([](ModifyAgent& request) { request.name = "Other"; }));
  EXPECT_EQ(shown(), before);
  ASSERT_TRUE(modify([](ModifyAgent& request) {
    request.tool_exec_environment_variables = SecretValues{{"B", "two"}, {"C", "three"}};
  }));
  EXPECT_EQ(values(), (SecretValues{{"B", "two"}, {"C", "three"}}));
  EXPECT_EQ(shown().at(0), before.at(1));  // what is the same stays as it was
  ASSERT_TRUE(modify([](ModifyAgent& request) { request.secrets = SecretValues{}; }));
  EXPECT_EQ(values(), SecretValues{});
}

TEST_F(AgentSecretsTest, ANameThatNoEnvironmentHasIsRefused) {
  EXPECT_EQ(create({{"A=B", "one"}}).error().code, Errc::invalid_argument);
  EXPECT_EQ(create({{"", "one"}}).error().where, "body.secrets");
  EXPECT_EQ(create({{"A", std::string("zero\0byte", 9)}}).error().code, Errc::invalid_argument);
}

TEST_F(AgentSecretsTest, GoWithTheirAgent) {
  ASSERT_TRUE(create({{"A", "one"}}));
  ASSERT_TRUE(ask_router(agent_id, DeleteAgent{agent_id}));
  EXPECT_FALSE(Table<AgentSecretTable>{*store}.get({agent_id, "A"}));
}

TEST_F(AgentSecretsTest, WithoutAKeyNoneAreTaken) {
  services.secrets = nullptr;
  EXPECT_EQ(create({{"A", "one"}}).error().code, Errc::unavailable);
  EXPECT_TRUE(create({}));
}

}  // namespace
}  // namespace reverie
