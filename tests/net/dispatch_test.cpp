#include "net/dispatch.hpp"

#include "net/assets.hpp"
#include "net/not_built.hpp"
#include "tests/support/recorded_exchange.hpp"

#include <set>

#include <gtest/gtest.h>

namespace reverie {
namespace {

struct Part {
  std::string name;
  static constexpr std::string_view type_name = "Part";
  static constexpr auto fields() { return std::tuple{field(1, "name", &Part::name)}; }
};

struct Thing {
  std::string id;
  std::vector<Part> parts;
  static constexpr std::string_view type_name = "Thing";
  static constexpr auto fields() {
    return std::tuple{field(1, "id", &Thing::id, "Its name."), field(2, "parts", &Thing::parts)};
  }
};

struct ReadThing {
  std::string thing_name;
  std::vector<std::string> include;
  std::optional<std::int64_t> depth;
  std::string org_id;
  static constexpr std::string_view type_name = "ReadThing";
  static constexpr auto fields() {
    return std::tuple{field(1, "thing_name", &ReadThing::thing_name).from(In::path),
                      field(2, "include", &ReadThing::include).from(In::query),
                      field(3, "org_id", &ReadThing::org_id).from(In::server),
                      field(4, "depth", &ReadThing::depth).from(In::query)};
  }
};

struct CreateThing {
  std::string name;
  Patch<Part> first;
  static constexpr std::string_view type_name = "CreateThing";
  static constexpr auto fields() {
    return std::tuple{field(1, "name", &CreateThing::name).required(),
                      field(2, "first", &CreateThing::first)};
  }
};

void read_thing(Call<ReadThing> call) {
  call.reply_json("\"" + call.request().thing_name + " of " + call.identity().user_id + "\"");
}

void create_thing(Call<CreateThing> call) {
  call.stream()->send(sse_event(call.request().name));
}

RouteTable routes() {
  return {route(Method::get, "/v1/test-things/{thing_name}", "read_thing", "things", returns<Thing>,
                read_thing),
          route(Method::post, "/v1/test-things/", "create_thing", "things", returns_stream,
                create_thing)};
}

class DispatchTest : public ::testing::Test {
 protected:
  std::shared_ptr<testing::RecordedExchange> exchange(Method method, std::string_view target,
                                                      Headers headers = {}, std::string body = "") {
    HttpRequest request;
    EXPECT_TRUE(read_target(target, options.path_prefix, request));
    request.method = method;
    request.headers = std::move(headers);
    request.body = std::move(body);
    auto recorded = std::make_shared<testing::RecordedExchange>();
    if (!dispatcher) dispatcher.emplace(routes(), options, nullptr, metrics);
    dispatcher->dispatch(std::move(request), recorded);
    return recorded;
  }

  HttpResponse send(Method method, std::string_view target, Headers headers = {},
                    std::string body = "") {
    return exchange(method, target, std::move(headers), std::move(body))->response.value();
  }

  HttpResponse get(std::string_view target, Headers headers = {}) {
    return send(Method::get, target, std::move(headers));
  }

  Metrics metrics;
  DispatcherOptions options;
  std::optional<Dispatcher> dispatcher;
};

TEST_F(DispatchTest, CallsTheRoute) {
  const auto answered = exchange(Method::get, "/latest/test-things/a%20b/");
  EXPECT_EQ(answered->response->status, 200);
  EXPECT_EQ(answered->response->body, "\"a b of " + std::string(default_user_id) + "\"");
  EXPECT_EQ(answered->response->content_type, "application/json");
  EXPECT_EQ(answered->operation_id, "read_thing");
}

TEST_F(DispatchTest, OpensStreams) {
  const auto answered = exchange(Method::post, "/v1/test-things",
                                 {{"content-type", "application/json"}}, R"({"name":"n"})");
  ASSERT_TRUE(answered->stream);
  EXPECT_EQ(answered->stream->text, "data: n\n\n");
}

TEST_F(DispatchTest, ChecksWhoOpensAWebSocket) {
  options.auth = {true, "opensesame", {}};
  EXPECT_EQ(get("/v1/ws").status, 401);
  EXPECT_EQ(get("/v1/ws", {{"authorization", "Bearer opensesame"}}).status, 426);
  const Header token{"sec-websocket-protocol", "reverie.v1, reverie.token.b3BlbnNlc2FtZQ"};
  EXPECT_EQ(get("/v1/ws", {token}).status, 426);
  EXPECT_EQ(get("/v1/ws", {token, {"origin", "https://evil.test"}, {"host", "h"}}).status, 403);
  EXPECT_EQ(get("/v1/ws", {token, {"origin", "https://h"}, {"host", "h"}}).status, 426);
  EXPECT_EQ(get("/v1/ws", {token, {"origin", "http://localhost:3000"}, {"host", "h"}}).status, 426);
}

TEST_F(DispatchTest, SaysWhatIsNotThere) {
  EXPECT_EQ(get("/v1/nothing").status, 404);
  EXPECT_EQ(get("/v1/nothing").body, R"({"detail":"Not Found"})");
  for (const Method method : {Method::put, Method::head, Method::options, Method::other}) {
    const HttpResponse response = send(method, "/v1/test-things");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.body, R"({"detail":"Method Not Allowed"})");
    EXPECT_EQ(response.headers.get("allow"), "POST");
  }
}

TEST_F(DispatchTest, SaysWhatIsNotBuilt) {
  for (const ContractOperation& operation : not_built_operations()) {
    const auto answered = exchange(operation.method, operation.path);
    EXPECT_EQ(answered->response->status, 501) << operation.path;
    EXPECT_EQ(answered->response->headers.get("x-should-retry"), "false");
    EXPECT_EQ(answered->operation_id, operation.operation_id);
  }
  for (const ContractOperation& operation : hosted_only_operations())
    EXPECT_EQ(send(operation.method, operation.path).body, R"({"detail":"Not Found"})");
}

TEST_F(DispatchTest, RefusesAMalformedUser) {
  const HttpResponse response = get("/v1/test-things/x", {{"user_id", "me"}});
  EXPECT_EQ(response.status, 400);
}

TEST_F(DispatchTest, ASecureServerAsksForThePasswordEverywhere) {
  options.auth = {true, "pw", {}};
  for (const char* path :
       {"/", "/docs", "/redoc", "/openapi.json", "/metrics", "/v1/nothing", "/v1/test-things/x"})
    EXPECT_EQ(get(path).status, 401) << path;
  EXPECT_EQ(get("/v1/test-things/x", {{"authorization", "Bearer pw"}}).status, 200);
  EXPECT_EQ(send(Method::options, "/v1/test-things/x",
                 {{"origin", "http://localhost:3000"}, {"access-control-request-method", "GET"}})
              .status,
            200);
  const auto refused = get("/v1/test-things/x", {{"origin", "http://localhost:3000"}});
  EXPECT_EQ(refused.status, 401);  // and the page may read that
  EXPECT_EQ(refused.headers.get("access-control-allow-origin"), "http://localhost:3000");
}

TEST_F(DispatchTest, ServesItsOwnPages) {
  options.path_prefix = "/letta";
  EXPECT_EQ(get("/letta/").status, 307);
  EXPECT_EQ(get("/").headers.get("location"), "/letta/docs");
  const HttpResponse docs = get("/letta/docs");
  EXPECT_EQ(docs.content_type, "text/html; charset=utf-8");
  EXPECT_NE(docs.body.find("/letta/"), std::string::npos);
  EXPECT_EQ(docs.body.find("{prefix}"), std::string::npos);
  EXPECT_EQ(docs.body.find("http"), std::string::npos);  // nothing from elsewhere
  EXPECT_NE(docs.headers.get("content-security-policy").find("default-src 'none'"),
            std::string_view::npos);
  EXPECT_EQ(get("/redoc").status, 200);
  EXPECT_EQ(get("/docs/start.js").status, 200);
  EXPECT_EQ(get("/docs/other.js").status, 404);
  EXPECT_EQ(get("/metrics").content_type, metrics_content_type);
  EXPECT_EQ(send(Method::post, "/metrics").status, 405);
}

TEST_F(DispatchTest, AssetsAreSentCompressed) {
  for (const Asset& asset : embedded_assets()) {
    const HttpResponse response = get("/docs/" + std::string(asset.name));
    EXPECT_EQ(response.status, 200) << asset.name;
    EXPECT_EQ(response.headers.get("content-encoding"), "gzip");
    EXPECT_TRUE(response.body.starts_with("\x1f\x8b"));
  }
}

TEST_F(DispatchTest, DescribesItsRoutes) {
  const Json document = Json::parse(get("/openapi.json").body);
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_EQ(document["servers"][0]["url"], "/");
  const Json& read = document["paths"]["/v1/test-things/{thing_name}"]["get"];
  EXPECT_EQ(read["operationId"], "read_thing");
  EXPECT_EQ(read["tags"], (Json{"things"}));
  ASSERT_EQ(read["parameters"].size(), 3U);
  EXPECT_EQ(read["parameters"][0]["in"], "path");
  EXPECT_EQ(read["parameters"][0]["required"], true);
  EXPECT_EQ(read["parameters"][1]["schema"]["type"], "array");
  EXPECT_EQ(read["parameters"][2]["schema"], (Json{{"type", "integer"}}));
  EXPECT_FALSE(read.contains("requestBody"));
  EXPECT_EQ(read["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/Thing");
  const Json& create = document["paths"]["/v1/test-things/"]["post"];
  EXPECT_EQ(create["requestBody"]["required"], true);
  EXPECT_TRUE(create["responses"]["200"]["content"].contains("text/event-stream"));
}

TEST(Openapi, NamesAnswersThatNoRecordLists) {
  Json components = Json::object();
  const Json schema = returns<std::vector<ApiObject<"Tool">>>(components);
  EXPECT_EQ(schema, (Json{{"type", "array"}, {"items", {{"$ref", "#/components/schemas/Tool"}}}}));
  EXPECT_EQ(components, (Json{{"Tool", {{"type", "object"}, {"title", "Tool"}}}}));
}

// Each reference of the document leads somewhere.
TEST_F(DispatchTest, TheDocumentIsComplete) {
  const Json document = Json::parse(get("/openapi.json").body);
  const std::function<void(const Json&)> check = [&](const Json& node) {
    if (node.is_object() && node.contains("$ref")) {
      const auto reference = node["$ref"].get<std::string>();
      ASSERT_TRUE(reference.starts_with("#/"));
      EXPECT_TRUE(document.contains(Json::json_pointer(reference.substr(1)))) << reference;
    }
    for (const Json& child : node)
      if (child.is_structured()) check(child);
  };
  check(document);
  std::set<std::string> schemas;
  for (const auto& [name, schema] : document["components"]["schemas"].items()) schemas.insert(name);
  EXPECT_EQ(schemas, (std::set<std::string>{"CreateThing", "Part", "Thing"}));
}

TEST_F(DispatchTest, ASecureDocumentSaysSo) {
  options.auth = {true, "pw", {}};
  const Json document =
    Json::parse(get("/openapi.json", {{"x-bare-password", "password pw"}}).body);
  EXPECT_TRUE(document["components"]["securitySchemes"].contains("bearerAuth"));
}

}  // namespace
}  // namespace reverie
