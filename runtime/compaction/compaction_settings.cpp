#include "runtime/compaction/compaction_settings.hpp"

#include <array>
#include <utility>

namespace reverie {

namespace {

constexpr std::array<std::pair<std::string_view, CompactionMode>, 4> modes{{
  {"all", CompactionMode::all},
  {"sliding_window", CompactionMode::sliding_window},
  {"self_compact_all", CompactionMode::self_compact_all},
  {"self_compact_sliding_window", CompactionMode::self_compact_sliding_window},
}};

Result<CompactionSettings> read(const Json& json) {
  REVERIE_TRY(CompactionSettings settings, from_json<CompactionSettings>(json));
  if (!compaction_mode(settings.mode))
    return Error{Errc::invalid_argument,
                 "expected all, sliding_window, self_compact_all or self_compact_sliding_window",
                 "mode"};
  if (!(settings.sliding_window_percentage >= 0 && settings.sliding_window_percentage <= 1))
    return Error{Errc::invalid_argument, "expected 0 to 1", "sliding_window_percentage"};
  if (settings.clip_chars && *settings.clip_chars < 0)
    return Error{Errc::invalid_argument, "expected 0 or more", "clip_chars"};
  return settings;
}

}  // namespace

std::optional<CompactionMode> compaction_mode(std::string_view name) {
  for (const auto& [known, mode] : modes)
    if (known == name) return mode;
  return std::nullopt;
}

Result<CompactionSettings> compaction_settings(const RawJson& of_agent, const RawJson& of_request) {
  Json merged = Json::parse(of_agent.is_null() ? "{}" : of_agent.text, nullptr, false);
  if (!merged.is_object() || !read(merged)) merged = Json::object();
  if (of_request.is_null()) return read(merged);
  const Json asked = Json::parse(of_request.text, nullptr, false);
  if (!asked.is_object()) return expected("object", asked);
  REVERIE_CHECK(read(asked));
  if (asked.contains("mode") && asked["mode"] != merged.value("mode", Json("sliding_window")))
    merged.erase("prompt");
  merged.update(asked);
  return read(merged);
}

}  // namespace reverie
