#include "net/route.hpp"

#include "config/ids.hpp"
#include "config/json_text.hpp"
#include "config/random.hpp"
#include "net/json_body.hpp"
#include "net/route_tree.hpp"
#include "tests/support/recorded_exchange.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

struct UpdateThing {
  std::string agent_id;
  std::vector<std::string> tags;
  std::optional<std::int64_t> limit;
  bool force = false;
  std::string value;
  Patch<std::string> note;
  std::string org_id;

  static constexpr std::string_view type_name = "UpdateThing";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &UpdateThing::agent_id).from(In::path),
      field(2, "tags", &UpdateThing::tags).from(In::query),
      field(3, "limit", &UpdateThing::limit, "How many.").from(In::query),
      field(4, "force", &UpdateThing::force).from(In::query),
      field(5, "value", &UpdateThing::value).required(),
      field(6, "note", &UpdateThing::note),
      field(7, "org_id", &UpdateThing::org_id).from(In::server),
    };
  }
  static Status validate(const UpdateThing& thing) {
    if (thing.limit && *thing.limit > 100)
      return Error{Errc::invalid_argument, "Input should be less than or equal to 100", "limit"};
    return {};
  }
};

const std::string agent_id = "agent-00000000-0000-4000-8000-000000000000";

// What the handler below was called with.
std::optional<UpdateThing> seen;

void update_thing(Call<UpdateThing> call) {
  seen = call.request();
  call.reply_json("{}");
}

class RouteTest : public ::testing::Test {
 protected:
  void SetUp() override { seen.reset(); }

  HttpResponse send(std::string_view target, std::string body,
                    std::string content_type = "application/json") {
    HttpRequest request;
    request.method = Method::patch;
    EXPECT_TRUE(read_target(target, "", request));
    request.body = std::move(body);
    if (!content_type.empty()) request.headers.add("content-type", std::move(content_type));
    const auto exchange = std::make_shared<testing::RecordedExchange>();
    std::vector<std::string_view> values{request.segments.at(2)};
    run_route(update, values, CallBase(std::move(request), {"org-1", "user-1"}, exchange, nullptr));
    return exchange->response.value();
  }

  HttpResponse send(std::string body) { return send("/v1/agents/" + agent_id, std::move(body)); }

  std::string refused(const HttpResponse& response) {
    EXPECT_EQ(response.status, 422);
    const Json json = Json::parse(response.body);
    EXPECT_EQ(json["trace_id"], "");
    return json["detail"].get<std::string>();
  }

  Route update = route(Method::patch, "/v1/agents/{agent_id}", "update_thing", "things",
                       returns<UpdateThing>, update_thing);
};

TEST_F(RouteTest, TakesEachMemberFromItsPlace) {
  const auto response =
    send("/v1/agents/" + agent_id + "?tags=a&tags=b&limit=5&force=yes&value=query&unknown=1",
         R"({"value":"body","limit":9,"org_id":"org-evil","agent_id":"x","unknown":{}})");
  EXPECT_EQ(response.status, 200);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->agent_id, agent_id);
  EXPECT_EQ(seen->tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(seen->limit, 5);
  EXPECT_TRUE(seen->force);
  EXPECT_EQ(seen->value, "body");
  EXPECT_FALSE(seen->note.is_present);
  EXPECT_EQ(seen->org_id, "org-1");
}

TEST_F(RouteTest, NamesTheMemberThatIsWrong) {
  EXPECT_EQ(refused(send("{}")), "body.value: field required");
  EXPECT_EQ(refused(send("")), "body.value: field required");
  EXPECT_EQ(refused(send("null")), "body.value: field required");
  EXPECT_EQ(refused(send(R"({"value":[]})")), "body.value: expected string, got array");
  EXPECT_EQ(refused(send("[]")), "body: expected object, got array");
  EXPECT_EQ(refused(send("/v1/agents/" + agent_id + "?limit=many", R"({"value":""})")),
            "query.limit: expected integer, got string");
  EXPECT_EQ(refused(send("/v1/agents/" + agent_id + "?limit=101", R"({"value":""})")),
            "query.limit: Input should be less than or equal to 100");
  EXPECT_FALSE(seen);
}

TEST_F(RouteTest, RefusesWhatIsNoJson) {
  EXPECT_EQ(refused(send("{")), "body: not valid JSON at byte 2");
  for (const char* type :
       {"", "text/plain", "application/x-www-form-urlencoded", "application/jso"})
    EXPECT_EQ(refused(send("/v1/agents/" + agent_id, R"({"value":""})", type)),
              "body: expected content-type: application/json");
  for (const char* type :
       {"application/json; charset=utf-8", "Application/JSON ;x", "application/merge-patch+json"})
    EXPECT_EQ(send("/v1/agents/" + agent_id, R"({"value":""})", type).status, 200) << type;
}

TEST_F(RouteTest, ChecksIdsBeforeAllElse) {
  for (const char* id : {"x", "agent-1", "block-00000000-0000-4000-8000-000000000000",
                         "agent-00000000-0000-1000-8000-000000000000",
                         "AGENT-00000000-0000-4000-8000-000000000000"}) {
    const HttpResponse response = send(std::string("/v1/agents/") + id, "not json");
    EXPECT_EQ(refused(response), "path.agent_id: String should match pattern 'agent-{uuid4}'");
    EXPECT_EQ(Json::parse(response.body)["examples"][0],
              "agent-123e4567-e89b-42d3-8456-426614174000");
  }
}

struct ReadConversation {
  std::string conversation_id;
  static constexpr std::string_view type_name = "ReadConversation";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "conversation_id", &ReadConversation::conversation_id).from(In::path)};
  }
};

int status_of(std::string_view path, std::string_view id) {
  const Route read = route(
    Method::get, path, "read", "conversations", returns_null,
    +[](Call<ReadConversation> call) { call.reply_null(); });
  const auto exchange = std::make_shared<testing::RecordedExchange>();
  run_route(read, {id}, CallBase(HttpRequest{}, {}, exchange, nullptr));
  return exchange->response->status;
}

TEST(RouteIds, AConversationHasThreeNames) {
  const std::string conversation = "conv-00000000-0000-4000-8000-000000000000";
  const std::string_view messages = "/v1/conversations/{conversation_id}/messages";
  for (const std::string& id : {conversation, agent_id, std::string("default")})
    EXPECT_EQ(status_of(messages, id), 200) << id;
  EXPECT_EQ(status_of(messages, "other"), 422);
  const std::string_view itself = "/v1/conversations/{conversation_id}";
  EXPECT_EQ(status_of(itself, conversation), 200);
  EXPECT_EQ(status_of(itself, "default"), 422);
  EXPECT_EQ(status_of(itself, agent_id), 422);
}

TEST(JsonBody, IsBounded) {
  const auto nested = [](std::size_t depth) {
    return read_json_body(std::string(depth, '[') + std::string(depth, ']'));
  };
  EXPECT_TRUE(nested(json_depth_max));
  EXPECT_FALSE(nested(json_depth_max + 1));
  EXPECT_FALSE(nested(1'000'000));
  EXPECT_TRUE(
    read_json_body("\"" + std::string(1'000, '[') + "\\\"" + std::string(1'000, '{') + "\""));
}

TEST(JsonBody, MendsHalvesOfAPair) {
  const auto text = [](std::string_view escaped) {
    const auto json = read_json_body("{\"a\":\"" + std::string(escaped) + "\"}");
    return json ? (*json)["a"].get<std::string>() : json.error().message;
  };
  EXPECT_EQ(text(R"(\ud83d\ude00)"), "\xf0\x9f\x98\x80");
  EXPECT_EQ(text(R"(x\ud83d)"), "x\xef\xbf\xbd");
  EXPECT_EQ(text(R"(\ude00x\ud83d\ud83d\ude00)"), "\xef\xbf\xbdx\xef\xbf\xbd\xf0\x9f\x98\x80");
  EXPECT_EQ(text(R"(\\ud83d)"), R"(\ud83d)");
  EXPECT_EQ(text(R"(\ud83)"), "not valid JSON at byte 12");
}

TEST(JsonBody, RefusesWhatIsNoJson) {
  EXPECT_FALSE(read_json_body("{\"a\":\"\xff\"}"));
  EXPECT_EQ(read_json_body("{\"a\":1e400}").error().message, "a number is too large");
  EXPECT_EQ(read_json_body(std::string_view("{}\0{}", 5)).error().message,
            "not valid JSON at byte 3");
}

class RouteTreeTest : public ::testing::Test {
 protected:
  void add(Method method, std::string_view path) { EXPECT_TRUE(tree.add(method, path, next++)); }
  RouteMatch find(Method method, std::string_view path) {
    EXPECT_TRUE(read_target(path, "", request));
    return tree.find(method, request.segments);
  }

  RouteTree tree;
  HttpRequest request;
  int next = 0;
};

TEST_F(RouteTreeTest, FindsRoutesAndTheirParameters) {
  add(Method::get, "/v1/agents/");
  add(Method::get, "/v1/agents/{agent_id}");
  add(Method::get, "/v1/agents/count");
  add(Method::patch, "/v1/agents/{agent_id}/blocks/{label}");
  EXPECT_EQ(find(Method::get, "/v1/agents").index, 0);
  EXPECT_EQ(find(Method::get, "/v1/agents/").index, 0);
  EXPECT_EQ(find(Method::get, "/v1/agents/count").index, 2);
  const RouteMatch one = find(Method::get, "/v1/agents/a-1");
  EXPECT_EQ(one.index, 1);
  EXPECT_EQ(one.values, (std::vector<std::string_view>{"a-1"}));
  const RouteMatch two = find(Method::patch, "/v1/agents/a/blocks/b%2Fc");
  EXPECT_EQ(two.index, 3);
  EXPECT_EQ(two.values, (std::vector<std::string_view>{"a", "b/c"}));
}

TEST_F(RouteTreeTest, TellsWrongMethodsFromWrongPaths) {
  add(Method::get, "/v1/agents");
  add(Method::post, "/v1/agents");
  EXPECT_EQ(find(Method::del, "/v1/agents").allow, "GET, POST");
  EXPECT_EQ(find(Method::head, "/v1/agents").allow, "GET, POST");
  for (const char* path : {"/v1", "/", "/v1/agents/x", "/v1/agents//", "/v1//agents"}) {
    EXPECT_EQ(find(Method::get, path).index, -1) << path;
    EXPECT_EQ(find(Method::get, path).allow, "") << path;
  }
}

// A literal that has no such method does not hide the parameter that has.
TEST_F(RouteTreeTest, GoesBackFromALiteral) {
  add(Method::post, "/v1/tools/run");
  add(Method::get, "/v1/tools/{tool_id}");
  add(Method::get, "/v1/tools/run/{id}/x");
  EXPECT_EQ(find(Method::get, "/v1/tools/run").index, 1);
  EXPECT_EQ(find(Method::post, "/v1/tools/run").index, 0);
  EXPECT_EQ(find(Method::get, "/v1/tools/run/1/x").values.size(), 1U);
}

TEST_F(RouteTreeTest, APathIsTakenOnce) {
  add(Method::get, "/v1/{a}");
  EXPECT_FALSE(tree.add(Method::get, "/v1/{b}/", 9));
}

TEST(Routes, ParametersOfAPath) {
  EXPECT_EQ(parameters_of("/v1/{a}/x/{b}/"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_TRUE(parameters_of("/v1/").empty());
}

}  // namespace
}  // namespace reverie
