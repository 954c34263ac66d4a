// An actor that lives inside an io thread: its mailbox is the thread's event loop, so the
// handlers of `ask(&bridge, actor, message).then(…)` (actors/ask.hpp) run where the
// connections are and touch them without locks. An answer costs one post and no scheduler hop.
//
// In coroutines: build the request in a plain function that returns the awaitable. g++ 12
// releases twice what a lambda temporary in a co_await expression owns.

#pragma once

#include <atomic>
#include <memory>

#include <caf/behavior.hpp>
#include <caf/extend.hpp>
#include <caf/invoke_message_result.hpp>
#include <caf/mixin/behavior_changer.hpp>
#include <caf/mixin/requester.hpp>
#include <caf/mixin/sender.hpp>
#include <caf/mixin/subscriber.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/scoped_execution_unit.hpp>

namespace boost::asio {
class io_context;
}

namespace reverie {
class IoBridge;
}

template <>
class caf::behavior_type_of<reverie::IoBridge> {
 public:
  using type = caf::behavior;
};

namespace reverie {

class IoBridge
  : public caf::extend<caf::scheduled_actor,
                       IoBridge>::with<caf::mixin::sender, caf::mixin::requester,
                                       caf::mixin::subscriber, caf::mixin::behavior_changer>,
    public caf::dynamically_typed_actor_base {
 public:
  using signatures = caf::none_t;
  using behavior_type = caf::behavior;

  IoBridge(caf::actor_config& config, std::shared_ptr<boost::asio::io_context> io);

  const char* name() const override { return "io_bridge"; }

  // In the sender's thread: hands the envelope to the io thread. After stop() requests bounce.
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) override;
  void enqueue(caf::strong_actor_ptr source, caf::message_id id, caf::message content,
               caf::execution_unit* host) override;
  void launch(caf::execution_unit*, bool, bool hide) override;
  void initialize() override;
  // A handler that throws is logged and ends; CAF would end the actor, and with it every
  // request of the thread.
  caf::invoke_message_result consume(caf::mailbox_element& element) override;

  // On the io thread, before the first request. `become` then says which messages it takes.
  void start();
  // On the io thread. Requests that wait for an answer are forgotten, without a call of their
  // handlers; what they own is released.
  void stop();

  // The event loop of its io thread, for what has descriptors of its own to wait for there.
  boost::asio::io_context& io() const { return *io_; }

 private:
  std::shared_ptr<boost::asio::io_context> io_;  // senders may outlive the server
  caf::scoped_execution_unit execution_unit_;
  std::atomic<bool> is_closed_{false};
};

}  // namespace reverie
