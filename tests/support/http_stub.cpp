#include "tests/support/http_stub.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace reverie::testing {

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

void parse_head(std::string_view head, StubRequest& request) {
  const auto line_end = head.find("\r\n");
  const std::string_view line = head.substr(0, line_end);
  const auto first = line.find(' ');
  const auto second = line.find(' ', first + 1);
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, second - first - 1);
  std::size_t begin = line_end + 2;
  while (begin < head.size()) {
    const auto end = std::min(head.find("\r\n", begin), head.size());
    const std::string_view header = head.substr(begin, end - begin);
    const auto colon = header.find(':');
    if (colon != std::string_view::npos)
      request.headers[lower(std::string(header.substr(0, colon)))] =
        header.substr(std::min(header.find_first_not_of(' ', colon + 1), header.size()));
    begin = end + 2;
  }
}

}  // namespace

void StubConnection::send(std::string_view bytes) {
  while (fd_ >= 0 && !bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void StubConnection::reply(int status, std::string_view body, std::string_view extra_headers) {
  const bool has_type = extra_headers.find("Content-Type:") != std::string_view::npos;
  send("HTTP/1.1 " + std::to_string(status) + " Text\r\n"
       + (has_type ? "" : "Content-Type: application/json\r\n") + std::string(extra_headers)
       + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}

void StubConnection::start_stream() {
  send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
}

void StubConnection::close() {
  if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
  fd_ = -1;  // closed by the server's thread
}

bool StubConnection::wait_closed(int timeout_ms) {
  pollfd wanted{fd_, POLLIN | POLLRDHUP, 0};
  while (::poll(&wanted, 1, timeout_ms) > 0) {
    if (wanted.revents & (POLLRDHUP | POLLHUP | POLLERR)) return true;
    if (!read_more()) return true;
  }
  return false;
}

bool StubConnection::read_more() {
  std::array<char, 16384> bytes;
  const auto got = ::recv(fd_, bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  unread_.append(bytes.data(), static_cast<std::size_t>(got));
  return true;
}

bool StubConnection::read_request(StubRequest& request) {
  std::size_t head_end = 0;
  while ((head_end = unread_.find("\r\n\r\n")) == std::string::npos)
    if (fd_ < 0 || !read_more()) return false;
  request = {};
  parse_head(std::string_view(unread_).substr(0, head_end), request);
  unread_.erase(0, head_end + 4);
  const auto length = request.headers.find("content-length");
  const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
  while (unread_.size() < size)
    if (!read_more()) return false;
  request.body = unread_.substr(0, size);
  unread_.erase(0, size);
  return true;
}

HttpStub::HttpStub(Handler handler)
  : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener_, 256);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

HttpStub::~HttpStub() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

std::string HttpStub::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

std::vector<StubRequest> HttpStub::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpStub::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connection_count_;
    {
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
    }
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void HttpStub::serve(int fd) {
  StubConnection connection(fd);
  StubRequest request;
  while (connection.is_open() && connection.read_request(request)) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    handler_(request, connection);
  }
  const std::lock_guard lock(mutex_);
  open_.erase(std::find(open_.begin(), open_.end(), fd));
  ::close(fd);
}

}  // namespace reverie::testing
