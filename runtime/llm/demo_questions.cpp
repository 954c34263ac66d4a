#include "runtime/llm/demo_questions.hpp"

#include "runtime/llm/demo_facts.hpp"
#include "runtime/llm/demo_text.hpp"

#include <optional>

namespace reverie::demo {

namespace {

// Other words for a key that a fact has.
std::string key_named(std::string_view subject) {
  const std::string name = lowered(trimmed(subject, "?.!,"));
  if (name == "home" || name == "city" || name == "address") return "Lives in";
  if (name == "job" || name == "profession" || name == "occupation" || name == "work")
    return "Works as";
  if (name == "hobbies" || name == "hobby" || name == "taste") return "Likes";
  return name;
}

// The polite part in front of a question: "can you tell me ...".
void skip_introduction(std::string_view& text) {
  skip_phrases(text, {"hi",
                      "hello",
                      "hey",
                      "and",
                      "so",
                      "well",
                      "ok",
                      "okay",
                      "now",
                      "please",
                      "but",
                      "then",
                      "can you",
                      "could you",
                      "would you",
                      "tell me",
                      "do you know",
                      "do you remember",
                      "remind me",
                      "do you still know",
                      "do you still remember",
                      "you know",
                      "what about"});
}

std::optional<Request> question_about_me(std::string_view text) {
  std::string_view rest = text;
  if (has_phrase(text, {"about me", "who i am", "who am i", "remember me", "know me"}))
    return Request{Topic::everything, ""};
  if (has_phrase(text, {"my name", "i am called", "i'm called", "am i called"}))
    return Request{Topic::known_key, "Name"};
  if (has_phrase(text, {"i live", "do i live"})) return Request{Topic::known_key, "Lives in"};
  if (has_phrase(text, {"am i from", "i am from", "i'm from", "i come from"}))
    return Request{Topic::known_key, "From"};
  if (has_phrase(text, {"how old am i", "how old i am", "my age"}))
    return Request{Topic::known_key, "Age"};
  if (has_phrase(text, {"was i born", "i was born"})) return Request{Topic::known_key, "Born"};
  if (has_phrase(text, {"what do i do", "what i do", "i work", "do i work"}))
    return Request{Topic::known_key, "Works as"};
  if (take_phrase(rest, {"do i like", "do i love", "do i enjoy", "if i like", "whether i like"}))
    return Request{Topic::liking, std::string(trimmed(rest, "?.!"))};
  if (has_phrase(text, {"don't i like", "i don't like", "do i not like", "do i hate", "i hate"}))
    return Request{Topic::known_key, "Dislikes"};
  if (has_phrase(text, {"i like", "i love", "i enjoy"})) return Request{Topic::known_key, "Likes"};
  if (has_phrase(text, {"i prefer"})) return Request{Topic::known_key, "Prefers"};
  if (has_phrase(text, {"do i have", "i have"})) return Request{Topic::known_key, "Has"};
  if (has_phrase(text, {"do i speak", "i speak"})) return Request{Topic::known_key, "Speaks"};
  if (has_phrase(text, {"do i play", "i play"})) return Request{Topic::known_key, "Plays"};
  if (has_phrase(text, {"am i allergic to"})) return Request{Topic::known_key, "Allergic to"};
  if (take_phrase(rest,
                  {"what is my", "what's my", "whats my", "what are my", "who is my", "who's my",
                   "when is my", "when's my", "where is my", "which is my", "what my"}))
    return Request{Topic::known_key, key_named(up_to(rest, {"is", "again", "called"}))};
  if (take_phrase(rest, {"my"}) && text.ends_with('?'))
    return Request{Topic::known_key, key_named(rest)};
  return std::nullopt;
}

std::optional<Request> question_about_you(std::string_view text) {
  if (has_phrase(text, {"what can you do", "how do you work", "how does this work", "what can i do",
                        "what should i do", "what can i ask", "what can i say"}))
    return Request{Topic::help, ""};
  if (has_phrase(text, {"in your memory", "your memory", "your memories", "what do you remember",
                        "what have you learned", "what have you stored"}))
    return Request{Topic::everything, ""};
  if (has_phrase(text, {"how are you", "how do you do", "how is it going", "how's it going"}))
    return Request{Topic::how_are_you, ""};
  if (has_phrase(text, {"who are you", "what are you", "your name", "about yourself", "which model",
                        "what model", "are you an ai", "are you a bot", "are you human",
                        "are you real", "are you a real", "are you an actual", "are you chatgpt",
                        "are you gpt", "are you claude", "are you a language model",
                        "are you an llm", "who made you", "introduce yourself"}))
    return Request{Topic::identity, ""};
  return std::nullopt;
}

bool is_question(std::string_view text) {
  if (text.ends_with('?')) return true;
  return take_phrase(
    text, {"what", "what's", "whats", "who", "who's", "where", "when", "which", "how", "why",
           "do you know", "do you remember", "tell me", "can you tell", "do i", "am i", "remind me",
           "show me", "introduce yourself"});
}

std::optional<Request> question_in(std::string_view sentence) {
  if (!is_question(sentence)) return std::nullopt;
  std::string_view text = sentence;
  skip_introduction(text);
  if (auto about_you = question_about_you(text)) return about_you;
  if (auto about_me = question_about_me(text)) return about_me;
  if (has_phrase(text, {"help"})) return Request{Topic::help, ""};
  return Request{Topic::unknown, std::string(trimmed(sentence, "?"))};
}

std::optional<Request> wish_in(std::string_view text) {
  std::string_view rest = text;
  skip_phrases(rest, {"please", "can you", "could you", "now", "and", "ok", "okay"});
  if (take_phrase(rest, {"search our conversation for", "search the conversation for",
                         "search our conversations for", "search for", "look for", "search"}))
    return Request{Topic::search, std::string(trimmed(rest, "?.!\"'"))};
  // "Don't forget" is the opposite, and starts with another word.
  if (take_phrase(rest, {"forget about", "forget that", "forget"}))
    return Request{Topic::forget, std::string(trimmed(rest, "?.!"))};
  if (take_phrase(rest, {"help", "/help"})) return Request{Topic::help, ""};
  return std::nullopt;
}

std::optional<Request> courtesy_in(std::string_view text) {
  if (take_phrase(text, {"hi", "hello", "hey", "good morning", "good afternoon", "good evening",
                         "greetings", "hiya", "howdy", "moin"}))
    return Request{Topic::greeting, ""};
  if (take_phrase(text, {"thanks", "thank you", "thx", "many thanks"}))
    return Request{Topic::thanks, ""};
  if (take_phrase(text, {"bye", "goodbye", "good bye", "see you", "good night"}))
    return Request{Topic::farewell, ""};
  return std::nullopt;
}

}  // namespace

Request request_in(std::string_view text) {
  const auto sentences = sentences_of(text);
  for (auto each = sentences.rbegin(); each != sentences.rend(); ++each) {
    if (auto wish = wish_in(*each)) return *std::move(wish);
    if (auto question = question_in(*each)) return *std::move(question);
  }
  for (const std::string_view sentence : sentences)
    if (auto courtesy = courtesy_in(sentence)) return *std::move(courtesy);
  return {};
}

}  // namespace reverie::demo
