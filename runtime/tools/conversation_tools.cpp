// send_message, conversation_search.

#include "config/json_text.hpp"
#include "runtime/memory/message_search.hpp"
#include "runtime/time_format.hpp"
#include "runtime/tools/builtin_tool.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace reverie {

namespace {

constexpr std::int64_t results_default = 5;  // the API's
constexpr std::int64_t results_max = 100;

// The loop shows the text to the user; the agent learns that it was sent.
ToolOutcome send_message(const Json&, NativeToolContext&) {
  return tool_success("Sent message successfully.");
}

Result<MessageQuery> read_query(const Json& arguments, const NativeToolContext& context) {
  MessageQuery query;
  query.text = text_argument(arguments, "query").value_or("");
  if (arguments.contains("roles") && arguments["roles"].is_array())
    for (const Json& role : arguments["roles"]) query.roles.push_back(role.get<std::string>());
  query.results_max = static_cast<std::size_t>(std::clamp<std::int64_t>(
    integer_argument(arguments, "limit", results_default), 1, results_max));
  query.visited_max = context.search_messages_max;
  if (const auto start = text_argument(arguments, "start_date"); start && !start->empty()) {
    REVERIE_TRY(query.from, range_start(*start, context.timezone));
  }
  if (const auto end = text_argument(arguments, "end_date"); end && !end->empty()) {
    REVERIE_TRY(query.until, range_end(*end, context.timezone));
  }
  return query;
}

std::string summary_of(const MessageSearchResult& result, std::size_t visited_max) {
  const std::size_t count = result.found.size();
  std::string text = count == 0   ? "No results found."
                     : count == 1 ? "Showing 1 result:"
                                  : "Showing " + std::to_string(count) + " results:";
  if (!result.is_complete)
    text += " (Only the newest " + std::to_string(visited_max)
            + " messages were searched; give dates to look at others.)";
  return text;
}

std::string result_text(const MessageSearchResult& result, const NativeToolContext& context) {
  std::string out = "{\"message\":";
  append_json_string(out, summary_of(result, context.search_messages_max));
  out += ",\"results\":[";
  for (const FoundMessage& found : result.found) {
    if (&found != &result.found.front()) out += ',';
    out += "{\"timestamp\":";
    append_json_string(out, to_iso_local(found.created_at, context.timezone));
    out += ",\"time_ago\":";
    append_json_string(out, time_ago(found.created_at, context.now));
    out += ",\"role\":";
    append_json_string(out, found.role);
    out += ",\"relevance\":{\"search_mode\":\"text\"},\"content\":";
    append_json_string(out, found.text);
    out += '}';
  }
  return out + "]}";
}

ToolOutcome conversation_search(const Json& arguments, NativeToolContext& context) {
  const auto query = read_query(arguments, context);
  if (!query) return tool_error("conversation_search", "ValueError", query.error().message);
  if (context.messages == nullptr) return tool_success(result_text({}, context));
  const auto result = search_messages(*context.messages, *query);
  if (!result) return tool_error("conversation_search", "RuntimeError", result.error().message);
  return tool_success(result_text(*result, context));
}

}  // namespace

std::vector<BuiltinTool> conversation_tools() {
  std::vector<BuiltinTool> tools;
  tools.push_back(builtin_tool(
    "send_message", "letta_core", "Sends a message to the human user.",
    parameters(
      {{"message", "string", "The message, in any language, with Unicode and emojis.", true}}),
    send_message));
  tools.push_back(builtin_tool(
    "conversation_search", "letta_core",
    R"(Search what was said earlier in your conversations, also what is no longer in front of you.

A message is found when it holds every word of the query, in upper or lower case; use few and telling words. Newest messages come first. Without a query, the newest messages in the given dates are listed.

Examples:
    By words:             conversation_search(query="birthday")
    What the user said:   conversation_search(query="budget", roles=["user"])
    From one day:         conversation_search(query="deploy", start_date="2026-03-14", end_date="2026-03-14")
    Since a time:         conversation_search(start_date="2026-03-14T15:00", limit=20))",
    parameters(
      {{"query", "string",
        "Words that the message holds, all of them. Leave it out to list messages by date."},
       {"roles", "array",
        "Only messages of these roles. The default is what the user and you said.", false,
        R"(["assistant","user","tool"])"},
       {"limit", "integer", "The largest number of results. The default is 5."},
       {"start_date", "string",
        "Only messages from this time on, in ISO 8601 and your timezone: \"2026-03-14\" (from the "
        "start of that day) or \"2026-03-14T15:30\"."},
       {"end_date", "string",
        "Only messages up to this time, in the same form: \"2026-03-14\" includes that whole "
        "day."}}),
    conversation_search));
  tools.back().tool.enable_parallel_execution = true;
  return tools;
}

}  // namespace reverie
