#include "tests/scripted_model/service.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace reverie::scripted {
namespace {

using Json = nlohmann::json;
using std::chrono::microseconds;

HttpRequest request(const std::string& method, const std::string& target, const Json& body = {}) {
  HttpRequest out;
  out.method = method;
  out.path = target.substr(0, target.find('?'));
  if (out.path.size() < target.size()) out.query = target.substr(out.path.size() + 1);
  if (!body.is_null()) out.body = body.dump();
  return out;
}

Json chat_body(const std::string& text) {
  return {{"model", "m"}, {"messages", {{{"role", "user"}, {"content", text}}}}};
}

Response ask(Service& service, const std::string& text) {
  return service.answer(request("POST", "/v1/chat/completions", chat_body(text)));
}

Json get(Service& service, const std::string& target) {
  return Json::parse(service.answer(request("GET", target)).body);
}

TEST(Service, ServesTheSamePathsWithAndWithoutV1) {
  Service service{Settings{}};
  for (const char* path : {"/v1/models", "/models", "/api/tags", "/api/v0/models", "/__health"})
    EXPECT_EQ(service.answer(request("GET", path)).status, 200) << path;
  for (const char* path : {"/v1/chat/completions", "/chat/completions", "/api/v0/chat/completions",
                           "/messages", "/v1/messages", "/v1/messages/count_tokens"})
    EXPECT_EQ(service.answer(request("POST", path, chat_body("hi"))).status, 200) << path;
  EXPECT_EQ(service.answer(request("GET", "/v1/nothing")).status, 404);
  EXPECT_EQ(service.answer(request("GET", "/v1/messages")).status, 404);
}

TEST(Service, ListsAnthropicModelsToItsClients) {
  Service service{Settings{}};
  auto list = request("GET", "/v1/models");
  EXPECT_EQ(Json::parse(service.answer(list).body)["object"], "list");
  list.headers.emplace_back("anthropic-version", "2023-06-01");
  EXPECT_EQ(Json::parse(service.answer(list).body)["data"][0]["type"], "model");
}

TEST(Service, TellsContextWindowsAsEachServerDoes) {
  Service service{Settings{}};
  EXPECT_EQ(get(service, "/v1/models")["data"][0]["max_model_len"], 128'000);
  EXPECT_EQ(get(service, "/api/v0/models")["data"][0]["max_context_length"], 32'768);
  const auto show = service.answer(request("POST", "/api/show", {{"model", "scripted"}}));
  EXPECT_EQ(Json::parse(show.body)["model_info"]["llama.context_length"], 32'768);
}

TEST(Service, RefusesWhatIsNotJson) {
  Service service{Settings{}};
  auto broken = request("POST", "/v1/messages");
  broken.body = "{\"messages\": [";
  const Response response = service.answer(broken);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(Json::parse(response.body)["error"]["type"], "invalid_request_error");
  EXPECT_EQ(get(service, "/__journal/last")["body"], broken.body);
}

TEST(Service, RefusesAHistoryThatNoVendorTakes) {
  Service service{Settings{}};
  Json body = chat_body("hi");
  body["messages"].push_back({{"role", "tool"}, {"tool_call_id", "x"}, {"content", "r"}});
  const auto ask_with_it = request("POST", "/v1/chat/completions", body);
  EXPECT_EQ(service.answer(ask_with_it).status, 400);
  EXPECT_EQ(get(service, "/__stats")["invalid_histories"], 1);
  service.answer(request("POST", "/__config", {{"check_history", false}}));
  EXPECT_EQ(service.answer(ask_with_it).status, 200);
}

TEST(Service, FailsTheFirstRequestsOnly) {
  Service service{Settings{}};
  const std::string script = "[[error 429 n=2]][[say fine]]";
  const Response first = ask(service, script);
  EXPECT_EQ(first.status, 429);
  EXPECT_TRUE(first.may_retry_at_once);
  EXPECT_EQ(ask(service, script).status, 429);
  EXPECT_EQ(ask(service, script).status, 200);
  service.answer(request("DELETE", "/__journal"));
  EXPECT_EQ(ask(service, script).status, 429);
}

TEST(Service, SaysHowTheAnswerIsDelivered) {
  Settings settings;
  settings.latency_ms = 10;
  settings.tokens_per_s = 100;
  Service service{settings};
  const Response slow = ask(service, "[[delay 200ms]][[drop after=3]][[say x]]");
  EXPECT_EQ(slow.wait, microseconds(210'000));
  EXPECT_EQ(slow.gap, microseconds(10'000));
  EXPECT_EQ(slow.drop_after, 3U);
  EXPECT_FALSE(slow.hangs);
  EXPECT_TRUE(ask(service, "[[hang]]").hangs);
}

TEST(Service, StreamsWhenAsked) {
  Service service{Settings{}};
  Json body = chat_body("hi");
  body["stream"] = true;
  EXPECT_TRUE(service.answer(request("POST", "/v1/chat/completions", body)).events);
  EXPECT_FALSE(ask(service, "hi").events);
}

TEST(Service, KeepsAJournal) {
  Settings settings;
  settings.journal_size = 3;
  Service service{settings};
  for (const char* text : {"one", "two", "[[reason why]][[say three]]", "four"}) ask(service, text);
  const Json all = get(service, "/__journal");
  EXPECT_EQ(all["count"], 3);
  EXPECT_EQ(all["last_seq"], 4);
  const Json& three = all["entries"][1];
  EXPECT_EQ(three["seq"], 3);
  EXPECT_EQ(three["path"], "/v1/chat/completions");
  EXPECT_EQ(three["body"]["model"], "m");
  EXPECT_EQ(three["reply"]["content"], "three");
  EXPECT_EQ(three["reply"]["reasoning"], "why");
  EXPECT_EQ(get(service, "/__journal?since=3")["count"], 1);
  EXPECT_EQ(get(service, "/__journal?contains=t%77o")["entries"][0]["seq"], 2);
  EXPECT_EQ(get(service, "/__journal?path=/embeddings")["count"], 0);
  EXPECT_EQ(get(service, "/__journal?limit=1")["entries"][0]["seq"], 4);
  EXPECT_EQ(get(service, "/__journal/last")["seq"], 4);
  service.answer(request("DELETE", "/__journal"));
  EXPECT_EQ(service.answer(request("GET", "/__journal/last")).status, 404);
}

TEST(Service, KeepsNoJournalIfToldSo) {
  Settings settings;
  settings.journal = false;
  Service service{settings};
  ask(service, "one");
  EXPECT_EQ(get(service, "/__journal")["last_seq"], 1);
  EXPECT_EQ(get(service, "/__stats")["journal"], 0);
}

TEST(Service, ChangesSettingsWhileItRuns) {
  Service service{Settings{}};
  const auto change = service.answer(request("POST", "/__config", {{"latency_ms", 50}}));
  EXPECT_EQ(Json::parse(change.body)["latency_ms"], 50);
  EXPECT_EQ(ask(service, "hi").wait, microseconds(50'000));
  EXPECT_EQ(service.answer(request("POST", "/__config", {{"latency_ms", "x"}})).status, 400);
}

TEST(Service, EmbedsTexts) {
  Service service{Settings{}};
  const auto embed_all = [&](const Json& body) {
    return service.answer(request("POST", "/v1/embeddings", body));
  };
  const Json list = Json::parse(
    embed_all({{"model", "openai/text-embedding-3-large"}, {"input", {"a", "b"}}}).body);
  EXPECT_EQ(list["data"].size(), 2U);
  EXPECT_EQ(list["data"][1]["embedding"].size(), 3072U);
  const Json small =
    Json::parse(embed_all({{"input", "a"}, {"dimensions", 3}, {"encoding_format", "base64"}}).body);
  EXPECT_EQ(small["data"][0]["embedding"].get<std::string>().size(), 16U);
  EXPECT_EQ(embed_all({{"input", "[[error embed]]"}}).status, 500);
  EXPECT_EQ(embed_all({{"input", "[[error 500]]"}}).status, 200);
  EXPECT_EQ(get(service, "/__stats")["embedded_texts"], 5);
}

}  // namespace
}  // namespace reverie::scripted
