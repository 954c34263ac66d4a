#include "config/settings/sections.hpp"

namespace reverie {

namespace {

template <auto Member>
constexpr auto callbacks = option_at<&Settings::callbacks, Member>();

}  // namespace

std::vector<Option> callbacks_options() {
  return {
    {.name = "callbacks.attempts_max",
     .member = callbacks<&CallbackSettings::attempts_max>,
     .min = 1,
     .max = 100,
     .doc = "How often the end of an asynchronous run is told to its callback URL before that is "
            "given up.",
     .source = "once, and three more times"},
    {.name = "callbacks.retry_ms",
     .member = callbacks<&CallbackSettings::retry_ms>,
     .unit = "ms",
     .min = 1,
     .max = 3'600'000,
     .doc = "The pause before the second attempt; each later one is four times as long.",
     .source = "1, 4 and 16 s: a receiver that restarts is back by then"},
    {.name = "callbacks.timeout_s",
     .member = callbacks<&CallbackSettings::timeout_s>,
     .unit = "s",
     .min = 1,
     .max = 600,
     .doc = "How long one attempt may take.",
     .source = "as the reference server"},
    {.name = "callbacks.concurrency_max",
     .member = callbacks<&CallbackSettings::concurrency_max>,
     .min = 1,
     .max = 100'000,
     .doc = "Callbacks under way at once, with their pauses; further ones wait on the disk.",
     .source = "each holds its body in memory"},
    {.name = "callbacks.body_bytes_max",
     .member = callbacks<&CallbackSettings::body_bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = gib,
     .doc = "The largest body of a callback; a longer one is sent without its result.",
     .source = "some 50,000 messages"},
    {.name = "callbacks.answer_bytes_max",
     .member = callbacks<&CallbackSettings::answer_bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = gib,
     .doc = "The longest answer that is read, of which only the status counts.",
     .source = "any page that says what is wrong"},
    {.name = "callbacks.allowed_networks",
     .member = callbacks<&CallbackSettings::allowed_networks>,
     .doc = "Networks beside the public internet that callbacks may reach; never where clouds keep "
            "metadata.",
     .source = "receivers of self-hosted servers are on the same network"},
  };
}

}  // namespace reverie
