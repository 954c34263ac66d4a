// The older transport over HTTP: one GET stays open and brings all messages; the first event says
// where ours are posted to.

#include "runtime/mcp/mcp_http.hpp"
#include "runtime/web/web_url.hpp"

#include <map>
#include <utility>

namespace reverie {

namespace {

constexpr std::int64_t stream_ms = 24LL * 3'600 * 1'000;

class SseTransport final : public McpTransport {
 public:
  SseTransport(const McpContext& context, McpEndpoint endpoint)
    : context_(context), endpoint_(std::move(endpoint)) {}
  ~SseTransport() override { close(); }

  void start(McpTransportEvents events) override;
  void send(McpOutgoing out) override;
  void settle(std::int64_t) override {}  // a POST ends by itself; its answer comes elsewhere
  void on_initialized(const std::string& version) override { version_ = version; }
  void close() override;

 private:
  void on_event(std::string_view name, std::string_view data);
  void on_endpoint(std::string_view reference);
  void on_posted(std::int64_t number, std::int64_t request, const Result<HttpResult>& result);

  const McpContext context_;
  const McpEndpoint endpoint_;
  McpTransportEvents events_;
  std::shared_ptr<McpExchange> stream_;
  std::string post_url_;  // empty: not known yet
  std::string version_;
  std::int64_t last_number_ = 0;
  std::map<std::int64_t, std::shared_ptr<McpExchange>> posts_;
};

void SseTransport::start(McpTransportEvents events) {
  events_ = std::move(events);
  HttpCall get = mcp_call(context_, endpoint_, "GET", endpoint_.url, stream_ms);
  get.headers.push_back({"Accept", "text/event-stream"});
  McpExchange::Events stream;
  stream.on_event = [this](std::string_view name, std::string_view data) { on_event(name, data); };
  stream.on_done = [this](const Result<HttpResult>& result, const std::string&) {
    const bool is_success = result && result->status >= 200 && result->status < 300;
    events_.on_end(is_success
                     ? Error{Errc::mcp_connection, "the MCP server has closed the stream", "mcp"}
                     : mcp_failure(result));
  };
  stream_ = McpExchange::start(context_, std::move(get), std::move(stream));
}

void SseTransport::on_event(std::string_view name, std::string_view data) {
  if (name == "endpoint") return on_endpoint(data);
  if (name.empty() || name == "message") events_.on_message(data);
}

// Tokens go there too, so it is a place of the same server.
void SseTransport::on_endpoint(std::string_view reference) {
  if (!post_url_.empty()) return;
  const auto base = parse_web_url(endpoint_.url);
  const auto target = base ? resolve_web_url(*base, reference) : base;
  const bool is_same = base && target && base->scheme == target->scheme
                       && base->host == target->host && base->port == target->port;
  if (!is_same)
    return events_.on_end({Errc::mcp_connection,
                           "the MCP server wants its messages at another server's address", "mcp"});
  post_url_ = target->text;
  events_.on_open();
}

void SseTransport::send(McpOutgoing out) {
  HttpCall post = mcp_call(context_, endpoint_, "POST", post_url_, out.time_ms);
  post.headers.push_back({"Content-Type", "application/json"});
  if (!version_.empty()) post.headers.push_back({"MCP-Protocol-Version", version_});
  post.headers.insert(post.headers.end(), out.headers.begin(), out.headers.end());
  post.body = std::move(out.message);
  const std::int64_t number = ++last_number_;
  McpExchange::Events events;
  events.on_done = [this, number, request = out.request](const Result<HttpResult>& result,
                                                         const std::string&) {
    on_posted(number, request, result);
  };
  posts_[number] = McpExchange::start(context_, std::move(post), std::move(events));
}

void SseTransport::on_posted(std::int64_t number, std::int64_t request,
                             const Result<HttpResult>& result) {
  posts_.erase(number);
  const bool is_success = result && result->status >= 200 && result->status < 300;
  if (is_success || request == 0) return;
  events_.on_failed(request, mcp_failure(result));
}

void SseTransport::close() {
  if (stream_) stream_->cancel();
  for (const auto& [number, post] : posts_) post->cancel();
  posts_.clear();
}

}  // namespace

std::unique_ptr<McpTransport> make_sse_transport(const McpContext& context,
                                                 const McpEndpoint& endpoint) {
  return std::make_unique<SseTransport>(context, endpoint);
}

}  // namespace reverie
