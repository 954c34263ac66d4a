#include "runtime/llm/demo_statements.hpp"

#include "runtime/llm/demo_text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace reverie::demo {

namespace {

// 200: a line of a block, not an essay.
constexpr std::size_t value_bytes_max = 200;

std::optional<Fact> make_fact(std::string_view key, std::string_view value) {
  value = trimmed(value, ".,!;:\"");
  for (bool is_cut = true; is_cut;) {
    is_cut = false;
    for (const std::string_view tail :
         {" too", " as well", " very much", " a lot", " so much", " now", " by the way", " please",
          " thanks", " thank you", " actually", " these days", " anymore", " any more"})
      if (value.size() > tail.size() && lowered(value).ends_with(tail)) {
        value = trimmed(value.substr(0, value.size() - tail.size()), ".,!;:");
        is_cut = true;
      }
  }
  if (value.empty() || value.size() > value_bytes_max) return std::nullopt;
  return Fact{std::string(key), std::string(value)};
}

bool is_capitalised(std::string_view word) {
  return (word[0] >= 'A' && word[0] <= 'Z') || static_cast<unsigned char>(word[0]) >= 0x80;
}

// "I'm German" is no name, though it has a capital.
bool is_origin(std::string_view word) {
  constexpr std::array<std::string_view, 36> origins{
    "german",   "french",     "english",  "british",    "irish",     "scottish",
    "welsh",    "american",   "canadian", "mexican",    "brazilian", "spanish",
    "italian",  "portuguese", "dutch",    "belgian",    "swiss",     "austrian",
    "polish",   "czech",      "danish",   "swedish",    "norwegian", "finnish",
    "russian",  "ukrainian",  "greek",    "turkish",    "indian",    "chinese",
    "japanese", "korean",     "jewish",   "australian", "muslim",    "european"};
  return std::find(origins.begin(), origins.end(), lowered(word)) != origins.end();
}

// A name after "my name is": up to four words, whatever their case.
std::optional<Fact> name_fact(std::string_view text) {
  text = trimmed(up_to(text, {"and", "but", "not", "so", "by the way", "from", "nice"}), ".,!\"'");
  text = text.substr(0, text.find(','));
  const auto words = words_of(text);
  if (words.empty() || words.size() > 4) return std::nullopt;
  return make_fact("Name", capitalised(text));
}

// A name after "I'm": only what is written as one.
std::optional<Fact> introduced_name(std::string_view text) {
  text = up_to(text.substr(0, text.find(',')), {"from", "and", "but", "by the way"});
  const auto words = words_of(text);
  if (words.empty() || words.size() > 3) return std::nullopt;
  for (const std::string_view word : words)
    if (!is_capitalised(word)) return std::nullopt;
  if (is_origin(words[0])) return make_fact("Is", text);
  return name_fact(text);
}

bool is_number(std::string_view word) {
  return !word.empty()
         && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What follows "I am".
std::optional<Fact> being(std::string_view text) {
  if (take_phrase(text, {"called", "known as"})) return name_fact(text);
  if (take_phrase(text, {"living in", "based in"})) return make_fact("Lives in", text);
  if (take_phrase(text, {"from"})) return make_fact("From", text);
  if (take_phrase(text, {"working as"})) return make_fact("Works as", text);
  if (take_phrase(text, {"working for"})) return make_fact("Works for", text);
  if (take_phrase(text, {"working at"})) return make_fact("Works at", text);
  if (take_phrase(text, {"allergic to"})) return make_fact("Allergic to", text);
  const auto words = words_of(text);
  if (words.empty()) return std::nullopt;
  const bool is_age = is_number(words[0]) && (words.size() == 1 || has_phrase(text, {"years old"}));
  if (is_age) return make_fact("Age", words[0]);
  std::string_view rest = text;
  if (take_phrase(rest, {"a bit", "a little", "a lot"})) return std::nullopt;
  if (has_phrase(words[0], {"a", "an", "vegetarian", "vegan"})) return make_fact("Is", text);
  return introduced_name(text);
}

// What is liked must be named: "I like it" says nothing that can be kept.
bool names_a_thing(std::string_view text) {
  const auto words = words_of(text);
  if (words.empty()) return false;
  return !has_phrase(words[0], {"it", "that", "this", "you", "your", "them", "those", "these",
                                "how", "what", "when", "where"});
}

std::optional<Fact> liking(std::string_view key, std::string_view text) {
  return names_a_thing(text) ? make_fact(key, text) : std::nullopt;
}

// What follows "I" and is no form of "to be".
std::optional<Fact> doing(std::string_view text) {
  skip_phrases(text, {"really", "also", "quite", "absolutely", "just", "do", "still", "always",
                      "simply", "currently", "both", "usually", "mostly"});
  if (take_phrase(text, {"like", "love", "enjoy", "adore"})) return liking("Likes", text);
  if (take_phrase(text, {"prefer"})) return liking("Prefers", text);
  if (take_phrase(text, {"hate", "dislike", "don't like", "do not like", "dont like", "don't enjoy",
                         "no longer like", "can't stand", "cannot stand"}))
    return liking("Dislikes", text);
  if (take_phrase(text, {"live in", "moved to", "have moved to"}))
    return make_fact("Lives in", text);
  if (take_phrase(text, {"come from"})) return make_fact("From", text);
  if (take_phrase(text, {"go by"})) return name_fact(text);
  if (take_phrase(text, {"work as"})) return make_fact("Works as", text);
  if (take_phrase(text, {"work for"})) return make_fact("Works for", text);
  if (take_phrase(text, {"work at", "work in"})) return make_fact("Works at", text);
  if (take_phrase(text, {"was born"})) return make_fact("Born", text);
  if (take_phrase(text, {"speak"})) return make_fact("Speaks", text);
  if (take_phrase(text, {"play"})) return make_fact("Plays", text);
  if (take_phrase(text, {"study"})) return make_fact("Studies", text);
  const bool is_passing = has_phrase(
    text, {"question", "questions", "problem", "idea", "feeling", "look", "to", "been", "no"});
  if (take_phrase(text, {"have"}) && !is_passing && words_of(text).size() >= 2)
    return make_fact("Has", text);
  return std::nullopt;
}

// What follows "my": "favourite colour is blue".
std::optional<Fact> owning(std::string_view text) {
  if (take_phrase(text, {"name is", "name's", "first name is"})) {
    if (take_phrase(text, {"not", "now not"})) return std::nullopt;
    skip_phrases(text, {"actually", "really", "now"});
    return name_fact(text);
  }
  std::string_view key = up_to(text, {"is", "are", "was"});
  if (key.size() == text.size()) return std::nullopt;
  std::string_view value = trimmed(text.substr(key.size()));
  take_phrase(value, {"is", "are", "was"});
  if (take_phrase(value, {"not", "that", "to", "why", "how", "called"})) {
    if (!has_phrase(text, {"is called", "are called"})) return std::nullopt;
  }
  constexpr std::size_t key_words_max = 4;  // "dog's favourite kind of" is no key
  const auto words = words_of(key);
  if (words.empty() || words.size() > key_words_max) return std::nullopt;
  if (has_phrase(key, {"question", "point", "problem", "guess", "idea", "answer", "god", "bad"}))
    return std::nullopt;
  return make_fact(capitalised(key), value);
}

std::optional<Fact> fact_in_clause(std::string_view clause) {
  skip_phrases(
    clause,
    {"hi",    "hello",    "hey",         "hi there", "hello there", "good morning", "good evening",
     "well",  "so",       "ok",          "okay",     "actually",    "no",           "yes",
     "yeah",  "please",   "oh",          "sorry",    "by the way",  "btw",          "also",
     "and",   "but",      "then",        "in fact",  "you know",    "because",      "wait",
     "today", "nowadays", "not any more"});
  if (take_phrase(clause, {"you can call me", "please call me", "just call me", "call me",
                           "people call me", "everyone calls me", "the name is", "the name's"}))
    return name_fact(clause);
  if (take_phrase(clause, {"i am not", "i'm not"})) return std::nullopt;
  if (take_phrase(clause, {"i'm", "i am", "im"})) return being(clause);
  if (take_phrase(clause, {"i've moved to"})) return make_fact("Lives in", clause);
  if (take_phrase(clause, {"i've got", "i have got"})) return make_fact("Has", clause);
  if (take_phrase(clause, {"i"})) return doing(clause);
  if (take_phrase(clause, {"my"})) return owning(clause);
  return std::nullopt;
}

bool starts_clause(std::string_view text) {
  return take_phrase(text, {"i", "i'm", "im", "i've", "my", "call me", "it's", "it is", "please",
                            "and i", "and my", "and i'm", "but i", "but my", "you can call me"});
}

// Parts that can each say something: cut at commas, "and" and "but" where a new one starts.
std::vector<std::string_view> clauses_of(std::string_view sentence) {
  std::vector<std::string_view> clauses;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < sentence.size(); ++i) {
    std::size_t skip = 0;
    for (const std::string_view cut : {", ", " and ", " but ", " - ", ": "})
      if (sentence.substr(i).starts_with(cut)) skip = cut.size();
    if (skip == 0 || !starts_clause(sentence.substr(i + skip))) continue;
    clauses.push_back(sentence.substr(begin, i - begin));
    begin = i + skip;
  }
  clauses.push_back(sentence.substr(begin));
  return clauses;
}

// "Remember that ...": what follows is kept even when it is no fact that we know the form of.
bool take_request(std::string_view& sentence) {
  skip_phrases(sentence, {"please", "ok", "okay", "hey", "hi", "hello", "also", "and", "can you",
                          "could you", "would you", "you should"});
  return take_phrase(sentence,
                     {"remember that", "remember this", "remember", "note that", "make a note that",
                      "make a note", "take a note", "don't forget that", "don't forget",
                      "do not forget that", "keep in mind that"});
}

void add_new(std::vector<Fact>& facts, std::optional<Fact> fact) {
  if (fact && std::find(facts.begin(), facts.end(), *fact) == facts.end())
    facts.push_back(*std::move(fact));
}

}  // namespace

std::vector<Fact> facts_in(std::string_view text) {
  std::vector<Fact> facts;
  for (std::string_view sentence : sentences_of(text)) {
    if (sentence.ends_with('?')) continue;
    const bool is_request = take_request(sentence);
    const std::size_t before = facts.size();
    // "It's Grace" is a name where names are what it is about.
    const bool is_about_name = has_phrase(text, {"name"});
    for (std::string_view clause : clauses_of(sentence)) {
      add_new(facts, fact_in_clause(clause));
      if (is_about_name && take_phrase(clause, {"it's", "it is"}))
        add_new(facts, introduced_name(clause));
    }
    if (is_request && facts.size() == before) add_new(facts, make_fact("Note", sentence));
  }
  return facts;
}

}  // namespace reverie::demo
