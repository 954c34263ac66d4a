// Streamable HTTP: each message is a POST, whose answer is JSON or a stream of events; what the
// server says by itself comes over a GET that stays open, where it has one.

#include "runtime/mcp/mcp_http.hpp"

#include <map>
#include <utility>

namespace reverie {

namespace {

constexpr std::int64_t listening_ms = 24LL * 3'600 * 1'000;  // then it is opened again
constexpr std::chrono::milliseconds listen_again_after{1'000};
constexpr int listens_in_vain_max = 3;
constexpr std::int64_t goodbye_ms = 5'000;
constexpr std::int64_t late_ms = 1'000;

class HttpTransport final : public McpTransport {
 public:
  HttpTransport(const McpContext& context, McpEndpoint endpoint)
    : context_(context), endpoint_(std::move(endpoint)) {}
  ~HttpTransport() override { close(); }

  void start(McpTransportEvents events) override {
    events_ = std::move(events);
    opening_ = context_.loop->after(std::chrono::milliseconds(0), [this] { events_.on_open(); });
  }

  void send(McpOutgoing out) override;
  void settle(std::int64_t request) override;
  void on_initialized(const std::string& version) override {
    version_ = version;
    if (!session_id_.empty()) listen();
  }
  void close() override;

 private:
  struct Post {
    std::shared_ptr<McpExchange> exchange;
    std::int64_t request = 0;
    bool had_session = false;
  };

  HttpCall call(std::string method, std::int64_t time_ms) const;
  void take_session(const HttpResult& head);
  void on_posted(std::int64_t number, Result<HttpResult> result, const std::string& text);
  void fail(std::int64_t request, Error error);
  void listen();
  void on_listened(const Result<HttpResult>& result);

  const McpContext context_;
  const McpEndpoint endpoint_;
  McpTransportEvents events_;
  std::int64_t opening_ = 0;
  std::string session_id_;
  std::string version_;
  bool is_closed_ = false;
  std::int64_t last_number_ = 0;
  std::map<std::int64_t, Post> posts_;
  std::shared_ptr<McpExchange> listening_;
  std::int64_t listen_again_ = 0;
  int listens_in_vain_ = 0;
};

HttpCall HttpTransport::call(std::string method, std::int64_t time_ms) const {
  HttpCall call = mcp_call(context_, endpoint_, std::move(method), endpoint_.url, time_ms);
  if (!session_id_.empty()) call.headers.push_back({"Mcp-Session-Id", session_id_});
  if (!version_.empty()) call.headers.push_back({"MCP-Protocol-Version", version_});
  return call;
}

void HttpTransport::send(McpOutgoing out) {
  // The session has the time, and tells the server when it is over.
  HttpCall post = call("POST", out.time_ms + late_ms);
  post.headers.push_back({"Content-Type", "application/json"});
  post.headers.push_back({"Accept", "application/json, text/event-stream"});
  post.headers.insert(post.headers.end(), out.headers.begin(), out.headers.end());
  post.body = std::move(out.message);
  const std::int64_t number = ++last_number_;
  posts_[number] = {nullptr, out.request, !session_id_.empty()};
  McpExchange::Events events;
  events.on_head = [this](const HttpResult& head) { take_session(head); };
  events.on_event = [this](std::string_view, std::string_view data) { events_.on_message(data); };
  events.on_done = [this, number](Result<HttpResult> result, const std::string& text) {
    on_posted(number, std::move(result), text);
  };
  posts_[number].exchange = McpExchange::start(context_, std::move(post), std::move(events));
}

void HttpTransport::take_session(const HttpResult& head) {
  if (version_.empty() && session_id_.empty()) session_id_ = head.header("mcp-session-id");
}

void HttpTransport::on_posted(std::int64_t number, Result<HttpResult> result,
                              const std::string& text) {
  const Post post = std::move(posts_.extract(number).mapped());
  const bool is_success = result && result->status >= 200 && result->status < 300;
  if (is_success) {
    take_session(*result);
    if (!text.empty()) events_.on_message(text);
    if (post.request != 0)
      fail(post.request,
           {Errc::mcp_connection, "the MCP server has ended its answer without a result", "mcp"});
    return;
  }
  // 404 as the specification has it; some answer 400.
  const bool knows_no_session =
    post.had_session && result && (result->status == 404 || result->status == 400);
  Error error = mcp_failure(result);
  if (knows_no_session) error.code = Errc::gone;
  if (post.request != 0) return fail(post.request, std::move(error));
  if (knows_no_session) events_.on_end(std::move(error));
}

// Nothing happens when its answer has come.
void HttpTransport::fail(std::int64_t request, Error error) {
  events_.on_failed(request, std::move(error));
}

void HttpTransport::settle(std::int64_t request) {
  for (auto post = posts_.begin(); post != posts_.end(); ++post) {
    if (post->second.request != request) continue;
    post->second.exchange->cancel();
    posts_.erase(post);
    return;
  }
}

void HttpTransport::listen() {
  HttpCall get = call("GET", listening_ms);
  get.headers.push_back({"Accept", "text/event-stream"});
  McpExchange::Events events;
  events.on_head = [this](const HttpResult&) { listens_in_vain_ = 0; };
  events.on_event = [this](std::string_view, std::string_view data) { events_.on_message(data); };
  events.on_done = [this](const Result<HttpResult>& result, const std::string&) {
    on_listened(result);
  };
  listening_ = McpExchange::start(context_, std::move(get), std::move(events));
}

// A server that has nothing to say by itself answers 405.
void HttpTransport::on_listened(const Result<HttpResult>& result) {
  listening_ = nullptr;
  const bool is_refused = result && result->status >= 400;
  if (is_refused || ++listens_in_vain_ >= listens_in_vain_max) return;
  listen_again_ = context_.loop->after(listen_again_after, [this] { listen(); });
}

void HttpTransport::close() {
  if (std::exchange(is_closed_, true)) return;
  context_.loop->drop(opening_);
  context_.loop->drop(listen_again_);
  for (const auto& [number, post] : posts_) post.exchange->cancel();
  posts_.clear();
  if (listening_) listening_->cancel();
  listening_ = nullptr;
  if (!session_id_.empty())
    McpExchange::start(context_, call("DELETE", goodbye_ms),
                       {nullptr, nullptr, [](const Result<HttpResult>&, const std::string&) {}});
}

}  // namespace

std::unique_ptr<McpTransport> make_http_transport(const McpContext& context,
                                                  const McpEndpoint& endpoint) {
  return std::make_unique<HttpTransport>(context, endpoint);
}

}  // namespace reverie
