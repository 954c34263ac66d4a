#include "runtime/llm/demo_replies.hpp"

#include "config/json_text.hpp"
#include "runtime/llm/demo_text.hpp"
#include "runtime/llm/json_access.hpp"
#include "runtime/text.hpp"

#include <algorithm>

namespace reverie::demo {

namespace {

constexpr std::string_view who_i_am =
  "I am `reverie/demo`, the model that is built into reverie. Honestly: there is no language model "
  "behind me, only a few rules, so I answer offline and always in the same way. What is real is "
  "the agent around me: its memory blocks, its tools and its history, which survive a restart. "
  "For a real mind, set OPENAI_API_KEY or ANTHROPIC_API_KEY or start Ollama, and give the agent "
  "one of the models that `GET /v1/models/` then lists.";

constexpr std::string_view what_i_can_do =
  "Things to try with me:\n"
  "- \"My name is Ada\", \"I like green tea\", \"I live in Oslo\", \"remember that ...\": I write "
  "it "
  "into my memory block with a real tool call.\n"
  "- \"What is my name?\", \"What do you know about me?\": I answer from that block, also after a "
  "restart.\n"
  "- \"Actually my name is Grace\", \"forget my name\": I change the block.\n"
  "- \"Search for tea\": I look through our conversation, if I have the tool for it.\n"
  "- `/call TOOL {\"argument\": \"value\"}`: I call any tool that I was given.";

// 300: enough to see what came back, not a flood.
constexpr std::int64_t excerpt_chars = 300;

std::string excerpt(std::string_view text) {
  if (count_characters(text) <= excerpt_chars) return std::string(text);
  return std::string(first_characters(text, excerpt_chars)) + " ...";
}

// The text inside the envelope that the server puts around a tool's return.
std::string inner_result(const std::string& result) {
  const auto json = result.starts_with('{') ? parsed(result) : std::nullopt;
  if (!json || !json->contains("status")) return result;
  const Json* message = member(*json, "message");
  if (message == nullptr) return result;
  return message->is_string() ? message->get<std::string>() : message->dump();
}

std::string block_name(const Situation& now) {
  return now.notebook ? "my `" + now.notebook->label + "` memory block" : "my memory";
}

std::vector<Fact> with_key(const std::vector<Fact>& facts, std::string_view key) {
  std::vector<Fact> found;
  for (const Fact& fact : facts)
    if (is_same_key(fact.key, key)) found.push_back(fact);
  if (is_single(key) && found.size() > 1) found = {found.back()};  // the last line counts
  return found;
}

std::vector<Fact> facts_about(const std::vector<Fact>& facts, std::string_view key) {
  std::vector<Fact> found = with_key(facts, key);
  if (found.empty() && key == "Works as") {
    found = with_key(facts, "Works at");
    const auto more = with_key(facts, "Works for");
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

// A line of free text in the block that speaks of `key`.
std::string free_line_about(const std::vector<Fact>& facts, std::string_view key) {
  for (const Fact& fact : facts)
    if ((fact.key.empty() || fact.key == "Note") && has_phrase(fact.value, {lowered(key)}))
      return fact.value;
  return {};
}

// The call of this turn that wrote the line of `fact`; null when none did.
const CallMade* call_for(const Fact& fact, const std::vector<CallMade>& calls) {
  const auto is_in = [](const CallMade& made, const std::string& text) {
    std::string literal;
    append_json_string(literal, text);
    literal = literal.substr(1, literal.size() - 2);  // as it stands inside the arguments
    return made.call.name != "send_message"
           && made.call.arguments.find(literal) != std::string::npos;
  };
  for (const CallMade& made : calls)
    if (is_in(made, to_line(fact)) || (fact.key == "Name" && is_in(made, "name is " + fact.value)))
      return &made;
  return nullptr;
}

// In what was said this turn and was kept or known, sorted by what became of it.
struct Outcome {
  std::vector<Fact> stored;
  std::vector<Fact> known;
  std::vector<Fact> lost;
  std::string trouble;  // what the tool said when it failed
};

Outcome outcome_of(const Situation& now) {
  Outcome outcome;
  for (const Fact& fact : now.facts) {
    const CallMade* made = call_for(fact, now.calls);
    if (made != nullptr && !made->is_error)
      outcome.stored.push_back(fact);
    else if (made == nullptr && now.notebook && is_known(fact, *now.notebook))
      outcome.known.push_back(fact);
    else
      outcome.lost.push_back(fact);
    if (made != nullptr && made->is_error) outcome.trouble = inner_result(made->result);
  }
  return outcome;
}

std::string greeting_for(const std::vector<Fact>& facts, const Situation& now) {
  const auto names = with_key(facts, "Name");
  const auto former = with_key(now.known, "Name");
  if (names.empty())
    return former.empty() ? "Thank you for telling me. "
                          : "Thank you, " + former.back().value + ". ";
  const bool is_correction = !former.empty() && former.back().value != names.back().value;
  return is_correction ? "Thank you for putting that right, " + names.back().value + ". "
                       : "Nice to meet you, " + names.back().value + "! ";
}

std::string about_facts(const Situation& now) {
  const Outcome outcome = outcome_of(now);
  std::string out;
  if (!outcome.stored.empty()) {
    out += greeting_for(outcome.stored, now) + "I have written into " + block_name(now) + " that "
           + told_back(outcome.stored) + ". I will still know it in our next conversation.";
  }
  if (!outcome.known.empty())
    out += (out.empty() ? "" : " ") + std::string("I know already that ") + told_back(outcome.known)
           + ": it is in " + block_name(now) + ".";
  if (outcome.lost.empty()) return out;
  out += out.empty() ? greeting_for(outcome.lost, now) : " ";
  out += "I understood that " + told_back(outcome.lost) + ", but I could not write it down: ";
  out += !outcome.trouble.empty() ? "the tool said \"" + excerpt(outcome.trouble) + "\"."
         : now.notebook           ? "I was given no tool that can change " + block_name(now) + "."
                                  : "I have no memory block that I may change.";
  return out + " I know it only as long as it is in this conversation.";
}

std::string about_key(const Situation& now, const std::string& key) {
  std::vector<Fact> everything = now.known;
  for (const Fact& fact : outcome_of(now).stored) everything.push_back(fact);
  if (const auto found = facts_about(everything, key); !found.empty())
    return capitalised(told_back(found)) + ". That is what " + block_name(now) + " says.";
  if (const std::string line = free_line_about(everything, key); !line.empty())
    return capitalised(block_name(now)) + " says: \"" + excerpt(line) + "\"";
  if (const auto found = facts_about(now.heard, key); !found.empty())
    return capitalised(told_back(found))
           + ": you said so earlier in this conversation. It is not in my memory blocks.";
  return "I don't know that yet. Tell me, and I will try to write it down.";
}

std::string about_liking(const Situation& now, const std::string& thing) {
  for (const char* key : {"Likes", "Dislikes", "Prefers"})
    for (const auto* facts : {&now.known, &now.heard})
      for (const Fact& fact : with_key(*facts, key))
        if (has_phrase(fact.value, {lowered(thing)}))
          return std::string(fact.key == "Dislikes" ? "No" : "Yes") + ": " + told_back({fact})
                 + ".";
  return "You have not told me whether you like " + thing + ".";
}

std::string about_everything(const Situation& now) {
  std::vector<Fact> told;
  std::string lines;
  for (const Fact& fact : now.known) {
    if (fact.key.empty())
      lines += "\n- " + excerpt(fact.value);
    else if (!is_single(fact.key) || with_key(now.known, fact.key) == std::vector{fact})
      told.push_back(fact);
  }
  std::string out;
  if (!told.empty()) out = "From " + block_name(now) + " I know that " + told_back(told) + ".";
  if (!lines.empty())
    out += (out.empty() ? capitalised(block_name(now)) + " says:" : " It also says:") + lines;
  std::vector<Fact> unsaved;
  for (const Fact& fact : now.heard)
    if (std::find(told.begin(), told.end(), fact) == told.end()) unsaved.push_back(fact);
  if (!unsaved.empty())
    out += (out.empty() ? "" : "\n") + std::string("In this conversation you said that ")
           + told_back(unsaved) + ".";
  if (!out.empty()) return out;
  return "Nothing yet: " + block_name(now)
         + " is empty. Tell me your name, or something that you like, and I will write it down.";
}

std::string about_search(const Situation& now) {
  for (const CallMade& made : now.calls)
    if (made.call.name == "conversation_search")
      return made.is_error ? "The search failed: " + excerpt(inner_result(made.result))
                           : "This is what I found about \"" + now.request.subject
                               + "\": " + excerpt(inner_result(made.result));
  return "I was given no tool to search our conversation with.";
}

std::string about_forgetting(const Situation& now) {
  for (const CallMade& made : now.calls)
    if (made.is_error)
      return "I could not take that out of " + block_name(now) + ": "
             + excerpt(inner_result(made.result));
  if (now.calls.empty())
    return "There is nothing about that in " + block_name(now) + " that I could take out.";
  return "Done: I have taken that out of " + block_name(now) + ".";
}

std::string greeting(const Situation& now) {
  const auto name = with_key(now.known, "Name");
  if (!name.empty())
    return "Hello " + name.back().value
           + ", good to see you again! Ask me what I know about you, or tell me something new.";
  return "Hello! I am reverie's built-in demo model: a few rules, no language model, but around me "
         "is a real agent with a memory. Tell me your name, or something that you like, and watch "
         "me write it down. Say \"help\" for more.";
}

// What in memory has a longer word in common with what was said.
std::string reminder(const Situation& now) {
  for (const std::string_view word : words_of(now.text)) {
    if (word.size() < 4) continue;  // 4: shorter ones are in every sentence
    for (const Fact& fact : now.known)
      if (has_phrase(fact.value, {lowered(word)}) && !fact.key.empty()) return told_back({fact});
  }
  return {};
}

std::string about_unknown(const Situation& now) {
  if (const std::string related = reminder(now); !related.empty())
    return "From " + block_name(now) + ": " + related
           + ". More I cannot say: I am a demo model that follows a few rules.";
  return "I cannot answer that: I am a demo model that follows a few rules. Give this agent a real "
         "model for such questions, or say \"help\" to see what I can do.";
}

std::string about_statement(const Situation& now) {
  if (now.text.empty()) return greeting(now);
  const std::string related = reminder(now);
  return "I hear you: \"" + excerpt(now.text) + "\"." +
         (related.empty() ? "" : " That reminds me: " + related + ".") +
         " I am only a demo model and cannot think about it, but if it is worth keeping, say "
         "\"remember that ...\" and I will write it into " +
         block_name(now) + ".";
}

std::string about_request(const Situation& now) {
  const std::string& subject = now.request.subject;
  switch (now.request.topic) {
    case Topic::known_key: return about_key(now, subject);
    case Topic::liking: return about_liking(now, subject);
    case Topic::everything: return about_everything(now);
    case Topic::identity: return std::string(who_i_am);
    case Topic::help: return std::string(what_i_can_do);
    case Topic::how_are_you:
      return "I am a handful of rules, so always the same: ready. How are you?";
    case Topic::search: return about_search(now);
    case Topic::forget: return about_forgetting(now);
    case Topic::greeting: return greeting(now);
    case Topic::thanks: return "You are welcome!";
    case Topic::farewell:
      return "Goodbye! What is in " + block_name(now) + " I will still know when you come back.";
    case Topic::unknown: return about_unknown(now);
    case Topic::nothing: break;
  }
  return about_statement(now);
}

bool is_courtesy(Topic topic) {
  return topic == Topic::nothing || topic == Topic::greeting || topic == Topic::thanks
         || topic == Topic::farewell;
}

}  // namespace

std::string reply_to(const Situation& now) {
  if (now.facts.empty()) return about_request(now);
  std::string out = about_facts(now);
  // "Hi, I'm Ada": the answer to the name is greeting enough.
  if (!is_courtesy(now.request.topic)) out += "\n\n" + about_request(now);
  return out;
}

std::string reply_about_calls(const std::vector<CallMade>& calls) {
  std::string out;
  for (const CallMade& made : calls) {
    if (!out.empty()) out += '\n';
    out += "`" + made.call.name + "` " + (made.is_error ? "failed: " : "returned: ")
           + excerpt(inner_result(made.result));
  }
  return out;
}

}  // namespace reverie::demo
