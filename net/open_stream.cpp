#include "net/open_stream.hpp"

#include <utility>

namespace reverie {

void OpenStream::on_written(std::function<void(std::size_t)> callback) {
  run([self = shared_from_this(), callback = std::move(callback)]() mutable {
    if (self->phase_ == Phase::open) self->written_ = std::move(callback);
  });
}

void OpenStream::on_closed(std::function<void()> callback) {
  run([self = shared_from_this(), callback = std::move(callback)]() mutable {
    if (self->phase_ == Phase::gone)
      callback();
    else if (self->phase_ == Phase::open)
      self->closed_ = std::move(callback);
  });
}

bool OpenStream::add_queued(std::size_t bytes) {
  if (bytes == 0 || !is_open_.load()) return false;
  queued_bytes_ += bytes;
  return true;
}

void OpenStream::on_sent(std::size_t sends, std::size_t bytes) {
  queued_bytes_ -= bytes;
  if (!written_) return;
  const auto callback = written_;  // it may replace itself
  callback(sends);
}

void OpenStream::on_client_gone() {
  if (!is_open_.exchange(false)) return on_end();
  const auto callback = std::exchange(closed_, nullptr);
  on_end();
  phase_ = Phase::gone;
  if (callback) callback();
}

// The callbacks go: what they own may own this stream.
void OpenStream::on_end() {
  phase_ = Phase::ended;
  written_ = nullptr;
  closed_ = nullptr;
}

}  // namespace reverie
