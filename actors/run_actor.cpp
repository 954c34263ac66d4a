#include "actors/run_actor.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

void RunStream::add(std::vector<StreamEvent> events) {
  for (StreamEvent& event : events) {
    // Nearly always at the end. What is sent again, from the log, is in front or there already.
    const auto place = first_from(event.number);
    if (place != events_.end() && place->number == event.number) continue;
    has_ended_ |= event.is_last;
    bytes_ += event.frame->size();
    events_.insert(place, std::move(event));
  }
  while (bytes_ > bytes_max_ && events_.size() > 1) {
    bytes_ -= events_.front().frame->size();
    events_.pop_front();
  }
}

void RunStream::subscribe(const Subscribe& message, RunListener to) {
  unsubscribe(message.listener);
  if (listeners_.size() >= listeners_max) return;
  had_listener_ = true;
  listeners_.push_back({message.listener, std::move(to), message.after, message.credit});
}

void RunStream::credit(const Credit& message) {
  if (Listener* listener = find(message.listener)) listener->credit += message.events;
}

void RunStream::unsubscribe(const std::string& listener) {
  std::erase_if(listeners_, [&](const Listener& each) { return each.name == listener; });
}

std::vector<RunStream::Delivery> RunStream::deliver() {
  std::vector<Delivery> deliveries;
  std::erase_if(listeners_, [&](Listener& listener) {
    Delivery delivery{listener.actor, {}, listener.name};
    const auto first = first_from(listener.last + 1);
    bool is_done = false;
    for (auto event = first; event != events_.end() && listener.credit > 0; ++event) {
      --listener.credit;
      listener.last = event->number;
      is_done = event->is_last;
      delivery.events.push_back(*event);
    }
    if (!delivery.events.empty()) deliveries.push_back(std::move(delivery));
    return is_done;
  });
  return deliveries;
}

std::deque<StreamEvent>::iterator RunStream::first_from(std::int64_t number) {
  if (events_.empty() || events_.back().number < number) return events_.end();
  return std::lower_bound(events_.begin(), events_.end(), number,
                          [](const StreamEvent& e, std::int64_t n) { return e.number < n; });
}

RunStream::Listener* RunStream::find(const std::string& listener) {
  const auto found = std::find_if(listeners_.begin(), listeners_.end(),
                                  [&](const Listener& each) { return each.name == listener; });
  return found == listeners_.end() ? nullptr : &*found;
}

namespace {

using RunPointer = RunActor::stateful_pointer<RunListening>;

// Leaves with its last listener. What comes when nobody listens may be for one that is on its way.
void go_on(RunPointer self, const ShardActor& shard, bool had_listeners) {
  const std::string& run_id = self->state.run_id;
  ++self->state.handled;
  for (auto& [to, events, listener] : self->state.stream.deliver())
    self->send(to, RunEvents{run_id, std::move(events), std::move(listener)});
  if (had_listeners && self->state.stream.is_over())
    self->send(shard, Leave{run_id, self->state.handled});
}

}  // namespace

RunActor::behavior_type run_actor(RunPointer self, const Services* services,
                                  const ShardActor& shard, const std::string& run_id) {
  self->state.run_id = run_id;
  self->state.stream.init(static_cast<std::size_t>(services->settings->runs.events_bytes_max));
  return {
    [self, shard](RunEvents& message) {
      const bool had_listeners = self->state.stream.has_listeners();
      self->state.stream.add(std::move(message.events));
      go_on(self, shard, had_listeners);
    },
    [self, shard](const Subscribe& message) {
      const auto listener = caf::actor_cast<RunListener>(self->current_sender());
      self->state.stream.subscribe(message, listener);
      go_on(self, shard, true);
    },
    [self, shard](const Credit& message) {
      self->state.stream.credit(message);
      go_on(self, shard, true);
    },
    [self, shard](const Unsubscribe& message) {
      self->state.stream.unsubscribe(message.listener);
      go_on(self, shard, true);
    },
    [self, shard](Tick) {
      if (!self->state.stream.has_listeners())
        self->send(shard, Leave{self->state.run_id, self->state.handled});
    },
  };
}

}  // namespace reverie
