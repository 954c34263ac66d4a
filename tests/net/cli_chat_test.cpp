#include "net/cli/chat.hpp"
#include "net/cli/chat_render.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

constexpr std::size_t wide = 100;

std::string rendered(const std::vector<Json>& events, const Style& style = Style()) {
  ChatRenderer renderer(style, wide);
  std::string out;
  for (const Json& event : events) out += renderer.on_event(event);
  return out + renderer.finish();
}

Json reasoning(const char* text) {
  return {{"message_type", "reasoning_message"}, {"reasoning", text}};
}
Json answer(const char* text) {
  return {{"message_type", "assistant_message"}, {"content", text}};
}
Json call_piece(const Json& call) {
  return {{"message_type", "tool_call_message"}, {"tool_call", call}, {"tool_calls", call}};
}
Json tool_return(const char* status, const char* text) {
  return {{"message_type", "tool_return_message"}, {"status", status}, {"tool_return", text}};
}
Json stop(const char* reason) {
  return {{"message_type", "stop_reason"}, {"stop_reason", reason}};
}

TEST(CliChat, ShowsAnAnswerTokenByToken) {
  EXPECT_EQ(
    rendered({{{"message_type", "ping"}},
              reasoning("look"),
              reasoning(" first"),
              call_piece({{"name", "memory_insert"}, {"tool_call_id", "1"}}),
              call_piece({{"arguments", "{\"label\": \"human\","}, {"tool_call_id", "1"}}),
              call_piece({{"arguments", " \"new_string\": \"Ada.\"}"}, {"tool_call_id", "1"}}),
              tool_return("success", "done"),
              answer("Hello,"),
              answer(" Ada."),
              stop("end_turn"),
              {{"message_type", "usage_statistics"}}}),
    "look first\n"
    "· memory_insert human ← Ada.\n"
    "Hello, Ada.\n");
}

TEST(CliChat, WritesEachTokenWhenItComes) {
  ChatRenderer renderer(Style(), wide);
  EXPECT_EQ(renderer.on_event(answer("Hel")), "Hel");
  EXPECT_EQ(renderer.on_event(answer("lo")), "lo");
  EXPECT_EQ(renderer.finish(), "\n");
  EXPECT_EQ(renderer.finish(), "");
}

TEST(CliChat, ShowsWholeStepsAndSeveralCalls) {
  const Json calls = Json::array(
    {{{"name", "a"}, {"arguments", "{}"}, {"tool_call_id", "1"}},
     {{"name", "b"}, {"arguments", R"({"query": "tea", "limit": 3})"}, {"tool_call_id", "2"}}});
  EXPECT_EQ(rendered({{{"message_type", "tool_call_message"}, {"tool_calls", calls}},
                      {{"message_type", "assistant_message"},
                       {"content", Json::array({{{"type", "text"}, {"text", "Done."}}})}}}),
            "· a\n· b limit: 3, query: tea\nDone.\n");
}

TEST(CliChat, DimsWhatIsNotTheAnswer) {
  const Style style(true);
  EXPECT_EQ(rendered({reasoning("hm"), answer("yes")}, style), "\x1b[2mhm\x1b[0m\nyes\n");
}

TEST(CliChat, SaysWhatFailed) {
  EXPECT_EQ(rendered({tool_return("error", "No replacement was performed\nat all")}),
            "  ✗ No replacement was performed at all\n");
  ChatRenderer renderer(Style(), wide);
  EXPECT_EQ(renderer.on_event(answer("half an")), "half an");
  EXPECT_EQ(renderer.on_event(stop("llm_api_error")), "\n");
  EXPECT_EQ(renderer.on_event({{"message_type", "error_message"},
                               {"message", "The model failed."},
                               {"detail", "it said no"}}),
            "error: The model failed. it said no\n");
  EXPECT_TRUE(renderer.has_failed());
}

TEST(CliChat, SaysWhyItStoppedUnlessItWasDone) {
  EXPECT_EQ(rendered({answer("x"), stop("max_steps")}), "x\n(stopped: max_steps)\n");
  EXPECT_EQ(rendered({answer("x"), stop("end_turn")}), "x\n");
}

TEST(CliChat, ShowsACallWhoseStreamBrokeOff) {
  EXPECT_EQ(rendered({call_piece({{"name", "memory"}, {"tool_call_id", "1"}}),
                      call_piece({{"arguments", "{\"label"}, {"tool_call_id", "1"}})}),
            "· memory {\"label\n");
}

TEST(CliChat, DoesNotStumbleOverWhatItDoesNotKnow) {
  EXPECT_EQ(rendered({Json::object(),
                      Json(),
                      Json::array({1}),
                      {{"message_type", "assistant_message"}, {"content", 7}},
                      {{"message_type", "tool_call_message"}, {"tool_call", nullptr}},
                      {{"message_type", 3}},
                      {{"message_type", "event_of_a_newer_release"}}}),
            "· \n");
}

TEST(CliChat, LetsNoModelSteerTheTerminal) {
  EXPECT_EQ(rendered({answer("\x1b]0;owned\x07hi")}), "]0;ownedhi\n");
}

TEST(CliChat, TellsMemoryEditsInOneLine) {
  EXPECT_EQ(tool_line("memory_insert", R"({"label":"human","new_string":"Likes\ntea"})", wide),
            "memory_insert human ← Likes tea");
  EXPECT_EQ(tool_line("core_memory_append", R"({"label":"human","content":"Ada"})", wide),
            "core_memory_append human ← Ada");
  EXPECT_EQ(tool_line("memory_finish_edits", "{}", wide), "memory_finish_edits");
  EXPECT_EQ(tool_line("memory_insert", R"({"label":"human","new_string":"aaaaaaaaaa"})", 24),
            "memory_insert human ← a…");
}

TEST(CliChat, MakesAnAgentThatKnowsThePersonAndItself) {
  const Json body = new_agent_body("reverie", "openai/gpt-4o-mini");
  EXPECT_EQ(body["name"], "reverie");
  EXPECT_EQ(body["model"], "openai/gpt-4o-mini");
  ASSERT_EQ(body["memory_blocks"].size(), 2U);
  EXPECT_EQ(body["memory_blocks"][0]["label"], "human");
  EXPECT_EQ(body["memory_blocks"][1]["label"], "persona");
  EXPECT_FALSE(new_agent_body("", "m").contains("name")) << "the server finds one";
}

TEST(CliChat, TakesTheFirstModelListed) {
  EXPECT_EQ(first_model(Json::array({{{"handle", "a/b"}}, {{"handle", "c/d"}}})), "a/b");
  EXPECT_EQ(first_model(Json::array()), "");
  EXPECT_EQ(first_model(Json()), "");
}

}  // namespace
}  // namespace reverie
