#include "runtime/web/http_template.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

using Variables = std::map<std::string, std::string>;

HttpTemplate parsed(std::string_view source) {
  auto request = HttpTemplate::parse(source);
  EXPECT_TRUE(request) << request.error().message;
  return request ? *std::move(request) : HttpTemplate();
}

FilledRequest filled(std::string_view source, const Json& arguments,
                     const Variables& variables = {}) {
  auto request = parsed(source).fill(arguments, variables);
  EXPECT_TRUE(request) << request.error().message;
  return request ? *std::move(request) : FilledRequest();
}

std::string why_not_parsed(std::string_view source) {
  const auto request = HttpTemplate::parse(source);
  EXPECT_FALSE(request) << source;
  return request ? "" : request.error().message;
}

std::string why_not_filled(std::string_view source, const Json& arguments,
                           const Variables& variables = {}) {
  const auto request = parsed(source).fill(arguments, variables);
  EXPECT_FALSE(request) << (request ? request->url : "");
  return request ? "" : request.error().message;
}

TEST(HttpTemplate, FillsPathQueryHeadersAndBody) {
  const FilledRequest request = filled(R"(
POST https://api.example.com/v1/orders/{order_id}/notes?notify={notify}
Authorization: Bearer ${KEY}
X-Trace: {trace}

{"text": {text}, "author": "agent {author}", "tags": {tags}}
)",
                                       {{"order_id", "a/b c"},
                                        {"notify", true},
                                        {"trace", "t1"},
                                        {"text", "say \"hi\"\n"},
                                        {"author", "\"Ada\""},
                                        {"tags", {"x", 1}}},
                                       {{"KEY", "k-1"}});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://api.example.com/v1/orders/a%2Fb%20c/notes?notify=true");
  const std::vector<HttpHeader> headers{
    {"Authorization", "Bearer k-1"}, {"X-Trace", "t1"}, {"Content-Type", "application/json"}};
  EXPECT_EQ(request.headers, headers);
  EXPECT_EQ(Json::parse(request.body), Json({{"text", "say \"hi\"\n"},
                                             {"author", "agent \"Ada\""},
                                             {"tags", {"x", 1}}}));
}

TEST(HttpTemplate, LeavesOutWhatIsAbsent) {
  const auto source = "GET https://a.example/x?q={q}&page={page}&fixed=1\nX-A: {a}\n";
  const FilledRequest request = filled(source, {{"q", "1&2=3"}, {"page", nullptr}});
  EXPECT_EQ(request.url, "https://a.example/x?q=1%262%3D3&fixed=1");
  EXPECT_TRUE(request.headers.empty());
  EXPECT_TRUE(request.body.empty());
  EXPECT_EQ(filled("PUT https://a.example/\n\n{\"a\": {a}, \"b\": \"[{b}]\"}", Json::object()).body,
            R"({"a": null, "b": "[]"})");
}

TEST(HttpTemplate, RepeatsAParameterForEachOfAList) {
  EXPECT_EQ(filled("GET https://a.example/?tag={tags}&x=1", {{"tags", {"a b", 2}}}).url,
            "https://a.example/?tag=a%20b&tag=2&x=1");
  EXPECT_EQ(filled("GET https://a.example/?tag={tags}", {{"tags", Json::array()}}).url,
            "https://a.example/");
}

TEST(HttpTemplate, PutsTheRestIntoTheQueryOrTheBody) {
  const Json arguments{{"id", 7}, {"b c", "x y"}, {"list", {1, 2}}, {"none", nullptr}};
  EXPECT_EQ(filled("GET https://a.example/{id}?k=1", arguments).url,
            "https://a.example/7?k=1&b%20c=x%20y&list=1&list=2");
  EXPECT_EQ(filled("DELETE https://a.example/{id}", arguments).url,
            "https://a.example/7?b%20c=x%20y&list=1&list=2");
  const FilledRequest post = filled("POST https://a.example/{id}", arguments);
  EXPECT_EQ(post.url, "https://a.example/7");
  EXPECT_EQ(post.body, R"({"b c":"x y","list":[1,2]})");
  const FilledRequest form = filled(
    "POST https://a.example/{id}\nContent-Type: application/x-www-form-urlencoded", arguments);
  EXPECT_EQ(form.body, "b%20c=x%20y&list=1&list=2");
  EXPECT_EQ(form.headers.size(), 1U);
}

TEST(HttpTemplate, FillsFormsAndPlainText) {
  EXPECT_EQ(filled("POST https://a.example/\nContent-Type: application/x-www-form-urlencoded\n\n"
                   "a={a}&b={b}&key=${K}",
                   {{"a", "1&2"}}, {{"K", "x=y"}})
              .body,
            "a=1%262&key=x%3Dy");
  EXPECT_EQ(filled("POST https://a.example/\nContent-Type: text/plain\n\nHello {name}, {none}!",
                   {{"name", "\"Ada\""}})
              .body,
            "Hello \"Ada\", !");
}

TEST(HttpTemplate, LetsNoValueLeaveItsPlace) {
  const auto path = "GET https://a.example/files/{name}/raw";
  for (const char* name : {"..", ".", ""}) {
    const std::string why = why_not_filled(path, {{"name", name}});
    EXPECT_NE(why.find("cannot be a part of a path"), std::string::npos) << why;
  }
  EXPECT_EQ(filled(path, {{"name", "../x?y#z"}}).url,
            "https://a.example/files/..%2Fx%3Fy%23z/raw");
  const std::string split = why_not_filled("GET https://a.example/\nX-A: {a}",
                                           {{"a", "1\r\nX-Admin: yes"}});
  EXPECT_NE(split.find("X-A holds a control character"), std::string::npos) << split;
  EXPECT_EQ(Json::parse(filled("POST https://a.example/\n\n{\"a\": \"\\\"{a}\", \"b\": {b}}",
                               {{"a", "x\", \"admin\": \"y"}, {"b", "}"}})
                          .body),
            Json({{"a", "\"x\", \"admin\": \"y"}, {"b", "}"}}));
}

TEST(HttpTemplate, SaysWhatIsMissing) {
  EXPECT_NE(why_not_filled("GET https://a.example/{id}", Json::object()).find("missing"),
            std::string::npos);
  EXPECT_NE(why_not_filled("GET https://a.example/\nX-Key: ${KEY}", Json::object())
              .find("no secret or variable 'KEY'"),
            std::string::npos);
  EXPECT_NE(why_not_filled("GET https://a.example/?q={q}", {{"q", std::string(9'000, 'x')}})
              .find("longer than 8 KiB"),
            std::string::npos);
}

TEST(HttpTemplate, RefusesWhatIsNoRequest) {
  EXPECT_NE(why_not_parsed("").find("line 1: expected GET"), std::string::npos);
  EXPECT_NE(why_not_parsed("FETCH https://a.example/").find("line 1: expected GET"),
            std::string::npos);
  EXPECT_NE(why_not_parsed("GET").find("expected a URL"), std::string::npos);
  EXPECT_NE(why_not_parsed("GET /v1/items").find("expected a URL"), std::string::npos);
  EXPECT_NE(why_not_parsed("GET file:///etc/passwd").find("line 1"), std::string::npos);
  EXPECT_NE(why_not_parsed("GET https://{host}/").find("no gaps"), std::string::npos);
  EXPECT_NE(why_not_parsed("GET https://a.example:${PORT}/").find("no gaps"), std::string::npos);
  EXPECT_NE(why_not_parsed("GET https://user:word@a.example/").find("line 1"), std::string::npos);
  EXPECT_NE(why_not_parsed("GET https://a.example/a b").find("%20"), std::string::npos);
  EXPECT_NE(why_not_parsed("GET https://a.example/\nno header").find("line 2"), std::string::npos);
  EXPECT_NE(why_not_parsed("GET https://a.example/\nHost: b.example").find("connection's own"),
            std::string::npos);
  EXPECT_NE(why_not_parsed("GET https://a.example/\n\n{}").find("has no body"), std::string::npos);
  EXPECT_NE(why_not_parsed("POST https://a.example/\n\n{\"a\": }").find("no JSON"),
            std::string::npos);
  for (const char* type : {"{t}", "text/plain; charset={t}", ""})
    EXPECT_NE(why_not_parsed(std::string("POST https://a.example/\nContent-Type: ") + type + "\n\nx")
                .find("no gaps"),
              std::string::npos);
  EXPECT_NE(why_not_parsed("POST https://a.example/\n\n" + std::string(400, '[')).find("too deep"),
            std::string::npos);
}

TEST(HttpTemplate, IsComparedWithTheSchemaOfTheTool) {
  using Schema = nlohmann::ordered_json;
  const Schema schema{{"properties", {{"a", Schema::object()}, {"b", Schema::object()}}}};
  EXPECT_TRUE(check_gaps(parsed("GET https://a.example/{a}"), schema)) << "b goes into the query";
  EXPECT_TRUE(check_gaps(parsed("POST https://a.example/\n\n[{a}, {b}]"), schema));
  const auto unknown = check_gaps(parsed("GET https://a.example/{c}"), schema);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "{c} is no parameter of the schema");
  for (const char* source : {"POST https://a.example/\n\n[{a}]",
                             "POST https://a.example/{a}\nContent-Type: text/plain"}) {
    const auto left = check_gaps(parsed(source), schema);
    ASSERT_FALSE(left) << source;
    EXPECT_EQ(left.error().message, "the parameter 'b' is in no gap of the request");
  }
}

}  // namespace
}  // namespace reverie
