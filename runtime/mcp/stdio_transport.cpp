// A server that is a command of this machine: one message a line, over its standard input and
// output, in a sandbox of its own for as long as the session lasts.

#include "runtime/child_process.hpp"
#include "runtime/mcp/json_rpc.hpp"
#include "runtime/mcp/mcp_transport.hpp"
#include "runtime/sandbox/bubblewrap.hpp"
#include "runtime/sandbox/seccomp_filter.hpp"
#include "runtime/text.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace reverie {

namespace {

constexpr std::size_t complaints_max = 2'048;          // bytes of its standard error that are kept
constexpr std::int64_t complaints_shown_max = 300;     // characters
constexpr std::size_t unsent_bytes_max = 16U << 20U;   // to a server that does not read
constexpr std::size_t read_at_once_max = 256U << 10U;  // then it is another's turn

// At the start of the server, until it is known what the sandbox can do.
constexpr std::chrono::milliseconds look_again_after{20};

// The descriptors that the command line starts with; those behind the third are bubblewrap's.
enum ServerFd : int { input, output, errors, arguments, filter, passwd, group, hosts, count };

Error stdio_unavailable(std::string message) {
  return {Errc::unavailable, std::move(message), "mcp"};
}

std::string joined_with_zeros(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out.append(word).push_back('\0');
  return out;
}

class StdioTransport final : public McpTransport {
 public:
  StdioTransport(const McpContext& context, McpEndpoint endpoint)
    : context_(context),
      endpoint_(std::move(endpoint)),
      lines_(static_cast<std::size_t>(context.settings->message_bytes_max)) {}
  ~StdioTransport() override { close(); }

  void start(McpTransportEvents events) override;
  void send(McpOutgoing out) override;
  void settle(std::int64_t) override {}
  void on_initialized(const std::string&) override {}
  void close() override;

 private:
  void start_in(std::chrono::milliseconds time);
  Status start_process();
  Result<ChildStart> command(std::vector<Descriptor>& files) const;
  void write_more();
  void read_output();
  void read_errors();
  void end(std::string message);
  void unwatch(Descriptor& descriptor);

  const McpContext context_;
  const McpEndpoint endpoint_;
  McpTransportEvents events_;
  std::int64_t opening_ = 0;
  std::optional<ChildProcess> process_;
  Descriptor input_;
  Descriptor output_;
  Descriptor errors_;
  std::string unsent_;
  std::size_t sent_ = 0;  // of `unsent_`
  bool waits_to_write_ = false;
  RpcLines lines_;
  std::string complaints_;  // the end of its standard error
};

void StdioTransport::start(McpTransportEvents events) {
  events_ = std::move(events);
  start_in(std::chrono::milliseconds(0));
}

// The session has its time for this.
void StdioTransport::start_in(std::chrono::milliseconds time) {
  opening_ = context_.loop->after(time, [this] {
    if (context_.level && !context_.level->level()) return start_in(look_again_after);
    auto started = start_process();
    if (!started) return events_.on_end(std::move(started).error());
    events_.on_open();
  });
}

Result<ChildStart> StdioTransport::command(std::vector<Descriptor>& files) const {
  BubblewrapServer server;
  server.args = ServerFd::arguments;
  server.network = context_.settings->stdio_network;
  server.folders = context_.settings->stdio_folders;
  server.files = {"", false, ServerFd::filter, ServerFd::passwd, ServerFd::group, ServerFd::hosts};
  server.limits = {context_.sandbox->memory_bytes, context_.sandbox->file_bytes_max,
                   context_.sandbox->processes_max};
  server.environment = {
    {"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LANG", "C.UTF-8"}, {"HOME", "/tmp"}};
  for (const auto& [name, value] : endpoint_.env) server.environment[name] = value;
  std::vector<std::string> program{endpoint_.command};
  program.insert(program.end(), endpoint_.args.begin(), endpoint_.args.end());
  // Not on the command line, which everybody on the machine can read.
  REVERIE_TRY(Descriptor words,
              sealed_memory("arguments", joined_with_zeros(bubblewrap_server_words(server))));
  REVERIE_TRY(const std::string rules, seccomp_filter(FilterFor::isolated_call));
  REVERIE_TRY(Descriptor filter_file, sealed_memory("filter", rules));
  REVERIE_TRY(Descriptor passwd_file, sealed_memory("passwd", sandbox_passwd));
  REVERIE_TRY(Descriptor group_file, sealed_memory("group", sandbox_group));
  REVERIE_TRY(Descriptor hosts_file, sealed_memory("hosts", sandbox_hosts));
  ChildStart start;
  start.arguments = bubblewrap_server_command(server, program, ::geteuid() == 0);
  start.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"};
  start.descriptors.assign(ServerFd::count, -1);
  const auto give = [&](int number, Descriptor file) {
    start.descriptors[static_cast<std::size_t>(number)] = file.get();
    files.push_back(std::move(file));
  };
  give(ServerFd::arguments, std::move(words));
  give(ServerFd::filter, std::move(filter_file));
  give(ServerFd::passwd, std::move(passwd_file));
  give(ServerFd::group, std::move(group_file));
  give(ServerFd::hosts, std::move(hosts_file));
  return start;
}

Status StdioTransport::start_process() {
  if (context_.settings->disable_stdio)
    return stdio_unavailable("MCP servers over stdio are switched off (mcp.disable_stdio)");
  const SandboxLevel level =
    context_.level ? context_.level->level().value_or(SandboxLevel::none) : SandboxLevel::none;
  if (level != SandboxLevel::isolated)
    return stdio_unavailable(
      "an MCP server over stdio runs in a sandbox of the level isolated alone, and this machine "
      "has the level "
      + std::string(to_string(level)));
  REVERIE_TRY(Pipe to, Pipe::make());
  REVERIE_TRY(Pipe from, Pipe::make());
  REVERIE_TRY(Pipe complaints, Pipe::make());
  ::fcntl(to.read.get(), F_SETFL, 0);
  ::fcntl(to.write.get(), F_SETFL, O_NONBLOCK);
  std::vector<Descriptor> files;
  REVERIE_TRY(ChildStart start, command(files));
  start.descriptors[ServerFd::input] = to.read.get();
  start.descriptors[ServerFd::output] = from.write.get();
  start.descriptors[ServerFd::errors] = complaints.write.get();
  REVERIE_TRY(ChildProcess process, ChildProcess::start(start));
  process_ = std::move(process);
  input_ = std::move(to.write);
  output_ = std::move(from.read);
  errors_ = std::move(complaints.read);
  context_.loop->watch(output_.get(), McpLoop::Wait::readable, [this] { read_output(); });
  context_.loop->watch(errors_.get(), McpLoop::Wait::readable, [this] { read_errors(); });
  return {};
}

void StdioTransport::send(McpOutgoing out) {
  if (!input_.is_open()) return;  // its end is told already
  if (unsent_.size() - sent_ + out.message.size() > unsent_bytes_max) {
    if (out.request == 0) return;
    context_.loop->post([on_failed = events_.on_failed, request = out.request] {
      on_failed(request, {Errc::mcp_connection, "the MCP server does not read its input", "mcp"});
    });
    return;
  }
  unsent_ += out.message;
  unsent_ += '\n';
  if (!waits_to_write_) write_more();
}

void StdioTransport::write_more() {
  while (sent_ < unsent_.size()) {
    const auto written = ::write(input_.get(), unsent_.data() + sent_, unsent_.size() - sent_);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      if (!std::exchange(waits_to_write_, true))
        context_.loop->watch(input_.get(), McpLoop::Wait::writable, [this] { write_more(); });
      return;
    }
    if (written < 0) break;  // it has closed its input; that it ends is told by its output
    sent_ += static_cast<std::size_t>(written);
  }
  unsent_.clear();
  sent_ = 0;
  if (std::exchange(waits_to_write_, false)) context_.loop->unwatch(input_.get());
}

void StdioTransport::read_output() {
  std::array<char, 16'384> bytes;
  for (std::size_t total = 0; total < read_at_once_max && output_.is_open();) {
    const auto got = ::read(output_.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      if (errors_.is_open()) read_errors();
      const auto shown = stripped(complaints_);
      return end("the MCP server has ended"
                 + (shown.empty() ? std::string()
                                  : ": " + as_utf8(first_characters(shown, complaints_shown_max))));
    }
    total += static_cast<std::size_t>(got);
    auto fed = lines_.feed({bytes.data(), static_cast<std::size_t>(got)},
                           [this](std::string_view line) { events_.on_message(line); });
    if (!fed) return end(fed.error().message);
  }
}

void StdioTransport::read_errors() {
  std::array<char, 4'096> bytes;
  for (std::size_t total = 0; total < read_at_once_max;) {
    const auto got = ::read(errors_.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return unwatch(errors_);
    total += static_cast<std::size_t>(got);
    complaints_.append(bytes.data(), static_cast<std::size_t>(got));
    if (complaints_.size() > complaints_max)
      complaints_.erase(0, complaints_.size() - complaints_max);
  }
}

void StdioTransport::end(std::string message) {
  unwatch(output_);
  events_.on_end({Errc::mcp_connection, std::move(message), "mcp"});
}

void StdioTransport::unwatch(Descriptor& descriptor) {
  if (!descriptor.is_open()) return;
  context_.loop->unwatch(descriptor.get());
  descriptor.close();
}

// The end of its input asks it to end; what is there a moment later is killed.
void StdioTransport::close() {
  context_.loop->drop(opening_);
  unwatch(input_);
  unwatch(output_);
  unwatch(errors_);
  if (!process_) return;
  const auto leaving = std::make_shared<ChildProcess>(*std::move(process_));
  process_.reset();
  context_.loop->after(std::chrono::milliseconds(context_.sandbox->grace_ms), [leaving] {});
}

}  // namespace

std::unique_ptr<McpTransport> make_stdio_transport(const McpContext& context,
                                                   const McpEndpoint& endpoint) {
  return std::make_unique<StdioTransport>(context, endpoint);
}

}  // namespace reverie
