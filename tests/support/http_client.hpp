// A client for tests that speaks HTTP byte by byte: it can be slow, rude and half closed. It
// blocks, with a limit on every wait.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace reverie::testing {

// One response as it came; `is_whole` is false when the connection ended before it did.
struct Reply {
  int status = 0;
  std::string head;  // lower case names as sent, ends with an empty line
  std::string body;  // chunks joined
  bool is_whole = false;

  std::string header(std::string_view name) const {
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return "";
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port, int receive_buffer = 0) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0)
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
      ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~HttpClient() { close(); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool is_connected() const { return is_connected_; }

  // False when the server closed the connection meanwhile.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void finish_sending() { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  Reply get(std::string_view path, std::string_view headers = "") {
    send("GET " + std::string(path) + " HTTP/1.1\r\nhost: test\r\n" + std::string(headers)
         + "\r\n");
    return receive();
  }

  Reply post(std::string_view path, std::string_view body,
             std::string_view headers = "content-type: application/json\r\n",
             std::string_view method = "POST") {
    send(std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nhost: test\r\n"
         + std::string(headers) + "content-length: " + std::to_string(body.size()) + "\r\n\r\n"
         + std::string(body));
    return receive();
  }

  // The next response; one to a HEAD request has no body whatever its length says.
  Reply receive(bool is_to_head = false) {
    Reply reply;
    if (!receive_head(reply)) return reply;
    if (is_to_head) {
      reply.is_whole = true;
    } else if (reply.header("transfer-encoding") == "chunked") {
      reply.is_whole = receive_chunks(reply.body);
    } else if (const std::string length = reply.header("content-length"); !length.empty()) {
      const std::size_t size = std::stoul(length);
      while (buffer_.size() < size && fill()) {
      }
      reply.is_whole = buffer_.size() >= size;
      reply.body = buffer_.substr(0, size);
      buffer_.erase(0, size);
    } else {
      while (fill()) {
      }
      reply.body = std::move(buffer_);
      reply.is_whole = true;
    }
    return reply;
  }

  bool receive_head(Reply& reply) {
    auto end = buffer_.find("\r\n\r\n");
    while (end == std::string::npos) {
      if (!fill()) return false;
      end = buffer_.find("\r\n\r\n");
    }
    reply.head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    reply.status = std::stoi(reply.head.substr(9, 3));
    return true;
  }

  // The bytes of the next chunk; "" at the end of the stream or of the connection.
  std::string receive_chunk() {
    const std::string line = receive_line();
    if (line.empty()) return "";
    const std::size_t size = std::stoul(line, nullptr, 16);
    while (buffer_.size() < size + 2 && fill()) {
    }
    std::string chunk = buffer_.substr(0, size);
    buffer_.erase(0, size + 2);
    return chunk;
  }

  // Whether the server closes the connection, and sends nothing more, within the limit.
  bool is_closed_by_server() {
    while (fill()) {
    }
    return is_ended_ && buffer_.empty();
  }

 private:
  static constexpr int wait_ms = 10'000;  // a test that waits longer has failed

  std::string receive_line() {
    auto end = buffer_.find("\r\n");
    while (end == std::string::npos) {
      if (!fill()) return "";
      end = buffer_.find("\r\n");
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return line;
  }

  bool receive_chunks(std::string& body) {
    for (;;) {
      const std::string line = receive_line();
      if (line.empty()) return false;
      const std::size_t size = std::stoul(line, nullptr, 16);
      while (buffer_.size() < size + 2)
        if (!fill()) return false;
      body.append(buffer_, 0, size);
      buffer_.erase(0, size + 2);
      if (size == 0) return true;
    }
  }

  bool fill() {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, wait_ms) <= 0) return false;
    char bytes[16'384];
    const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got <= 0) {
      is_ended_ = true;
      return false;
    }
    buffer_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  int socket_ = -1;
  bool is_connected_ = false;
  bool is_ended_ = false;
  std::string buffer_;
};

}  // namespace reverie::testing
