// What the streams of all transports have in common: the bytes that wait, the callbacks, the end.

#pragma once

#include "net/sse.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace reverie {

class OpenStream : public EventStream, public std::enable_shared_from_this<OpenStream> {
 public:
  std::size_t queued_bytes() const final { return queued_bytes_.load(); }
  void on_written(std::function<void(std::size_t sends)> callback) final;
  void on_closed(std::function<void()> callback) final;
  bool is_open() const final { return is_open_.load(); }

  // From the transport, on its io thread.
  void on_sent(std::size_t sends, std::size_t bytes);
  void on_client_gone();
  void on_end();

 protected:
  // Runs `task` on the transport's io thread, now when called from there.
  virtual void run(std::function<void()> task) = 0;

  // False when it has ended: nothing is sent.
  bool add_queued(std::size_t bytes);
  // True the first time.
  bool end() { return is_open_.exchange(false); }

 private:
  enum class Phase : std::uint8_t { open, ended, gone };

  std::atomic<std::size_t> queued_bytes_{0};
  std::atomic<bool> is_open_{true};
  Phase phase_ = Phase::open;  // this and the callbacks: io thread only
  std::function<void(std::size_t)> written_;
  std::function<void()> closed_;
};

}  // namespace reverie
