#include "runtime/web/web_tools.hpp"

#include "runtime/sandbox/secret_mask.hpp"
#include "runtime/text.hpp"
#include "runtime/time_format.hpp"
#include "runtime/tools/builtin_tool.hpp"
#include "runtime/web/http_template.hpp"
#include "runtime/web/page_text.hpp"
#include "runtime/web/request_sender.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

namespace reverie {

namespace {

constexpr std::string_view fetch_name = "fetch_webpage";
constexpr std::string_view search_name = "web_search";

using SteadyTime = std::chrono::steady_clock::time_point;

std::string_view failure_type(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
    case Errc::bad_request: return "ValueError";
    case Errc::not_found: return "KeyError";
    case Errc::upstream: return "HTTPError";
    case Errc::llm_timeout: return "TimeoutError";
    case Errc::llm_connection: return "ConnectionError";
    case Errc::llm_cancelled: return "CancelledError";
    default: return "RuntimeError";
  }
}

ToolOutcome failure(const ExternalCall& call, Error error) {
  return tool_error(call.tool->name, failure_type(error.code), std::move(error.message));
}

ToolOutcome outcome_of(const ExternalCall& call, Result<std::string> text) {
  return text ? tool_success(*std::move(text)) : failure(call, std::move(text).error());
}

// Of the agent, by name; what is to be kept secret goes before what may be seen.
Secrets keys_of(const ExternalCall& call) {
  Secrets keys = call.secrets;
  keys.insert(call.variables.begin(), call.variables.end());
  return keys;
}

Error wrong_argument(std::string message) {
  return {Errc::invalid_argument, std::move(message), std::string(search_name)};
}

Result<std::string> country_argument(const Json& arguments) {
  std::string country = text_argument(arguments, "user_location").value_or("");
  for (char& c : country)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  const bool is_code =
    country.size() == 2
    && std::all_of(country.begin(), country.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!country.empty() && !is_code)
    return wrong_argument("user_location: expected the two letters of a country, such as DE");
  return country;
}

}  // namespace

Result<SearchQuery> search_query(const ExternalCall& call, Timestamp now) {
  const Json& arguments = call.arguments;
  SearchQuery query;
  query.text = stripped(text_argument(arguments, "query").value_or(""));
  if (query.text.empty()) return wrong_argument("query: expected what to look for");
  query.results_max =
    std::clamp<std::int64_t>(integer_argument(arguments, "num_results", 10), 1, 100);
  query.category = text_argument(arguments, "category").value_or("");
  const Json* include_text = member(arguments, "include_text");
  query.include_text = include_text != nullptr && *include_text == true;
  query.include_domains = texts_in(member(arguments, "include_domains"));
  query.exclude_domains = texts_in(member(arguments, "exclude_domains"));
  if (const auto from = text_argument(arguments, "start_published_date"); from && !from->empty()) {
    REVERIE_TRY(query.published_from, range_start(*from, "UTC"));
  }
  if (const auto to = text_argument(arguments, "end_published_date"); to && !to->empty()) {
    REVERIE_TRY(query.published_to, range_end(*to, "UTC"));
  }
  REVERIE_TRY(query.country, country_argument(arguments));
  // So that a result that is cut to the tool's limit is the exception: it would be no JSON.
  constexpr std::int64_t text_chars_min = 500;
  query.text_chars_max =
    std::max(text_chars_min, call.tool->return_char_limit * 8 / 10 / query.results_max);
  query.now = now;
  return query;
}

struct WebTools::Call {
  Call(ExternalCall its_call, OnOutcome its_on_outcome, std::chrono::milliseconds time)
    : call(std::move(its_call)),
      on_outcome(std::move(its_on_outcome)),
      end(std::chrono::steady_clock::now() + time) {}

  std::int64_t time_left_ms() const {
    const auto left = end - std::chrono::steady_clock::now();
    return std::chrono::ceil<std::chrono::milliseconds>(left).count();
  }

  const ExternalCall call;
  OnOutcome on_outcome;
  const SteadyTime end;

  // Under the state's mutex:
  bool is_under_way = false;
  bool is_over = false;
  std::shared_ptr<WebTask> task;
};

// Lives as long as the last request.
struct WebTools::State : std::enable_shared_from_this<WebTools::State> {
  using CallPointer = std::shared_ptr<Call>;

  State(HttpClient& http, const Clock& its_clock, AddressGuard guard, PortSet ports,
        const WebSettings& its_settings)
    : clock(its_clock),
      settings(its_settings),
      fetcher(http, guard, ports, its_settings),
      sender(http, std::move(guard), std::move(ports), its_settings),
      search(http, its_settings) {}

  // Its outcome, once; whoever comes later is not heard. Then those whose turn it is are begun.
  void finish(const CallPointer& call, ToolOutcome outcome) {
    {
      const std::lock_guard lock(mutex);
      if (std::exchange(call->is_over, true)) return;
      calls.erase(call->call.id);
      if (call->is_under_way)
        --under_way;
      else
        std::erase(waiting, call);
    }
    std::exchange(call->on_outcome, nullptr)(std::move(outcome));
    begin_next();
  }

  // A call that ends where it begins gets here again, and leaves the rest to who is here already.
  void begin_next() {
    {
      const std::lock_guard lock(mutex);
      if (std::exchange(is_beginning, true)) return;
    }
    for (;;) {
      CallPointer next;
      {
        const std::lock_guard lock(mutex);
        if (waiting.empty() || under_way >= settings.concurrency_max) {
          is_beginning = false;
          return;
        }
        next = waiting.front();
        waiting.pop_front();
        next->is_under_way = true;
        ++under_way;
      }
      begin(next);
    }
  }

  void begin(const CallPointer& call) {
    const std::int64_t time_ms = std::min(call->time_left_ms(), settings.timeout_s * 1'000);
    if (time_ms <= 0)
      return finish(call, failure(call->call, {Errc::llm_timeout,
                                               "too many pages and searches were under way: its "
                                               "turn did not come in time",
                                               ""}));
    auto task = is_http_request(*call->call.tool)       ? begin_request(call, time_ms)
                : call->call.tool->name == fetch_name ? begin_fetch(call, time_ms)
                                                      : begin_search(call, time_ms);
    bool is_over = false;
    {
      const std::lock_guard lock(mutex);
      call->task = task;
      is_over = call->is_over;
    }
    if (is_over && task) task->cancel();
  }

  std::shared_ptr<WebTask> begin_fetch(const CallPointer& call, std::int64_t time_ms) {
    const auto url = text_argument(call->call.arguments, "url").value_or("");
    return fetcher.fetch(url, time_ms,
                         [state = shared_from_this(), call](Result<FetchedPage> page) {
                           if (!page)
                             state->finish(call, failure(call->call, std::move(page).error()));
                           else
                             state->read(call, *std::move(page));
                         });
  }

  // Not on the client's thread, which carries the models' answers too.
  void read(const CallPointer& call, FetchedPage page) {
    const std::lock_guard lock(mutex);
    if (reader == nullptr || call->is_over) return;
    const auto shared = std::make_shared<const FetchedPage>(std::move(page));
    reader->post([state = weak_from_this(), call, shared] {
      const auto alive = state.lock();
      if (!alive) return;
      const auto bytes_max = static_cast<std::size_t>(alive->settings.text_bytes_max);
      alive->finish(call, outcome_of(call->call, page_text(*shared, bytes_max)));
    });
  }

  std::shared_ptr<WebTask> begin_search(const CallPointer& call, std::int64_t time_ms) {
    auto query = search_query(call->call, clock.now());
    if (!query) {
      finish(call, failure(call->call, std::move(query).error()));
      return nullptr;
    }
    return search.search(*std::move(query), keys_of(call->call), time_ms,
                         [state = shared_from_this(), call](Result<std::string> answer) {
                           state->finish(call, outcome_of(call->call, std::move(answer)));
                         });
  }

  // No value of a secret comes back, whatever the other side makes of it.
  std::shared_ptr<WebTask> begin_request(const CallPointer& call, std::int64_t time_ms) {
    const ExternalCall& asked = call->call;
    const auto parsed = HttpTemplate::parse(asked.tool->custom->source_code);
    auto filled = parsed ? parsed->fill(asked.arguments, keys_of(asked)) : parsed.error();
    if (!filled) {
      finish(call, failure(asked, std::move(filled).error()));
      return nullptr;
    }
    std::vector<std::string> secrets;
    for (const auto& [name, value] : asked.secrets) secrets.push_back(value);
    return sender.send(*std::move(filled), time_ms,
                       [state = shared_from_this(), call,
                        mask = SecretMask(secrets)](Result<std::string> answer) {
                         ToolOutcome outcome = outcome_of(call->call, std::move(answer));
                         outcome.text = mask.apply(std::move(outcome.text), outcome.is_error);
                         for (std::string& line : outcome.stderr_lines)
                           line = mask.apply(std::move(line));
                         state->finish(call, std::move(outcome));
                       });
  }

  // Ends it as far as its caller can see; what is under way for it ends soon.
  void give_up(const CallPointer& call, std::string why) {
    std::shared_ptr<WebTask> task;
    {
      const std::lock_guard lock(mutex);
      task = call->task;
    }
    finish(call, failure(call->call, {Errc::llm_cancelled, std::move(why), ""}));
    if (task) task->cancel();
  }

  const Clock& clock;
  const WebSettings settings;
  PageFetcher fetcher;
  RequestSender sender;
  WebSearch search;

  std::mutex mutex;
  // All under mutex.
  PageReader* reader = nullptr;  // null: the tools are gone
  std::map<std::string, CallPointer> calls;
  std::deque<CallPointer> waiting;
  std::int64_t under_way = 0;
  bool is_beginning = false;
};

Result<std::unique_ptr<WebTools>> WebTools::make(HttpClient& http, const Clock& clock,
                                                 const WebSettings& settings) {
  auto guard = AddressGuard::with_networks(settings.allowed_networks);
  if (!guard) {
    Error error = std::move(guard).error();
    error.where = "web.allowed_networks";
    return error;
  }
  REVERIE_TRY(PortSet ports, PortSet::parse(settings.ports));
  return std::unique_ptr<WebTools>(
    new WebTools(http, clock, *std::move(guard), std::move(ports), settings));
}

WebTools::WebTools(HttpClient& http, const Clock& clock, AddressGuard guard, PortSet ports,
                   const WebSettings& settings)
  : state_(std::make_shared<State>(http, clock, std::move(guard), std::move(ports), settings)) {
  const std::lock_guard lock(state_->mutex);
  state_->reader = &reader_;
}

WebTools::~WebTools() {
  std::map<std::string, State::CallPointer> calls;
  {
    const std::lock_guard lock(state_->mutex);
    state_->reader = nullptr;
    calls = state_->calls;
    state_->waiting.clear();
  }
  for (const auto& [id, call] : calls) state_->give_up(call, "the server is stopping");
}

bool WebTools::runs(const Tool& tool) const {
  if (is_http_request(tool)) return true;
  return tool.tool_type == "letta_builtin" && (tool.name == fetch_name || tool.name == search_name);
}

bool WebTools::is_repeatable(const Tool& tool) const {
  if (!is_http_request(tool)) return true;
  const auto request = HttpTemplate::parse(tool.custom->source_code);
  return request && request->is_safe();
}

void WebTools::run(ExternalCall call, OnOutcome on_outcome) {
  const auto time_max = call.time_max;
  const auto taken = std::make_shared<Call>(std::move(call), std::move(on_outcome), time_max);
  bool is_taken = false;
  {
    const std::lock_guard lock(state_->mutex);
    const bool has_room =
      state_->under_way < state_->settings.concurrency_max
      || static_cast<std::int64_t>(state_->waiting.size()) < state_->settings.queue_max;
    is_taken = has_room && state_->calls.emplace(taken->call.id, taken).second;
    if (is_taken) state_->waiting.push_back(taken);
  }
  if (!is_taken)
    return std::exchange(taken->on_outcome, nullptr)(failure(
      taken->call,
      {Errc::unavailable, "too many pages and searches are under way; try again later", ""}));
  state_->begin_next();
}

void WebTools::cancel(const std::string& id) {
  State::CallPointer call;
  {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->calls.find(id);
    if (found == state_->calls.end()) return;
    call = found->second;
  }
  state_->give_up(call, "the call was given up");
}

}  // namespace reverie
