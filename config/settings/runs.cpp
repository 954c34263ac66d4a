#include "config/settings/sections.hpp"

namespace reverie {

namespace {

template <auto Member>
constexpr auto runs = option_at<&Settings::runs, Member>();

}  // namespace

std::vector<Option> runs_options() {
  return {
    {.name = "runs.resume_attempts_max",
     .member = runs<&RunSettings::resume_attempts_max>,
     .max = 100,
     .doc = "How often a run is taken up again after crashes before it ends as failed.",
     .source = "what fails three starts in a row will fail the fourth"},
    {.name = "runs.deadline_s",
     .member = runs<&RunSettings::deadline_s>,
     .unit = "s",
     .min = 1,
     .max = 7 * day_s,
     .doc = "The longest time from accepting a message to the end of its run.",
     .source = "six model calls of the longest kind"},
    {.name = "runs.steps_max_default",
     .member = runs<&RunSettings::steps_max_default>,
     .min = 1,
     .max = 10'000,
     .doc = "Model calls in one run when the request does not say max_steps.",
     .source = "the API's default"},
    {.name = "runs.events_bytes_max",
     .member = runs<&RunSettings::events_bytes_max>,
     .unit = "bytes",
     .min = 64 * kib,
     .max = gib,
     .doc = "Events kept of one run, for streams that resume.",
     .source = "some 50,000 events"},
    {.name = "runs.events_age_s",
     .member = runs<&RunSettings::events_age_s>,
     .unit = "s",
     .min = 1,
     .max = 30 * day_s,
     .doc = "How long the events of a run can be read again.",
     .source = "3 hours, as the reference server"},
    {.name = "runs.events_node_bytes_max",
     .member = runs<&RunSettings::events_node_bytes_max>,
     .unit = "bytes",
     .min = mib,
     .max = 1'024 * gib,
     .doc = "Events kept of all runs together; beyond it those of the runs that ended first go.",
     .source = "some 500 runs of the longest kind"},
    {.name = "runs.events_sweep_s",
     .member = runs<&RunSettings::events_sweep_s>,
     .unit = "s",
     .min = 1,
     .max = day_s,
     .doc = "How often events that are too old or too many, and old traces, are taken away.",
     .source = "they are refused at their age already; this frees the disk"},
  };
}

}  // namespace reverie
