// What can be set at the start (--latency-ms 50) and while it runs (POST /__config).

#pragma once

#include "config/fields.hpp"

#include <cstdint>
#include <string_view>
#include <tuple>

namespace reverie::scripted {

struct Settings {
  double latency_ms = 0;
  double tokens_per_s = 0;
  std::int64_t chunk_words = 1;
  bool coalesce = true;
  std::int64_t embedding_dim = 1536;
  bool journal = true;
  std::int64_t journal_size = 2000;
  bool check_history = true;

  static constexpr std::string_view type_name = "Settings";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "latency_ms", &Settings::latency_ms, "Wait before the first byte of every answer"),
      field(2, "tokens_per_s", &Settings::tokens_per_s,
            "Stream events in a second; 0: as fast as possible"),
      field(3, "chunk_words", &Settings::chunk_words, "Words in a stream event"),
      field(4, "coalesce", &Settings::coalesce,
            "Write stream events that wait for nothing together"),
      field(5, "embedding_dim", &Settings::embedding_dim, "For models that are not known"),
      field(6, "journal", &Settings::journal, "Keep the requests for GET /__journal"),
      field(7, "journal_size", &Settings::journal_size, "Requests that are kept"),
      field(8, "check_history", &Settings::check_history,
            "Refuse what the vendors refuse: a call without its result"),
    };
  }
};

}  // namespace reverie::scripted
