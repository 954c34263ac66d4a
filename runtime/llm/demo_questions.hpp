// What somebody wants from the demo model, beside telling it something.

#pragma once

#include <string>
#include <string_view>

namespace reverie::demo {

enum class Topic : std::uint8_t {
  nothing,     // a statement, or a word of courtesy that is understood below
  known_key,   // "what is my name?": `subject` is the key of the fact
  liking,      // "do I like tea?": `subject` is the thing
  everything,  // "what do you know about me?"
  identity,    // "who are you?"
  help,
  how_are_you,
  search,  // "search our conversation for tea": `subject` is what to look for
  forget,  // "forget my name", "forget that I like tea": `subject` is the rest
  greeting,
  thanks,
  farewell,
  unknown,  // a question that rules do not answer
};

struct Request {
  Topic topic = Topic::nothing;
  std::string subject;
};

// The last question of `text` counts, else the first other wish.
Request request_in(std::string_view text);

}  // namespace reverie::demo
