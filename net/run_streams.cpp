#include "net/run_streams.hpp"

#include "actors/messages.hpp"
#include "config/failpoint.hpp"
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

std::string RunStreams::wait(const CallBase& call, bool has_pings) {
  std::string name = new_uuid(*services_.random);
  listeners_.emplace(name,
                     Listener{call, nullptr, "", 0, has_pings, std::chrono::steady_clock::now()});
  arm_ping();
  return name;
}

EventStream& RunStreams::stream_of(const std::string& name, Listener& listener) {
  if (!listener.stream) {
    listener.stream = std::exchange(listener.call, std::nullopt)->stream();
    listener.stream->on_written([this, name](std::size_t sends) { on_written(name, sends); });
  }
  return *listener.stream;
}

void RunStreams::open(const std::string& name, const std::string& run_id, std::int64_t after) {
  const auto found = listeners_.find(name);
  if (found == listeners_.end()) return;
  found->second.run_id = run_id;
  stream_of(name, found->second);
  const auto stream = found->second.stream;
  stream->name_run(run_id);
  bridge_.send(services_.router, Subscribe{run_id, name, after, credit_events});
  // Last: a client that is gone already is told at once, and its entry with it.
  stream->on_closed([this, name] { close(name); });
}

void RunStreams::fail(const std::string& name, const Error& error) {
  const auto found = listeners_.find(name);
  if (found == listeners_.end()) return;
  const Listener listener = std::move(found->second);
  listeners_.erase(found);
  if (!listener.stream) return listener.call->fail(error);
  listener.stream->send(sse_event(stop_reason_event("error")));
  listener.stream->send(
    sse_event("error", error_event("", "internal_error", error.message, error.message)));
  listener.stream->send(std::string(sse_done));
  listener.stream->close();
}

void RunStreams::on_events(const RunEvents& events) {
  const auto found = listeners_.find(events.listener);
  if (found == listeners_.end()) return;
  const auto stream = found->second.stream;
  found->second.last_sent = std::chrono::steady_clock::now();
  for (const StreamEvent& event : events.events) {
    failpoint("stream.event");
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
  if (listener.run_id.empty() || listener.written < credit_events / 4) return;
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
  std::vector<std::string> due;  // apart, since a send may end a stream
  for (const auto& [name, listener] : listeners_)
    if (listener.has_pings && now - listener.last_sent >= silence) due.push_back(name);
  for (const std::string& name : due) {
    const auto found = listeners_.find(name);
    if (found == listeners_.end()) continue;
    found->second.last_sent = now;
    const std::string id = "ping-" + new_uuid(*services_.random);
    stream_of(name, found->second)
      .send(sse_event(ping_event(id, found->second.run_id, services_.clock->now())));
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
