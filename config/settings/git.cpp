#include "config/settings/sections.hpp"

namespace reverie {

namespace {

template <auto Member>
constexpr auto git = option_at<&Settings::git, Member>();

}  // namespace

std::vector<Option> git_options() {
  return {
    {.name = "git.repository_bytes_max",
     .member = git<&GitSettings::repository_bytes_max>,
     .unit = "bytes",
     .min = mib,
     .max = 64 * gib,
     .doc = "The largest repository of one agent's git-backed memory; a full one takes no pushes.",
     .source = "some 100,000 edits of a page of text, packed"},
    {.name = "git.loose_objects_max",
     .member = git<&GitSettings::loose_objects_max>,
     .min = 10,
     .max = 100'000,
     .doc = "Objects of a repository that are files of their own before git packs them.",
     .source = "some 300 edits; git's own bound is 6,700, for one repository a machine"},
    {.name = "git.request_s",
     .member = git<&GitSettings::request_s>,
     .unit = "s",
     .min = 1,
     .max = hour_s / 2,
     .doc = "How long git may work on one clone, fetch or push.",
     .source = "what Letta Code waits for a clone"},
    {.name = "git.processes_max",
     .member = git<&GitSettings::processes_max>,
     .min = 1,
     .max = 10'000,
     .doc = "Clones, fetches and pushes that git works on at once; the next one gets 503.",
     .source = "two processes of some 10 MiB each"},
  };
}

}  // namespace reverie
