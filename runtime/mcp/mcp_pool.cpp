#include "runtime/mcp/mcp_pool.hpp"

#include "config/log_line.hpp"
#include "runtime/mcp/mcp_session.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <set>
#include <utility>

namespace reverie {

namespace {

constexpr int pages_max = 100;  // of one list
// A server that says several times in a row that its tools have changed is asked once.
constexpr std::chrono::milliseconds changed_after{500};

using SteadyTime = std::chrono::steady_clock::time_point;

std::int64_t left_ms(SteadyTime end) {
  const auto left = end - std::chrono::steady_clock::now();
  return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

class McpPool final : public McpClient {
 public:
  explicit McpPool(McpContext context) : context_(std::move(context)) {}
  ~McpPool() override;

  void list_tools(McpEndpoint endpoint, OnTools on_tools) override;
  void call_tool(McpEndpoint endpoint, McpCall call, OnResult on_result) override;
  void cancel(const std::string& call_id) override;
  void forget(const std::string& server_id) override;
  void set_on_changed(OnChanged on_changed) override {
    context_.loop->post([this, on_changed = std::move(on_changed)] { on_changed_ = on_changed; });
  }

 private:
  using SessionPointer = std::shared_ptr<McpSession>;
  struct Open {
    McpEndpoint endpoint;
    SessionPointer session;
    SteadyTime last_used;
  };
  // A request that is made on a session, and once more on another when the first is not known.
  struct Question {
    McpEndpoint endpoint;
    std::string method;
    Json params;
    SteadyTime end;
    std::function<void(Result<Json>)> on_answer;
    int attempts = 0;
    std::string call_id;  // of a call that can be cancelled
    std::vector<HttpHeader> headers;
  };
  struct Call {
    SessionPointer session;
    std::int64_t request = 0;
    std::function<void(Result<Json>)> on_answer;
  };
  struct Listing {
    McpEndpoint endpoint;
    McpToolList list;
    SteadyTime end;
    OnTools on_tools;
    int pages = 0;
  };

  // All on the loop's thread.
  Result<SessionPointer> session_for(const McpEndpoint& endpoint);
  bool make_room();
  void touch(const SessionPointer& session);
  void look_for_idle();
  void ask(const std::shared_ptr<Question>& question);
  void on_answer(const std::shared_ptr<Question>& question, Result<Json> result);
  void begin_call(McpEndpoint endpoint, McpCall call, OnResult on_result);
  void list_page(const std::shared_ptr<Listing>& listing, const Json& params);
  void on_page(const std::shared_ptr<Listing>& listing, const Result<Json>& result);
  void note_changed(const McpEndpoint& endpoint);
  bool has_no_tools(const McpEndpoint& endpoint) const;
  void end_all();

  McpContext context_;
  OnChanged on_changed_;
  std::list<Open> open_;
  std::map<std::string, Call> calls_;  // by id
  std::set<std::string> changed_;      // servers that are asked soon
  bool looks_for_idle_ = false;
  bool is_ending_ = false;
};

McpPool::~McpPool() {
  context_.loop->post([this] { end_all(); });
  context_.loop->stop();
}

void McpPool::end_all() {
  is_ending_ = true;
  auto open = std::exchange(open_, {});
  for (const Open& each : open)
    each.session->close({Errc::unavailable, "the server is stopping", "mcp"});
}

Result<McpPool::SessionPointer> McpPool::session_for(const McpEndpoint& endpoint) {
  if (is_ending_) return Error{Errc::unavailable, "the server is stopping", "mcp"};
  for (const Open& each : open_)
    if (each.endpoint == endpoint && each.session->is_open()) return each.session;
  if (static_cast<std::int64_t>(open_.size()) >= context_.settings->sessions_max && !make_room())
    return Error{Errc::unavailable,
                 "too many sessions with MCP servers are in use; try again later",
                 "mcp.sessions_max"};
  auto session = std::make_shared<McpSession>(context_, endpoint);
  open_.push_back({endpoint, session, std::chrono::steady_clock::now()});
  McpSession::Events events;
  events.on_tools_changed = [this, endpoint] { note_changed(endpoint); };
  events.on_end = [this, raw = session.get()] {
    open_.remove_if([raw](const Open& each) { return each.session.get() == raw; });
  };
  session->start(std::move(events));
  look_for_idle();
  return session;
}

// The one that is longest unused.
bool McpPool::make_room() {
  auto oldest = open_.end();
  for (auto each = open_.begin(); each != open_.end(); ++each)
    if (!each->session->has_requests()
        && (oldest == open_.end() || each->last_used < oldest->last_used))
      oldest = each;
  if (oldest == open_.end()) return false;
  const SessionPointer session = oldest->session;
  session->close({Errc::gone, "the session was closed for another", "mcp"});
  return true;
}

void McpPool::touch(const SessionPointer& session) {
  for (Open& each : open_)
    if (each.session == session) each.last_used = std::chrono::steady_clock::now();
}

void McpPool::look_for_idle() {
  if (open_.empty() || std::exchange(looks_for_idle_, true)) return;
  const auto idle = std::chrono::seconds(context_.settings->idle_s);
  auto first = SteadyTime::max();
  for (const Open& each : open_) first = std::min(first, each.last_used + idle);
  context_.loop->after(std::chrono::milliseconds(left_ms(first)), [this, idle] {
    looks_for_idle_ = false;
    const auto now = std::chrono::steady_clock::now();
    std::vector<SessionPointer> unused;
    for (Open& each : open_) {
      if (each.session->has_requests()) each.last_used = now;
      if (each.last_used + idle <= now) unused.push_back(each.session);
    }
    for (const SessionPointer& session : unused)
      session->close({Errc::gone, "the session was not used", "mcp"});
    look_for_idle();
  });
}

void McpPool::ask(const std::shared_ptr<Question>& question) {
  auto session = session_for(question->endpoint);
  if (!session) return question->on_answer(std::move(session).error());
  touch(*session);
  const std::int64_t request = (*session)->request(
    question->method, question->params, left_ms(question->end), question->headers,
    [this, question, weak = std::weak_ptr(*session)](Result<Json> result) {
      if (const auto used = weak.lock()) touch(used);
      on_answer(question, std::move(result));
    });
  if (const auto call = calls_.find(question->call_id); call != calls_.end()) {
    call->second.session = *session;
    call->second.request = request;
  }
}

void McpPool::on_answer(const std::shared_ptr<Question>& question, Result<Json> result) {
  const bool is_lost = !result && result.error().code == Errc::gone;
  if (is_lost && question->attempts++ == 0) return ask(question);
  if (is_lost) {
    Error error = std::move(result).error();
    error.code = Errc::mcp_connection;
    return question->on_answer(std::move(error));
  }
  question->on_answer(std::move(result));
}

void McpPool::call_tool(McpEndpoint endpoint, McpCall call, OnResult on_result) {
  context_.loop->post([this, endpoint = std::move(endpoint), call = std::move(call),
                       on_result = std::move(on_result)]() mutable {
    begin_call(std::move(endpoint), std::move(call), std::move(on_result));
  });
}

void McpPool::begin_call(McpEndpoint endpoint, McpCall call, OnResult on_result) {
  if (static_cast<std::int64_t>(calls_.size()) >= context_.settings->calls_max)
    return on_result(Error{Errc::unavailable,
                           "too many calls of MCP servers are under way; try again later",
                           "mcp.calls_max"});
  auto question = std::make_shared<Question>();
  question->endpoint = std::move(endpoint);
  question->method = "tools/call";
  question->params = call_params(call.tool_name, call.arguments, call.id);
  question->end = std::chrono::steady_clock::now() + std::chrono::milliseconds(call.time_ms);
  question->call_id = call.id;
  question->headers = std::move(call.headers);
  question->on_answer = [this, id = call.id](Result<Json> result) {
    if (auto ended = calls_.extract(id)) ended.mapped().on_answer(std::move(result));
  };
  if (!calls_.emplace(call.id, Call{nullptr, 0, on_result}).second)
    return on_result(Error{Errc::internal, "a call of this id is under way", call.id});
  ask(question);
}

void McpPool::cancel(const std::string& call_id) {
  context_.loop->post([this, call_id] {
    auto call = calls_.extract(call_id);
    if (!call) return;
    if (call.mapped().session)
      call.mapped().session->cancel(call.mapped().request, "the call was given up");
    call.mapped().on_answer(Error{Errc::llm_cancelled, "the call was given up", "mcp"});
  });
}

void McpPool::forget(const std::string& server_id) {
  context_.loop->post([this, server_id] {
    std::vector<SessionPointer> theirs;
    for (const Open& each : open_)
      if (each.endpoint.server_id == server_id) theirs.push_back(each.session);
    for (const SessionPointer& session : theirs)
      session->close({Errc::mcp_connection, "the MCP server was changed or deleted", "mcp"});
  });
}

void McpPool::list_tools(McpEndpoint endpoint, OnTools on_tools) {
  context_.loop->post(
    [this, endpoint = std::move(endpoint), on_tools = std::move(on_tools)]() mutable {
      auto listing = std::make_shared<Listing>();
      listing->endpoint = std::move(endpoint);
      listing->on_tools = std::move(on_tools);
      listing->end =
        std::chrono::steady_clock::now() + std::chrono::seconds(context_.settings->list_s);
      list_page(listing, Json::object());
    });
}

void McpPool::list_page(const std::shared_ptr<Listing>& listing, const Json& params) {
  auto question = std::make_shared<Question>();
  question->endpoint = listing->endpoint;
  question->method = "tools/list";
  question->params = params;
  question->end = listing->end;
  question->on_answer = [this, listing](const Result<Json>& result) { on_page(listing, result); };
  ask(question);
}

bool McpPool::has_no_tools(const McpEndpoint& endpoint) const {
  return std::any_of(open_.begin(), open_.end(), [&](const Open& each) {
    return each.endpoint == endpoint && each.session->server()
           && !each.session->server()->has_tools;
  });
}

void McpPool::on_page(const std::shared_ptr<Listing>& listing, const Result<Json>& result) {
  if (!result) {
    Error error = result.error();
    if (error.code == Errc::upstream && has_no_tools(listing->endpoint))
      return listing->on_tools(std::move(listing->list));
    if (error.code == Errc::upstream) error.code = Errc::mcp_connection;
    return listing->on_tools(std::move(error));
  }
  const McpListLimits limits{static_cast<std::size_t>(context_.settings->tools_max),
                             static_cast<std::size_t>(context_.settings->tool_bytes_max)};
  const auto cursor = add_tools(listing->list, *result, limits);
  if (!cursor) return listing->on_tools(cursor.error());
  if (*cursor && ++listing->pages < pages_max) return list_page(listing, {{"cursor", **cursor}});
  if (*cursor) listing->list.is_cut = true;
  listing->on_tools(std::move(listing->list));
}

void McpPool::note_changed(const McpEndpoint& endpoint) {
  if (endpoint.server_id.empty() || !changed_.insert(endpoint.server_id).second) return;
  context_.loop->after(changed_after, [this, org = endpoint.org_id, id = endpoint.server_id] {
    changed_.erase(id);
    if (on_changed_) on_changed_(org, id);
  });
}

}  // namespace

Result<std::unique_ptr<McpClient>> start_mcp_pool(HttpClient& http, const McpSettings& settings,
                                                  const SandboxSettings& sandbox,
                                                  const LevelWatch* level) {
  auto guard = AddressGuard::with_networks(settings.allowed_networks);
  if (!guard) {
    Error error = std::move(guard).error();
    error.where = "mcp.allowed_networks";
    return error;
  }
  McpContext context;
  context.loop = std::make_shared<McpLoop>();
  context.http = &http;
  context.guard = std::make_shared<const AddressGuard>(*std::move(guard));
  context.settings = &settings;
  context.sandbox = &sandbox;
  context.level = level;
  return std::unique_ptr<McpClient>(std::make_unique<McpPool>(std::move(context)));
}

}  // namespace reverie
