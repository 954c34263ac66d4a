#include "net/run_streams.hpp"

#include "actors/messages.hpp"
#include "config/ids.hpp"
#include "net/io_bridge.hpp"
#include "runtime/messages/stream_events.hpp"

#include <cassert>
#include <utility>
#include <vector>

#include <caf/behavior.hpp>

namespace reverie {

namespace {

thread_local std::unique_ptr<RunStreams> streams_of_thread;

}  // namespace

void RunStreams::start(IoBridge& bridge, const Services& services) {
  streams_of_thread = std::make_unique<RunStreams>(bridge, services);
}

RunStreams& RunStreams::here() {
  assert(streams_of_thread);
  return *streams_of_thread;
}

RunStreams::RunStreams(IoBridge& bridge, const Services& services)
  : bridge_(bridge), services_(services) {
  bridge_.become(caf::behavior{[this](const RunEvents& events) { on_events(events); },
                               [this](Tick) { ping(); }});
}

void RunStreams::open(const CallBase& call, const std::string& run_id, bool has_pings) {
  const std::string name = new_uuid(*services_.random);
  auto stream = call.stream();
  listeners_.emplace(name,
                     Listener{run_id, stream, 0, has_pings, std::chrono::steady_clock::now()});
  stream->on_written([this, name](std::size_t sends) { on_written(name, sends); });
  stream->on_closed([this, name] { close(name); });
  bridge_.send(services_.router, Subscribe{run_id, name, 0, credit_events});
  arm_ping();
}

void RunStreams::on_events(const RunEvents& events) {
  const auto found = listeners_.find(events.listener);
  if (found == listeners_.end()) return;
  const auto stream = found->second.stream;
  found->second.last_sent = std::chrono::steady_clock::now();
  for (const StreamEvent& event : events.events) {
    stream->send(event.frame);
    if (!event.is_last) continue;
    listeners_.erase(events.listener);
    stream->close();
    return;
  }
}

void RunStreams::on_written(const std::string& name, std::size_t sends) {
  const auto found = listeners_.find(name);
  if (found == listeners_.end()) return;
  Listener& listener = found->second;
  listener.written += static_cast<std::int64_t>(sends);
  if (listener.written < credit_events / 4) return;
  bridge_.send(services_.router, Credit{listener.run_id, name, std::exchange(listener.written, 0)});
}

void RunStreams::close(const std::string& name) {
  const auto found = listeners_.find(name);
  if (found == listeners_.end()) return;
  bridge_.send(services_.router, Unsubscribe{found->second.run_id, name});
  listeners_.erase(found);
}

// Keeps silent streams alive: proxies cut off what says nothing.
void RunStreams::ping() {
  is_ticking_ = false;
  const auto now = std::chrono::steady_clock::now();
  const std::chrono::seconds silence{services_.settings->streams.ping_s};
  for (auto& [name, listener] : listeners_) {
    if (!listener.has_pings || now - listener.last_sent < silence) continue;
    listener.last_sent = now;
    listener.stream->send(sse_event(
      ping_event("ping-" + new_uuid(*services_.random), listener.run_id, services_.clock->now())));
  }
  arm_ping();
}

void RunStreams::arm_ping() {
  if (is_ticking_ || listeners_.empty()) return;
  is_ticking_ = true;
  bridge_.delayed_send(&bridge_, std::chrono::seconds{services_.settings->streams.ping_s} / 4,
                       Tick{});
}

}  // namespace reverie
