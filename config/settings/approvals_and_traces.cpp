#include "config/settings/sections.hpp"

namespace reverie {

namespace {

template <auto Member>
constexpr auto approvals = option_at<&Settings::approvals, Member>();
template <auto Member>
constexpr auto traces = option_at<&Settings::traces, Member>();

}  // namespace

std::vector<Option> approvals_options() {
  return {
    {.name = "approvals.expire_s",
     .member = approvals<&ApprovalSettings::expire_s>,
     .unit = "s",
     .max = 365 * day_s,
     .doc = "How long a tool call may wait for a decision before it is denied; 0 waits for ever.",
     .source = "only its operator knows for how long an answer is still wanted"},
  };
}

std::vector<Option> traces_options() {
  return {
    {.name = "traces.enabled",
     .member = traces<&TraceSettings::enabled>,
     .doc =
       "Keep what each step sent to its model and what came back: the whole context once more.",
     .source = "a message must not cost what few people look at",
     .aliases = {"LETTA_TRACK_PROVIDER_TRACE"}},
    {.name = "traces.bytes_max",
     .member = traces<&TraceSettings::bytes_max>,
     .unit = "bytes",
     .min = kib,
     .max = 64 * mib,
     .doc = "The largest request or answer that a trace keeps whole; of longer ones, the start.",
     .source = "64,000 tokens of text"},
    {.name = "traces.age_s",
     .member = traces<&TraceSettings::age_s>,
     .unit = "s",
     .min = 1,
     .max = 3'650 * day_s,
     .doc = "How long traces can be read; a hundredth of that later at most they are gone.",
     .source = "a month, as what people come back to"},
  };
}

}  // namespace reverie
