#include "net/server.hpp"

#include "config/log_line.hpp"
#include "config/settings.hpp"
#include "net/admission.hpp"
#include "net/connection.hpp"
#include "net/io_bridge.hpp"
#include "net/io_thread.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/actor_system.hpp>

namespace reverie {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int backlog = 4'096;  // net.core.somaxconn of current kernels
constexpr std::chrono::milliseconds accept_pause{50};
constexpr std::size_t io_threads_default_max = 4;    // one carries ~50,000 requests/s
constexpr std::size_t descriptors_for_others = 256;  // storage, providers, logs

constexpr std::string_view busy_response =
  "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 48\r\n"
  "retry-after: 1\r\nconnection: close\r\n\r\n"
  R"({"detail":"The server has too many connections"})";

// Raises the soft limit on open files to the hard one; returns it.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1'024;
  if (limit.rlim_cur < limit.rlim_max) {
    const rlimit raised{limit.rlim_max, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

Result<tcp::endpoint> resolve(asio::io_context& io, const std::string& host, std::uint16_t port) {
  tcp::resolver resolver(io);
  error_code error;
  const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
  if (error || found.empty())
    return Error{Errc::invalid_argument, "cannot listen on " + host + ": " + error.message(),
                 "server.host"};
  for (const auto& entry : found)  // "localhost" is both; clients try IPv4 when IPv6 refuses
    if (entry.endpoint().address().is_v4()) return entry.endpoint();
  return found.begin()->endpoint();
}

// A socket for both families shows IPv4 clients as ::ffff:192.0.2.1.
asio::ip::address plain_address(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address;
}

// Out of descriptors or memory: accepting again at once would only burn the processor.
bool needs_pause(const error_code& error) {
  return error.value() == EMFILE || error.value() == ENFILE || error.value() == ENOBUFS
         || error.value() == ENOMEM;
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, Handler handler) : context_(std::make_shared<ServerContext>()) {
    context_->options = std::move(options);
    context_->handler = std::move(handler);
    context_->on_connection_end = [this](const std::string& client) { admission_.release(client); };
    context_->on_exchange_end = [this] {
      const std::lock_guard lock(mutex_);
      changed_.notify_all();
    };
  }

  ~Impl() {
    abort();
    stop(std::chrono::milliseconds(0));
    close_spare();
  }

  Status start(caf::actor_system& system) {
    const std::size_t descriptors = raise_descriptor_limit();
    ServerLimits& limits = context_->options.limits;
    if (descriptors > 2 * descriptors_for_others)
      limits.connections = std::min(limits.connections, descriptors - descriptors_for_others);
    std::size_t count = context_->options.io_threads;
    if (count == 0)
      count =
        std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, io_threads_default_max);
    for (std::size_t i = 0; i < count; ++i)
      threads_.push_back(std::make_shared<IoThread>(context_));
    acceptor_ = std::make_unique<tcp::acceptor>(threads_[0]->io());
    accept_timer_ = std::make_unique<asio::steady_timer>(threads_[0]->io());
    REVERIE_CHECK(listen());
    open_spare();
    for (const auto& thread : threads_) thread->start(system);
    asio::post(threads_[0]->io(), [this] { accept(); });
    return {};
  }

  std::uint16_t port() const { return endpoint_.port(); }
  const std::string& address() const { return address_; }

  ServerGauges gauges() const {
    return {admission_.count(), context_->exchanges.load(), context_->streams.load(),
            context_->websockets.load()};
  }

  void stop(std::chrono::milliseconds deadline) {
    const std::lock_guard once(stop_mutex_);
    if (threads_.empty()) return;
    context_->is_stopping = true;
    asio::post(threads_[0]->io(), [this] { close_acceptor(); });
    each_thread([](IoThread& thread) { thread.close_idle_connections(); });
    wait_for_exchanges(deadline);
    each_thread([](IoThread& thread) { thread.close_all_connections(); });
    for (const auto& thread : threads_) thread->join();
    acceptor_.reset();
    accept_timer_.reset();
    threads_.clear();
  }

  void abort() {
    const std::lock_guard lock(mutex_);
    is_aborted_ = true;
    changed_.notify_all();
  }

 private:
  Status listen() {
    const ServerOptions& options = context_->options;
    REVERIE_TRY(const tcp::endpoint wanted, resolve(threads_[0]->io(), options.host, options.port));
    error_code error;
    acceptor_->open(wanted.protocol(), error);
    if (!error) acceptor_->set_option(asio::socket_base::reuse_address(true), error);
    if (!error && wanted.address().is_v6() && wanted.address().is_unspecified())
      acceptor_->set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor_->bind(wanted, error);
    if (!error) acceptor_->listen(backlog, error);
    if (!error) endpoint_ = acceptor_->local_endpoint(error);
    if (error)
      return Error{Errc::unavailable,
                   "cannot listen on " + options.host + ":" + std::to_string(options.port) + ": "
                     + error.message(),
                   "server.port"};
    address_ = endpoint_.address().to_string();
    return {};
  }

  // One acceptor deals connections out in turn: with an acceptor per thread (SO_REUSEPORT) the
  // kernel's hash leaves some threads without clients, and two servers could share a port.
  void accept() {
    const auto thread = threads_[next_thread_];
    next_thread_ = (next_thread_ + 1) % threads_.size();
    acceptor_->async_accept(thread->io(), [this, thread](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_->is_open()) return;
      if (!error) {
        admit(thread, std::move(socket));
      } else if (needs_pause(error)) {
        return pause_accepting(error);
      }
      accept();
    });
  }

  void admit(const std::shared_ptr<IoThread>& thread, tcp::socket socket) {
    error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error) return;  // gone already
    const asio::ip::address address = plain_address(peer.address());
    std::string client = address.to_string();
    const ServerLimits& limits = context_->options.limits;
    const bool is_exempt = limits.loopback_is_exempt && address.is_loopback();
    if (!admission_.acquire(client, limits.connections,
                            is_exempt ? 0 : limits.connections_per_address))
      return turn_away(socket);
    asio::post(
      thread->io(), [thread, socket = std::move(socket), client = std::move(client)]() mutable {
        std::make_shared<Connection>(std::move(socket), thread, std::move(client))->start();
      });
  }

  // The kernel takes so few bytes at once, or the client does without.
  void turn_away(tcp::socket& socket) {
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.send(asio::buffer(busy_response.data(), busy_response.size()), 0, ignored);
    socket.shutdown(asio::socket_base::shutdown_send, ignored);
  }

  // Without a free descriptor a connection stays in the kernel's queue and its client hangs:
  // the spare one is given up to take it and close it.
  void pause_accepting(const error_code& error) {
    log_warn("http: cannot accept connections error={}", error.message());
    close_spare();
    error_code ignored;
    acceptor_->non_blocking(true, ignored);
    tcp::socket refused(threads_[0]->io());
    acceptor_->accept(refused, ignored);
    refused.close(ignored);
    open_spare();
    accept_timer_->expires_after(accept_pause);
    accept_timer_->async_wait([this](const error_code& cancelled) {
      if (!cancelled) accept();
    });
  }

  void open_spare() { spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
  void close_spare() {
    if (spare_ >= 0) ::close(spare_);
    spare_ = -1;
  }

  void close_acceptor() {
    error_code ignored;
    acceptor_->close(ignored);
    accept_timer_->cancel();
  }

  void each_thread(void (*visit)(IoThread&)) {
    for (const auto& thread : threads_)
      asio::post(thread->io(), [thread, visit] { visit(*thread); });
  }

  void wait_for_exchanges(std::chrono::milliseconds deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, deadline, [this] {
      return is_aborted_
             || (context_->exchanges == 0 && context_->streams == 0 && context_->websockets == 0);
    });
  }

  std::shared_ptr<ServerContext> context_;
  std::vector<std::shared_ptr<IoThread>> threads_;
  std::unique_ptr<tcp::acceptor> acceptor_;  // and the rest of this group: first thread only
  std::unique_ptr<asio::steady_timer> accept_timer_;
  std::size_t next_thread_ = 0;
  int spare_ = -1;

  tcp::endpoint endpoint_;
  std::string address_;

  Admission admission_;
  std::mutex stop_mutex_;
  std::mutex mutex_;  // for all below
  std::condition_variable changed_;
  bool is_aborted_ = false;
};

ServerOptions server_options(const Settings& all) {
  const ServerSettings& settings = all.server;
  const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
  ServerOptions options;
  options.host = settings.host;
  options.port = static_cast<std::uint16_t>(settings.port);
  options.io_threads = size(settings.io_threads);
  options.path_prefix = settings.path_prefix;
  options.limits.header_bytes = size(settings.header_bytes_max);
  options.limits.body_bytes = size(settings.body_bytes_max);
  options.limits.idle_time = std::chrono::seconds(settings.idle_s);
  options.limits.body_time = std::chrono::seconds(settings.request_s);
  options.limits.stream_queue_bytes = size(settings.stream_queue_bytes_max);
  options.limits.ping_time = std::chrono::seconds(all.streams.ping_s);
  options.limits.connections = size(settings.connections_max);
  options.limits.connections_per_address = size(settings.connections_per_address_max);
  return options;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(caf::actor_system& system, ServerOptions options,
                                              Handler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  REVERIE_CHECK(impl->start(system));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const {
  return impl_->port();
}
const std::string& Server::address() const {
  return impl_->address();
}
ServerGauges Server::gauges() const {
  return impl_->gauges();
}
void Server::stop(std::chrono::milliseconds deadline) {
  impl_->stop(deadline);
}
void Server::abort() {
  impl_->abort();
}

}  // namespace reverie
