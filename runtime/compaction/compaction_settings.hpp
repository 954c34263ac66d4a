// How an agent wants its context made smaller: the `compaction_settings` of the API.

#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reverie {

enum class CompactionMode : std::uint8_t {
  all,               // everything but the system message becomes a summary
  sliding_window,    // the older part does
  self_compact_all,  // likewise, written by the agent's own model
  self_compact_sliding_window,
};
std::optional<CompactionMode> compaction_mode(std::string_view name);

struct CompactionSettings {
  std::optional<std::string> model;  // handle of who writes the summary; none: the agent's own
  RawJson model_settings;
  std::optional<std::string> prompt;  // none: that of the mode
  bool prompt_acknowledgement = false;
  std::optional<std::int64_t> clip_chars = 50'000;  // of the summary; none: no limit
  std::string mode = "sliding_window";
  double sliding_window_percentage = 0.3;  // of the window that is to become free; 0..1

  static constexpr std::string_view type_name = "CompactionSettings";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "model", &CompactionSettings::model),
      field(2, "model_settings", &CompactionSettings::model_settings),
      field(3, "prompt", &CompactionSettings::prompt),
      field(4, "prompt_acknowledgement", &CompactionSettings::prompt_acknowledgement),
      field(5, "clip_chars", &CompactionSettings::clip_chars),
      field(6, "mode", &CompactionSettings::mode),
      field(7, "sliding_window_percentage", &CompactionSettings::sliding_window_percentage),
    };
  }
};

// Of the agent, with what the request says in place of it. A request that changes the mode and
// names no prompt gets the prompt of that mode. What the agent has stored and is not understood
// counts as not said: no agent gets stuck over it. Errors: invalid_argument, in the request.
Result<CompactionSettings> compaction_settings(const RawJson& of_agent, const RawJson& of_request);

}  // namespace reverie
