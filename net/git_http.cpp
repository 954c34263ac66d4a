#include "net/git_http.hpp"

#include "actors/services.hpp"
#include "config/log_line.hpp"
#include "net/io_bridge.hpp"
#include "runtime/git_memory/git_process.hpp"
#include "runtime/git_memory/repository.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace reverie {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t output_read_bytes = 64U << 10;
constexpr std::size_t queued_bytes_max = 256U
                                         << 10;    // below server.stream_queue_bytes_max's default
constexpr std::size_t error_bytes_max = 2U << 10;  // of what git complains about
constexpr std::chrono::seconds grace{5};           // from asking it to end to killing it

// Of the whole process, as its memory and descriptors are.
class Slot {
 public:
  Slot() = default;
  ~Slot() {
    if (is_taken_) --count_;
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  bool take(std::int64_t max) {
    is_taken_ = ++count_ <= max;
    if (!is_taken_) --count_;
    return is_taken_;
  }

 private:
  static inline std::atomic<std::int64_t> count_{0};
  bool is_taken_ = false;
};

// The end of a pair that the child gets. Asio must not know it: a copy of it lives on in the child,
// and so would what Asio has told the kernel to watch.
class ChildEnd {
 public:
  explicit ChildEnd(int descriptor) : descriptor_(descriptor) {}
  ~ChildEnd() { ::close(descriptor_); }
  ChildEnd(const ChildEnd&) = delete;
  ChildEnd& operator=(const ChildEnd&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// "version=2" and the like; what else a client could put there is none of git's.
bool is_protocol(std::string_view text) {
  constexpr std::size_t size_max = 64;
  return !text.empty() && text.size() <= size_max
         && std::all_of(text.begin(), text.end(), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '=' || c == ':'
                     || c == '.' || c == '-';
            });
}

// main never goes back and never away: a push on top of another commit than main's is refused, and
// git says so to its user, who pulls and pushes again.
std::vector<std::pair<std::string, std::string>> git_config(const GitHttp& request) {
  return {{"http.receivepack", "true"},
          {"http.getanyfile", "false"},
          {"receive.denyNonFastForwards", "true"},
          {"receive.denyDeletes", "true"},
          {"transfer.hideRefs", "refs/reverie"},  // our own (runtime/git_memory/repository.cpp)
          {"receive.fsckObjects", "true"},
          {"receive.autogc", "false"},
          {"receive.updateServerInfo", "false"},
          {"receive.maxInputSize", std::to_string(std::max<std::int64_t>(request.bytes_left, 1))},
          {"pack.threads", "1"},
          {"gc.auto", "0"}};
}

GitStart backend(const CallBase& call, const GitHttp& request) {
  const HttpRequest& http = call.http();
  const std::string service(to_string(request.service));
  GitStart start;
  start.arguments = {"http-backend"};
  start.config = git_config(request);
  start.variables = {
    {"GIT_PROJECT_ROOT",
     MemoryRepository::root(call.services().settings->storage.data_dir).string()},
    {"GIT_HTTP_EXPORT_ALL", "1"},
    {"PATH_INFO", "/" + request.agent_id + ".git/"
                    + (request.is_advertisement ? std::string("info/refs") : service)},
    {"QUERY_STRING", request.is_advertisement ? "service=" + service : std::string()},
    {"REQUEST_METHOD", std::string(to_string(http.method))},
    {"CONTENT_TYPE", std::string(http.headers.get("content-type"))},
    {"CONTENT_LENGTH", std::to_string(http.body.size())},
    {"REMOTE_USER", "letta"},
    {"REMOTE_ADDR", http.client},
  };
  const std::string_view coding = http.headers.get("content-encoding");
  if (coding == "gzip" || coding == "x-gzip")
    start.variables.emplace_back("HTTP_CONTENT_ENCODING", "gzip");
  if (const auto protocol = http.headers.get("git-protocol"); is_protocol(protocol))
    start.variables.emplace_back("GIT_PROTOCOL", std::string(protocol));
  return start;
}

// One request and its process. Everything runs on the io thread; what is waited for holds it.
class GitExchange : public std::enable_shared_from_this<GitExchange> {
 public:
  GitExchange(const CallBase& call, GitHttp request)
    : call_(call),
      request_(std::move(request)),
      io_(call.bridge().io()),
      pipe_(io_),
      complaints_(io_),
      end_(io_),
      timer_(io_) {}

  void start() {
    const GitSettings& settings = call_.services().settings->git;
    if (!slot_.take(settings.processes_max))
      return call_.fail({Errc::unavailable, "too many git requests at once; try again", "git"});
    if (const Status started = start_process(); !started) return call_.fail(started.error());
    write_body();
    read();
    read_complaints();
    wait_for_end();
    timer_.expires_after(std::chrono::seconds{settings.request_s});
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (cancelled) return;
      self->has_timed_out_ = true;
      self->stop();
    });
  }

 private:
  // A socket and no pipe: writing to one whose reader has gone raises no signal.
  Status start_process() {
    int streams[2], errors[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, streams) != 0) return no_descriptors();
    pipe_.assign(asio::local::stream_protocol(), streams[0]);
    const ChildEnd child_streams(streams[1]);
    if (::pipe2(errors, O_CLOEXEC) != 0) return no_descriptors();
    complaints_.assign(errors[0]);
    const ChildEnd child_errors(errors[1]);
    GitStart start = backend(call_, request_);
    start.input = start.output = child_streams.get();
    start.error = child_errors.get();
    auto process = start_git(start);
    if (!process) return std::move(process).error();
    process_.emplace(*std::move(process));
    const int end = ::fcntl(process_->end_descriptor(), F_DUPFD_CLOEXEC, 0);
    if (end < 0) return no_descriptors();
    end_.assign(end);
    return {};
  }

  static Error no_descriptors() {
    return {Errc::unavailable, "the server has no descriptors left for git", "git"};
  }

  // That git does not want to read all of it is no failure.
  void write_body() {
    asio::async_write(pipe_, asio::buffer(call_.http().body),
                      [self = shared_from_this()](const error_code&, std::size_t) {
                        error_code ignored;
                        self->pipe_.shutdown(asio::socket_base::shutdown_send, ignored);
                      });
  }

  void read() {
    if (!is_reading_) {
      is_reading_ = true;
      input_.resize(output_read_bytes);
      pipe_.async_read_some(asio::buffer(input_),
                            [self = shared_from_this()](const error_code& error, std::size_t n) {
                              self->is_reading_ = false;
                              if (error) return self->on_output_end();
                              self->on_output(std::string_view(self->input_).substr(0, n));
                            });
    }
  }

  void on_output(std::string_view bytes) {
    if (stream_) {
      stream_->send(std::string(bytes));
    } else {
      head_ += bytes;
      const auto head = read_cgi_head(head_);
      if (!head) return fail_and_stop(head.error());
      if (head->size > 0) open(*head);
    }
    if (!stream_ || stream_->queued_bytes() < queued_bytes_max) read();
  }

  void open(const CgiHead& head) {
    stream_ = call_.stream(head.content_type, head.status, head.headers);
    stream_->on_written([self = shared_from_this()](std::size_t) {
      if (self->stream_->queued_bytes() < queued_bytes_max && !self->has_output_ended_)
        self->read();
    });
    stream_->on_closed([self = shared_from_this()] { self->on_client_gone(); });
    if (head_.size() > head.size) stream_->send(head_.substr(head.size));
    head_.clear();
  }

  void read_complaints() {
    complaints_.async_read_some(
      asio::buffer(complaint_input_),
      [self = shared_from_this()](const error_code& error, std::size_t n) {
        if (error) return self->on_complaints_end();
        const std::size_t room =
          error_bytes_max - std::min(error_bytes_max, self->complaint_.size());
        self->complaint_.append(self->complaint_input_.data(), std::min(n, room));
        self->read_complaints();
      });
  }

  void on_complaints_end() {
    have_complaints_ended_ = true;
    finish();
  }

  void wait_for_end() {
    end_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](const error_code& error) {
                      if (error) return;
                      self->status_ = self->process_->exit_status();
                      if (!self->status_) return self->wait_for_end();
                      self->finish();
                    });
  }

  void on_output_end() {
    has_output_ended_ = true;
    finish();
  }

  // Asks the process to end, and makes it. What it has said until then still goes to the client.
  void stop() {
    if (!process_ || status_ || is_stopping_) return;
    is_stopping_ = true;
    process_->ask_to_end();
    timer_.expires_after(grace);
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled) self->process_->kill();
    });
  }

  // Nobody reads any more, so that nothing would ever ask for the rest of the output.
  void on_client_gone() {
    stop();
    error_code ignored;
    pipe_.cancel(ignored);
    if (!is_reading_) on_output_end();
  }

  void fail_and_stop(const Error& error) {
    call_.fail(error);
    has_answered_ = true;
    has_output_ended_ = true;
    stop();
  }

  // When the process has ended and all that it said was read.
  void finish() {
    if (!has_output_ended_ || !have_complaints_ended_ || !status_ || is_finished_) return;
    is_finished_ = true;
    timer_.cancel();
    report();
    const auto done = [self = shared_from_this()] { self->end_answer(); };
    if (request_.on_end)
      request_.on_end(done);
    else
      done();
  }

  void end_answer() {
    if (stream_) return stream_->close();
    if (has_answered_) return;
    if (has_timed_out_)
      return call_.fail({Errc::timeout, "git took too long (git.request_s)", "git"});
    call_.fail({Errc::upstream, "git gave no answer", "git"});
  }

  void report() const {
    if (*status_ == 0 && complaint_.empty()) return;
    log_info("git: a request did not go well agent={} service={} status={} timed_out={} said={}",
             request_.agent_id, to_string(request_.service), *status_, has_timed_out_, complaint_);
  }

  CallBase call_;
  GitHttp request_;
  asio::io_context& io_;
  Slot slot_;
  std::optional<ChildProcess> process_;
  asio::local::stream_protocol::socket pipe_;
  asio::posix::stream_descriptor complaints_;
  asio::posix::stream_descriptor end_;
  asio::steady_timer timer_;
  std::shared_ptr<EventStream> stream_;  // null until git has said its head
  std::string head_;
  std::string input_;
  std::array<char, 512> complaint_input_{};
  std::string complaint_;
  std::optional<int> status_;  // how the process ended
  bool is_reading_ = false;
  bool has_output_ended_ = false;
  bool have_complaints_ended_ = false;
  bool has_timed_out_ = false;
  bool has_answered_ = false;
  bool is_stopping_ = false;
  bool is_finished_ = false;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = text.find_last_not_of(" \t\r") + 1;
  return end > begin ? text.substr(begin, end - begin) : std::string_view();
}

}  // namespace

std::string_view to_string(GitService service) {
  return service == GitService::upload_pack ? "git-upload-pack" : "git-receive-pack";
}

void serve_git(const CallBase& call, GitHttp request) {
  std::make_shared<GitExchange>(call, std::move(request))->start();
}

Result<CgiHead> read_cgi_head(std::string_view text) {
  constexpr std::size_t size_max = 16U << 10;
  const Error no_head{Errc::upstream, "git http-backend gave no CGI head", "git"};
  CgiHead head;
  std::size_t at = 0;
  for (;;) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) {
      if (text.size() > size_max) return no_head;
      return CgiHead{};
    }
    const std::string_view line = trimmed(text.substr(at, end - at));
    at = end + 1;
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return no_head;
    const std::string name = lower_case(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "status")
      std::from_chars(value.data(), value.data() + value.size(), head.status);
    else if (name == "content-type")
      head.content_type = value;
    else if (name == "expires" || name == "pragma" || name == "cache-control")
      head.headers.add(name, std::string(value));
  }
  if (head.status < 200 || head.status > 599) return no_head;
  head.size = at;
  return head;
}

}  // namespace reverie
