// Requests to responses: the routes and the state behind them. No sockets and no waiting; a
// response says how it is to be delivered.

#pragma once

#include "tests/scripted_model/counters.hpp"
#include "tests/scripted_model/dialect.hpp"
#include "tests/scripted_model/http_request.hpp"
#include "tests/scripted_model/journal.hpp"
#include "tests/scripted_model/response.hpp"
#include "tests/scripted_model/settings.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace reverie::scripted {

// All members can be called from any thread.
class Service {
 public:
  explicit Service(const Settings& settings) : settings_(settings) {}

  Response answer(HttpRequest request);
  Counters& counters() { return counters_; }

 private:
  struct Route;
  static const Route* find_route(const HttpRequest& request);

  Response chat_completions(HttpRequest& request);
  Response messages(HttpRequest& request);
  Response count_tokens(HttpRequest& request);
  Response embeddings(HttpRequest& request);
  Response models(HttpRequest& request);
  Response ollama_tags(HttpRequest& request);
  Response ollama_show(HttpRequest& request);
  Response lmstudio_models(HttpRequest& request);
  Response journal_entries(HttpRequest& request);
  Response journal_last(HttpRequest& request);
  Response clear_journal(HttpRequest& request);
  Response stats(HttpRequest& request);
  Response configure(HttpRequest& request);
  Response health(HttpRequest& request);

  Response call_model(HttpRequest& request, const Dialect& dialect);
  // The failure that the script has for this request, if it is one of those that fail.
  std::optional<Fault> failure_of(const Reply& reply);
  void record(HttpRequest& request, std::optional<Reply> reply);
  Settings settings() const;

  mutable std::mutex mutex_;
  Settings settings_;
  std::map<std::string, std::int64_t> failures_;  // by Reply::key
  Journal journal_;
  Counters counters_;
};

}  // namespace reverie::scripted
