#include "runtime/llm/http_provider.hpp"

#include "config/log_line.hpp"
#include "runtime/llm/retry.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace reverie {

namespace {

using std::chrono::steady_clock;

class HttpLlmCall;

// What the calls of one provider share. All but the constant members belongs to the client's
// thread, so nothing here needs a lock.
class Lane {
 public:
  Lane(HttpClient& http_client, Dialect its_dialect, Endpoint its_endpoint, LlmLimits its_limits)
    : client(http_client),
      dialect(its_dialect),
      endpoint(std::move(its_endpoint)),
      limits(its_limits),
      circuit(its_limits) {}

  void admit(const std::shared_ptr<HttpLlmCall>& call);
  void leave(HttpLlmCall& call);

  HttpClient& client;
  const Dialect dialect;
  const Endpoint endpoint;
  const LlmLimits limits;
  SystemRandom random;
  Circuit circuit;

 private:
  std::int64_t running_ = 0;
  std::deque<std::shared_ptr<HttpLlmCall>> waiting_;
};

class HttpLlmCall final : public LlmCall, public std::enable_shared_from_this<HttpLlmCall> {
 public:
  HttpLlmCall(std::shared_ptr<Lane> lane, const LlmRequest& request, OnDelta on_delta,
              OnCompletion on_completion)
    : lane_(std::move(lane)),
      on_delta_(std::move(on_delta)),
      on_completion_(std::move(on_completion)),
      is_streamed_(reverie::is_streamed(lane_->dialect, request)),
      wants_deltas_(request.stream),
      start_(steady_clock::now()),
      unsent_(http_call(lane_->dialect, lane_->endpoint, request)) {}

  void cancel() override {
    lane_->client.post([self = shared_from_this()] { self->give_up(); });
  }

  // The rest runs on the client's thread.
  void attempt(std::int64_t delay_ms);
  void refuse(std::string why);  // without having been admitted

  bool is_running = false;  // holds one of the lane's places

 private:
  void give_up();
  std::int64_t left_ms() const;
  void on_data(std::string_view chunk);
  void break_off(Error error);
  void on_done(Result<HttpResult> result);
  Status feed(std::string_view chunk);
  Result<Completion> whole_answer(const HttpResult& answer);
  Result<Completion> end_of_stream();
  void deliver(LlmDelta delta);
  void deliver_all(const Completion& completion);
  void fail(LlmFailure failure);
  void succeed(Completion completion);
  void finish(Result<Completion> result);

  std::shared_ptr<Lane> lane_;
  OnDelta on_delta_;
  OnCompletion on_completion_;
  const bool is_streamed_;
  const bool wants_deltas_;
  const steady_clock::time_point start_;

  // What is sent is here before the first attempt, then with the transfer. It is the one copy of
  // the history while the model is silent; the request that it was made from is gone.
  HttpCall unsent_;
  std::shared_ptr<HttpTransfer> transfer_;
  std::int64_t attempts_ = 0;
  bool has_delta_ = false;
  bool is_over_ = false;

  // Of the attempt under way.
  SseReader reader_;
  std::optional<AnyStreamParser> parser_;
  std::optional<bool> is_document_;  // the answer is no stream although one was asked for
  std::string document_;
  std::optional<Error> stream_error_;
};

void Lane::admit(const std::shared_ptr<HttpLlmCall>& call) {
  const bool is_full = running_ >= limits.concurrent_max;
  if (is_full && static_cast<std::int64_t>(waiting_.size()) >= limits.queued_max)
    return call->refuse("too many calls wait for this provider, it is overloaded");
  if (!circuit.admit(steady_clock::now()))
    return call->refuse("the provider has failed many times in a row and is overloaded or down");
  if (is_full) {
    waiting_.push_back(call);
    return;
  }
  ++running_;
  call->is_running = true;
  call->attempt(0);
}

void Lane::leave(HttpLlmCall& call) {
  if (!call.is_running) {
    const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const auto& each) { return each.get() == &call; });
    if (found != waiting_.end()) waiting_.erase(found);
    return;
  }
  call.is_running = false;
  if (waiting_.empty()) {
    --running_;
    return;
  }
  const auto next = std::move(waiting_.front());  // takes over the place
  waiting_.pop_front();
  next->is_running = true;
  next->attempt(0);
}

void HttpLlmCall::attempt(std::int64_t delay_ms) {
  const std::int64_t total_ms = left_ms() - delay_ms;
  if (total_ms <= 0)
    return fail({{Errc::llm_timeout, "Request timed out while it waited for its turn", ""}});
  ++attempts_;
  reader_ = SseReader();
  parser_.emplace(stream_parser(lane_->dialect, lane_->random));
  is_document_.reset();
  document_.clear();
  stream_error_.reset();
  HttpCall call = transfer_ ? transfer_->take_call() : std::move(unsent_);
  call.delay_ms = delay_ms;
  call.connect_ms = lane_->limits.connect_ms;
  call.total_ms = total_ms;
  call.idle_ms = is_streamed_ ? lane_->limits.idle_ms : 0;
  call.response_bytes_max = lane_->limits.response_bytes_max;
  const auto self = shared_from_this();
  OnHttpData data;
  if (is_streamed_) data = [self](std::string_view chunk) { self->on_data(chunk); };
  transfer_ =
    lane_->client.start(std::move(call), std::move(data),
                        [self](Result<HttpResult> result) { self->on_done(std::move(result)); });
}

std::int64_t HttpLlmCall::left_ms() const {
  const auto spent = std::chrono::ceil<std::chrono::milliseconds>(steady_clock::now() - start_);
  return lane_->limits.total_ms - spent.count();
}

void HttpLlmCall::give_up() {
  if (is_over_) return;
  if (transfer_) transfer_->cancel();
  lane_->circuit.on_cancel();
  finish(Error{Errc::llm_cancelled, "the call was given up", ""});
}

void HttpLlmCall::refuse(std::string why) {
  finish(Error{Errc::llm_overloaded, std::move(why), ""});
}

void HttpLlmCall::on_data(std::string_view chunk) {
  if (is_over_ || stream_error_) return;
  if (auto status = feed(chunk); !status) return break_off(std::move(status).error());
  // The host has said all; that it closes the answer too is not waited for.
  const bool is_done = std::visit([](const auto& parser) { return parser.is_done(); }, *parser_);
  if (!is_done) return;
  auto completion = end_of_stream();
  if (completion)
    succeed(*std::move(completion));
  else
    break_off(std::move(completion).error());
}

// on_done goes on with the error once the transfer is closed.
void HttpLlmCall::break_off(Error error) {
  stream_error_ = std::move(error);
  transfer_->cancel();
}

Status HttpLlmCall::feed(std::string_view chunk) {
  if (!is_document_) {
    const auto first = chunk.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos) is_document_ = chunk[first] == '{';
  }
  if (is_document_.value_or(false)) {
    document_.append(chunk);
    return {};
  }
  return reader_.feed(chunk, [this](const SseEvent& event) {
    return std::visit(
      [&](auto& parser) {
        return parser.feed(event, [this](LlmDelta delta) { deliver(std::move(delta)); });
      },
      *parser_);
  });
}

Result<Completion> HttpLlmCall::end_of_stream() {
  const OnDelta on_delta = [this](LlmDelta delta) { deliver(std::move(delta)); };
  return std::visit(
    [&](auto& parser) -> Result<Completion> {
      REVERIE_CHECK(
        reader_.finish([&](const SseEvent& event) { return parser.feed(event, on_delta); }));
      return parser.finish(on_delta);
    },
    *parser_);
}

void HttpLlmCall::on_done(Result<HttpResult> result) {
  if (is_over_) return;
  if (stream_error_) return fail({*std::move(stream_error_)});
  if (!result) {
    if (result.error().code == Errc::llm_cancelled) return give_up();  // the client ends
    if (result.error().code == Errc::invalid_argument)
      return fail(
        {{Errc::llm_bad_request, "the endpoint is misconfigured: " + result.error().message, ""}});
    return fail({std::move(result).error()});
  }
  if (result->status < 200 || result->status >= 300) return fail(llm_failure(*result));
  auto completion = whole_answer(*result);
  if (completion)
    succeed(*std::move(completion));
  else
    fail({std::move(completion).error()});
}

Result<Completion> HttpLlmCall::whole_answer(const HttpResult& answer) {
  if (!is_streamed_) return parse_completion(lane_->dialect, answer.body, lane_->random);
  if (!is_document_.value_or(false)) return end_of_stream();
  REVERIE_TRY(Completion completion, parse_completion(lane_->dialect, document_, lane_->random));
  deliver_all(completion);
  return completion;
}

void HttpLlmCall::deliver(LlmDelta delta) {
  has_delta_ = true;
  if (wants_deltas_ && on_delta_) on_delta_(std::move(delta));
}

void HttpLlmCall::deliver_all(const Completion& completion) {
  for (const Reasoning& each : completion.reasoning)
    if (!each.text.empty()) deliver(ReasoningDelta{each.text});
  if (!completion.text.empty()) deliver(TextDelta{completion.text});
  for (std::size_t i = 0; i < completion.tool_calls.size(); ++i) {
    const ToolCall& call = completion.tool_calls[i];
    deliver(ToolCallStart{i, call.id, call.name});
    if (!call.arguments.empty()) deliver(ToolCallDelta{i, call.arguments});
  }
}

void HttpLlmCall::fail(LlmFailure failure) {
  const std::string_view code = to_string(failure.error.code);
  if (!has_delta_) {
    const auto delay_ms = retry_delay_ms(lane_->limits, attempts_, failure, lane_->random);
    if (delay_ms && *delay_ms < left_ms()) {
      log_warn("llm: trying again provider={} error={} status={} attempt={} delay_ms={}",
               lane_->endpoint.name, code, failure.status, attempts_, *delay_ms);
      return attempt(*delay_ms);
    }
  }
  log_warn("llm: a call failed provider={} error={} status={} attempts={}", lane_->endpoint.name,
           code, failure.status, attempts_);
  if (is_outage(failure))
    lane_->circuit.on_outage();
  else
    lane_->circuit.on_answer();
  finish(std::move(failure.error));
}

void HttpLlmCall::succeed(Completion completion) {
  lane_->circuit.on_answer();
  finish(std::move(completion));
}

// Vendors quote the key that they refuse.
void hide(std::string& text, const std::string& secret) {
  if (secret.empty()) return;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at))
    text.replace(at, secret.size(), "***");
}

void HttpLlmCall::finish(Result<Completion> result) {
  is_over_ = true;
  transfer_.reset();  // which holds this call
  lane_->leave(*this);
  if (!result) {
    Error error = std::move(result).error();
    hide(error.message, lane_->endpoint.api_key);
    error.where = lane_->endpoint.name;
    result = std::move(error);
  }
  on_delta_ = nullptr;
  std::exchange(on_completion_, nullptr)(std::move(result));
}

class HttpProvider final : public Provider {
 public:
  explicit HttpProvider(std::shared_ptr<Lane> lane) : lane_(std::move(lane)) {}

  std::shared_ptr<LlmCall> complete(LlmRequest request, OnDelta on_delta,
                                    OnCompletion on_completion) override {
    auto call =
      std::make_shared<HttpLlmCall>(lane_, request, std::move(on_delta), std::move(on_completion));
    lane_->client.post([lane = lane_, call] { lane->admit(call); });
    return call;
  }

  std::string request_json(const LlmRequest& request) const override {
    return http_call(lane_->dialect, lane_->endpoint, request).body;
  }

 private:
  std::shared_ptr<Lane> lane_;
};

}  // namespace

std::unique_ptr<Provider> make_http_provider(HttpClient& client, Dialect dialect, Endpoint endpoint,
                                             LlmLimits limits) {
  return std::make_unique<HttpProvider>(
    std::make_shared<Lane>(client, dialect, std::move(endpoint), limits));
}

}  // namespace reverie
