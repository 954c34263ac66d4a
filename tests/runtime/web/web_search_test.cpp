#include "runtime/web/web_search.hpp"

#include "tests/support/http_stub.hpp"

#include <atomic>
#include <future>
#include <string>

#include <gtest/gtest.h>

namespace reverie {
namespace {

using testing::HttpStub;
using testing::StubConnection;
using testing::StubRequest;

WebSettings settings_of(const std::string& provider, const std::string& url) {
  WebSettings settings;
  settings.search_provider = provider;
  settings.search_url = url;
  settings.exa_api_key = "exa-key";
  settings.tavily_api_key = "tavily-key";
  settings.brave_api_key = "brave-key";
  settings.search_retry_ms = 1;
  return settings;
}

Timestamp day(const std::string& text) {
  return *from_rfc3339(text + "T00:00:00Z");
}

SearchQuery query_of(const std::string& text) {
  SearchQuery query;
  query.text = text;
  query.now = day("2026-11-28");
  return query;
}

Result<std::string> search(const WebSettings& settings, SearchQuery query,
                           const Secrets& secrets = {}, std::int64_t time_ms = 60'000) {
  HttpClient http;
  WebSearch web_search(http, settings);
  std::promise<Result<std::string>> promise;
  const auto task =
    web_search.search(std::move(query), secrets, time_ms,
                      [&](Result<std::string> answer) { promise.set_value(std::move(answer)); });
  return promise.get_future().get();
}

// What the provider answers, always.
HttpStub::Handler answers(std::string body) {
  return [body = std::move(body)](const StubRequest&, StubConnection& connection) {
    connection.reply(200, body);
  };
}

Json asked_body(const HttpStub& stub) {
  return Json::parse(stub.requests().at(0).body);
}

constexpr const char* nothing_found = R"({"results": []})";

TEST(WebSearch, AsksExaAndReadsItsAnswer) {
  HttpStub stub(answers(R"({"requestId": "r", "results": [
    {"title": "One", "url": "https://a.example/1", "publishedDate": "2026-01-02T00:00:00.000Z",
     "author": "A. Writer", "text": "The whole text", "highlights": ["first", "second"],
     "highlightScores": [0.5, 0.4]},
    {"title": null, "url": "https://a.example/2"}]})"));
  SearchQuery query = query_of("what is \"new\"?");
  query.results_max = 7;
  query.category = "research paper";
  query.include_text = true;
  query.text_chars_max = 9;
  query.include_domains = {"a.example"};
  query.exclude_domains = {"b.example"};
  query.published_from = day("2026-01-01");
  query.country = "DE";
  const auto answer = search(settings_of("exa", stub.url() + "/"), query);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(Json::parse(*answer), Json::parse(R"({"query": "what is \"new\"?", "results": [
    {"title": "One", "url": "https://a.example/1", "published_date": "2026-01-02T00:00:00.000Z",
     "author": "A. Writer", "text": "The whole", "highlights": ["first", "second"]},
    {"title": "", "url": "https://a.example/2", "published_date": null, "author": null}]})"));
  const StubRequest request = stub.requests().at(0);
  EXPECT_EQ(request.method + " " + request.target, "POST /search");
  EXPECT_EQ(request.headers.at("x-api-key"), "exa-key");
  EXPECT_EQ(asked_body(stub), Json::parse(R"({"query": "what is \"new\"?", "type": "auto",
    "numResults": 7, "category": "research paper", "includeDomains": ["a.example"],
    "excludeDomains": ["b.example"], "startPublishedDate": "2026-01-01T00:00:00.000000Z",
    "userLocation": "DE", "contents": {"highlights": true, "text": {"maxCharacters": 9}}})"));
}

TEST(WebSearch, SaysWhatExaCannotDo) {
  HttpStub stub(answers(nothing_found));
  const auto ask = [&](const std::string& category) {
    SearchQuery query = query_of("x");
    query.category = category;
    query.published_from = day("2026-01-01");
    return Json::parse(*search(settings_of("exa", stub.url()), query)).value("notes", Json());
  };
  EXPECT_TRUE(ask("news").is_null());
  EXPECT_EQ(ask("company").size(), 1U);
  EXPECT_FALSE(Json::parse(stub.requests().at(1).body).contains("startPublishedDate"));
  EXPECT_EQ(ask("pdf").at(0), "Exa has no category 'pdf': these are results of any kind");
  EXPECT_TRUE(ask("github").is_null());
  EXPECT_EQ(Json::parse(stub.requests().at(3).body).at("includeDomains").at(0), "github.com");
  EXPECT_EQ(ask("linkedin profile").size(), 1U);
  EXPECT_EQ(Json::parse(stub.requests().at(4).body).at("category"), "people");
}

TEST(WebSearch, AsksTavilyAndReadsItsAnswer) {
  HttpStub stub(answers(R"({"query": "x", "response_time": 1.2, "results": [
    {"title": "One", "url": "https://a.example/1", "content": "an excerpt", "score": 0.9,
     "raw_content": "grüße an alle", "published_date": "Fri, 02 Jan 2026 10:00:00 GMT"}]})"));
  SearchQuery query = query_of("x");
  query.results_max = 50;
  query.include_text = true;
  query.text_chars_max = 5;
  query.include_domains = {"a.example"};
  query.published_from = day("2026-01-01");
  query.published_to = day("2026-02-01");
  query.country = "KR";
  const auto answer = search(settings_of("tavily", stub.url()), query);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(Json::parse(*answer), Json::parse(R"({"query": "x", "results": [
    {"title": "One", "url": "https://a.example/1", "author": null, "text": "grüße",
     "published_date": "Fri, 02 Jan 2026 10:00:00 GMT", "highlights": ["an excerpt"]}],
    "notes": ["Tavily returns at most 20 results"]})"));
  EXPECT_EQ(stub.requests().at(0).headers.at("authorization"), "Bearer tavily-key");
  EXPECT_EQ(asked_body(stub), Json::parse(R"({"query": "x", "search_depth": "basic",
    "topic": "general", "max_results": 20, "include_raw_content": "markdown",
    "include_domains": ["a.example"], "start_date": "2026-01-01", "end_date": "2026-02-01",
    "country": "south korea"})"));
}

TEST(WebSearch, SaysWhatTavilyCannotDo) {
  HttpStub stub(answers(nothing_found));
  SearchQuery query = query_of("x");
  query.category = "news";
  query.country = "DE";
  const Json news = Json::parse(*search(settings_of("tavily", stub.url()), query));
  EXPECT_EQ(asked_body(stub).at("topic"), "news");
  EXPECT_EQ(news.at("notes").size(), 1U) << "news of no country";
  query.category = "research paper";
  query.country = "XX";
  const Json paper = Json::parse(*search(settings_of("tavily", stub.url()), query));
  EXPECT_EQ(paper.at("notes").size(), 2U);
}

TEST(WebSearch, AsksBraveAndReadsItsAnswer) {
  HttpStub stub(answers(R"({"type": "search", "web": {"results": [
    {"title": "Tom &amp; Co", "url": "https://www.a.example/1", "description": "it&#x27;s here",
     "page_age": "2026-01-02T00:00:00", "extra_snippets": ["more"]},
    {"title": "Other", "url": "https://nota.example/2"},
    {"title": "Older", "url": "https://a.example/3", "page_age": "2020-01-02T00:00:00"}]}})"));
  SearchQuery query = query_of("x y");
  query.category = "pdf";
  query.include_domains = {"https://www.a.example/"};
  query.exclude_domains = {"b.a.example"};
  query.published_from = day("2026-01-01");
  query.include_text = true;
  const auto answer = search(settings_of("brave", stub.url()), query);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(Json::parse(*answer), Json::parse(R"({"query": "x y", "results": [
    {"title": "Tom & Co", "url": "https://www.a.example/1", "author": null,
     "published_date": "2026-01-02T00:00:00", "highlights": ["it's here", "more"]}],
    "notes": ["Brave Search returns no texts of pages: read them with fetch_webpage"]})"));
  const StubRequest request = stub.requests().at(0);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.headers.at("x-subscription-token"), "brave-key");
  EXPECT_EQ(request.target,
            "/res/v1/web/search?q=x%20y%20filetype%3Apdf%20site%3Aa.example%20-site%3Ab.a.example"
            "&count=10&country=ALL&text_decorations=false&result_filter=web"
            "&freshness=2026-01-01to2026-11-28");
}

TEST(WebSearch, AsksBraveForNewsElsewhere) {
  HttpStub stub(
    answers(R"({"type": "news", "results": [{"title": "N", "url": "https://n.example"}]})"));
  SearchQuery query = query_of("x");
  query.category = "news";
  query.results_max = 30;
  query.country = "DE";
  const auto answer = search(settings_of("brave", stub.url()), query);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(Json::parse(*answer).at("results").at(0).at("title"), "N");
  EXPECT_EQ(stub.requests().at(0).target, "/res/v1/news/search?q=x&count=30&country=DE");
}

TEST(WebSearch, AsksSearxngAndReadsItsAnswer) {
  HttpStub stub(answers(R"({"query": "x", "number_of_results": 0, "results": [
    {"title": "One", "url": "https://a.example/1", "content": "an excerpt", "engine": "e",
     "publishedDate": "2026-11-20T10:00:00", "score": 1.0},
    {"title": "Old", "url": "https://a.example/2", "content": "", "publishedDate": "2026-10-01"},
    {"title": "Undated", "url": "https://a.example/3", "publishedDate": null},
    {"title": "Last", "url": "https://a.example/4"}],
    "unresponsive_engines": [["x", "timeout"]]})"));
  SearchQuery query = query_of("x");
  query.results_max = 2;
  query.category = "news";
  query.published_from = day("2026-11-10");
  const auto answer = search(settings_of("searxng", stub.url() + "/"), query);
  ASSERT_TRUE(answer) << answer.error().message;
  const Json json = Json::parse(*answer);
  EXPECT_EQ(json.at("results"), Json::parse(R"([
    {"title": "One", "url": "https://a.example/1", "published_date": "2026-11-20T10:00:00",
     "author": null, "highlights": ["an excerpt"]},
    {"title": "Undated", "url": "https://a.example/3", "published_date": null, "author": null}])"));
  EXPECT_EQ(json.at("notes").size(), 1U);
  const StubRequest request = stub.requests().at(0);
  EXPECT_EQ(request.target, "/search?q=x&format=json&categories=news&time_range=month");
  for (const auto& [name, value] : request.headers)
    EXPECT_EQ(value.find("-key"), std::string::npos) << name << ": keys are others' business";
}

TEST(WebSearch, ChoosesAProvider) {
  const auto chosen = [](const WebSettings& settings, const Secrets& secrets = {}) {
    const auto choice = choose_search(settings, secrets);
    return choice ? std::string(choice->provider->name) + " " + choice->url + " " + choice->key
                  : choice.error().message;
  };
  WebSettings settings;
  EXPECT_EQ(chosen(settings),
            "web_search is not set up on this server: it needs EXA_API_KEY, TAVILY_API_KEY or "
            "BRAVE_API_KEY, or web.search_url with the address of a SearXNG");
  settings.brave_api_key = "b";
  EXPECT_EQ(chosen(settings), "brave https://api.search.brave.com b");
  settings.tavily_api_key = "t";
  EXPECT_EQ(chosen(settings), "tavily https://api.tavily.com t");
  settings.search_url = "http://127.0.0.1:8888/";
  EXPECT_EQ(chosen(settings), "searxng http://127.0.0.1:8888 ");
  const Secrets agents{{"EXA_API_KEY", "mine"}, {"OTHER", "x"}};
  EXPECT_EQ(chosen(settings, agents), "exa https://api.exa.ai mine");
  settings.search_provider = "exa";
  EXPECT_EQ(chosen(settings, agents), "exa http://127.0.0.1:8888 mine");
  EXPECT_EQ(chosen(settings),
            "web_search is set to Exa, but there is no EXA_API_KEY, neither among "
            "the agent's secrets nor on the server");
  settings.search_provider = "searxng";
  settings.search_url = "";
  EXPECT_EQ(chosen(settings),
            "web_search is set to SearXNG, but web.search_url does not say where it is");
  settings.search_provider = "none";
  EXPECT_EQ(chosen(settings), "web_search is turned off on this server: web.search_provider");
}

TEST(WebSearch, TriesOnceMoreWhenTheProviderIsBusyOrBroken) {
  for (const int status : {429, 500, 503}) {
    std::atomic<int> attempts = 0;
    HttpStub stub([&](const StubRequest&, StubConnection& connection) {
      connection.reply(++attempts == 1 ? status : 200, nothing_found);
    });
    EXPECT_TRUE(search(settings_of("exa", stub.url()), query_of("x"))) << status;
    EXPECT_EQ(attempts, 2);
    EXPECT_EQ(stub.requests().at(0).body, stub.requests().at(1).body);
  }
}

TEST(WebSearch, ReturnsTheProvidersRefusalWithoutTheKey) {
  std::atomic<int> attempts = 0;
  HttpStub stub([&](const StubRequest&, StubConnection& connection) {
    ++attempts;
    connection.reply(401, R"({"error": "no such key:
 exa-key"})");
  });
  const auto refused = search(settings_of("exa", stub.url()), query_of("x"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::upstream);
  EXPECT_EQ(refused.error().message, R"(Exa answered 401: {"error": "no such key:  ***"})");
  EXPECT_EQ(attempts, 1) << "it would be refused again";
  const auto searxng = search(settings_of("searxng", stub.url()), query_of("x"));
  EXPECT_TRUE(searxng.error().message.starts_with("SearXNG answered 401"));
}

TEST(WebSearch, GivesUpWhenTheSecondAttemptFailsOrWouldBeTooLate) {
  std::atomic<int> attempts = 0;
  HttpStub stub([&](const StubRequest&, StubConnection& connection) {
    ++attempts;
    connection.reply(503, "down", "Retry-After: 100\r\n");
  });
  const auto late = search(settings_of("exa", stub.url()), query_of("x"));
  EXPECT_EQ(late.error().message, "Exa answered 503: down");
  EXPECT_EQ(attempts, 1) << "100 s are more than it has";
  HttpStub down([&](const StubRequest&, StubConnection& connection) {
    ++attempts;
    connection.reply(503, "<h1>down</h1>", "Content-Type: text/html\r\n");
  });
  const auto twice = search(settings_of("exa", down.url()), query_of("x"));
  EXPECT_EQ(twice.error().message, "Exa answered 503");
  EXPECT_EQ(attempts, 3);
}

TEST(WebSearch, SaysWhatElseWentWrong) {
  HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/slow/search") {
      connection.wait_closed(60'000);
    } else {
      connection.reply(request.target.starts_with("/no-json") ? 403 : 200,
                       request.target == "/html/search" ? "<html>" : R"({"results": 3})");
    }
  });
  const auto why = [&](const std::string& provider, const std::string& path,
                       std::int64_t time_ms = 60'000) {
    const auto answer =
      search(settings_of(provider, stub.url() + path), query_of("x"), {}, time_ms);
    return answer ? *answer : answer.error().message;
  };
  EXPECT_EQ(why("exa", "/html"), "Exa answered with what is no list of results");
  EXPECT_EQ(why("tavily", ""), "Tavily answered with what is no list of results");
  EXPECT_EQ(why("brave", ""), "Brave Search answered with what is no list of results");
  EXPECT_EQ(why("exa", "/slow", 200), "Exa did not answer in time");
  EXPECT_EQ(why("searxng", "/no-json"),
            "SearXNG answered 403: its settings.yml has to list json among search.formats");
  const auto nobody = search(settings_of("exa", "http://127.0.0.1:1"), query_of("x"));
  EXPECT_EQ(nobody.error().code, Errc::llm_connection);
  EXPECT_TRUE(nobody.error().message.starts_with("Exa could not be asked: Connection error"))
    << nobody.error().message;
}

}  // namespace
}  // namespace reverie
