// How the messages of a session come and go. All of it on the loop's thread.

#pragma once

#include "config/error.hpp"
#include "config/settings.hpp"
#include "runtime/http_client.hpp"
#include "runtime/mcp/mcp_loop.hpp"
#include "runtime/sandbox/level_watch.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

enum class McpTransportKind : std::uint8_t { streamable_http, sse, stdio };

// Where a server is, with all variables filled in.
struct McpEndpoint {
  std::string org_id;
  std::string server_id;  // of the record; empty: it is tried without one
  McpTransportKind kind = McpTransportKind::streamable_http;
  std::string url;
  std::vector<HttpHeader> headers;
  std::string command;
  std::vector<std::string> args;
  std::map<std::string, std::string> env;

  bool operator==(const McpEndpoint&) const = default;
};

// What transports are made with; what is pointed to outlives them.
struct McpContext {
  std::shared_ptr<McpLoop> loop;
  HttpClient* http = nullptr;
  std::shared_ptr<const AddressGuard> guard;
  const McpSettings* settings = nullptr;
  const SandboxSettings* sandbox = nullptr;
  const LevelWatch* level = nullptr;  // null: no process is started here
};

// A message on its way out.
struct McpOutgoing {
  std::string message;
  std::int64_t request = 0;  // its id, or 0 for what has no answer
  std::int64_t time_ms = 0;
  std::vector<HttpHeader> headers = {};  // of this message alone, where there are any
};

// To whom a transport speaks. None of these is called from within a call of the transport, nor
// after its close().
struct McpTransportEvents {
  std::function<void()> on_open;                          // messages can be sent
  std::function<void(std::string_view text)> on_message;  // one message, or a batch
  // The request gets no answer. Errors: mcp_timeout, mcp_connection; gone: the server does not know
  // the session, and has not done what was asked.
  std::function<void(std::int64_t request, Error)> on_failed;
  std::function<void(Error)> on_end;  // nothing more will come. Errors: mcp_connection, unavailable
};

class McpTransport {
 public:
  virtual ~McpTransport() = default;

  virtual void start(McpTransportEvents events) = 0;
  virtual void send(McpOutgoing out) = 0;
  // The answer of this request has come, or is not waited for any more.
  virtual void settle(std::int64_t request) = 0;
  // The server has introduced itself.
  virtual void on_initialized(const std::string& version) = 0;
  virtual void close() = 0;
};

// `context` outlives it.
std::unique_ptr<McpTransport> make_mcp_transport(const McpContext& context,
                                                 const McpEndpoint& endpoint);
std::unique_ptr<McpTransport> make_http_transport(const McpContext& context,
                                                  const McpEndpoint& endpoint);
std::unique_ptr<McpTransport> make_sse_transport(const McpContext& context,
                                                 const McpEndpoint& endpoint);
std::unique_ptr<McpTransport> make_stdio_transport(const McpContext& context,
                                                   const McpEndpoint& endpoint);

}  // namespace reverie
