// The tools fetch_webpage and web_search, and tools of users that are requests over HTTP.

#pragma once

#include "config/clock.hpp"
#include "config/settings.hpp"
#include "runtime/http_client.hpp"
#include "runtime/tools/external_tool.hpp"
#include "runtime/web/page_fetcher.hpp"
#include "runtime/web/page_reader.hpp"
#include "runtime/web/web_search.hpp"

#include <memory>
#include <string>

namespace reverie {

// Thread-safe. At most web.concurrency_max calls are under way, and web.queue_max wait for their
// turn; one whose time is over when its turn comes returns an error.
class WebTools final : public ExternalTools {
 public:
  // `http` and `clock` outlive the tools, whose callbacks all have run when `http` is gone.
  // Errors: invalid_argument: web.allowed_networks or web.ports.
  static Result<std::unique_ptr<WebTools>> make(HttpClient& http, const Clock& clock,
                                                const WebSettings& settings);
  ~WebTools() override;  // what is under way or waits returns an error

  bool runs(const Tool& tool) const override;
  bool is_repeatable(const Tool& tool) const override;
  void run(ExternalCall call, OnOutcome on_outcome) override;
  void cancel(const std::string& id) override;

 private:
  struct Call;
  struct State;

  WebTools(HttpClient& http, const Clock& clock, AddressGuard guard, PortSet ports,
           const WebSettings& settings);

  std::shared_ptr<State> state_;
  PageReader reader_;
};

// The arguments of web_search. Errors: invalid_argument, in words for the model.
Result<SearchQuery> search_query(const ExternalCall& call, Timestamp now);

}  // namespace reverie
