#include "config/settings/sections.hpp"

namespace reverie {

namespace {

template <auto Member>
constexpr auto actors = option_at<&Settings::actors, Member>();

}  // namespace

std::vector<Option> actors_options() {
  return {
    {.name = "actors.threads",
     .member = actors<&ActorSettings::threads>,
     .max = 1'024,
     .doc = "Threads that run actors; 0 is one per core."},
    {.name = "actors.idle_s",
     .member = actors<&ActorSettings::idle_s>,
     .unit = "s",
     .min = 1,
     .max = 7 * day_s,
     .doc = "How long an agent stays in memory after its last request.",
     .source = "a pause in a conversation"},
    {.name = "actors.resident_max",
     .member = actors<&ActorSettings::resident_max>,
     .min = 1,
     .max = 10'000'000,
     .doc = "Agents in memory at once; beyond it the longest idle ones leave first.",
     .source = "100,000 in 8 GiB"},
    {.name = "actors.history_bytes_max",
     .member = actors<&ActorSettings::history_bytes_max>,
     .unit = "bytes",
     .max = 1LL << 30,
     .doc = "What an agent in memory keeps of its newest messages, so as not to read them again; "
            "0: nothing.",
     .source = "eighty short messages; with all else an agent then takes 32 KiB at most"},
    {.name = "actors.queue_max",
     .member = actors<&ActorSettings::queue_max>,
     .min = 1,
     .max = 100'000,
     .doc = "Messages that may wait for one busy agent; the next one gets 409.",
     .source = "longer queues wait longer than clients do"},
    {.name = "actors.shard_queue_max",
     .member = actors<&ActorSettings::shard_queue_max>,
     .min = 1,
     .max = 1'000'000,
     .doc = "Commits that may wait in one shard; the next one gets 503.",
     .source = "sixteen full groups of 256"},
  };
}

}  // namespace reverie
