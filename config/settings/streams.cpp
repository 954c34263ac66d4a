#include "config/settings/sections.hpp"

namespace reverie {

namespace {

template <auto Member>
constexpr auto streams = option_at<&Settings::streams, Member>();

}  // namespace

std::vector<Option> streams_options() {
  return {
    {.name = "streams.ping_s",
     .member = streams<&StreamSettings::ping_s>,
     .unit = "s",
     .min = 1,
     .max = hour_s,
     .doc = "The pause after which an open stream gets a ping.",
     .source = "below the 30 s at which proxies give up",
     .aliases = {"LETTA_KEEPALIVE_INTERVAL", "KEEPALIVE_INTERVAL"}},
    {.name = "streams.websocket_runs_max",
     .member = streams<&StreamSettings::websocket_runs_max>,
     .min = 1,
     .max = 10'000,
     .doc = "Runs that one WebSocket follows at once; further ones are refused with 429.",
     .source = "more than a page of chats shows; as many as may listen to one run"},
  };
}

}  // namespace reverie
