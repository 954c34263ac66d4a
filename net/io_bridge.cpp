#include "net/io_bridge.hpp"

#include "config/log_line.hpp"

#include <exception>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>

namespace reverie {

namespace {

// Tells a requester that nobody is here any more; it would wait for ever otherwise.
void refuse(const caf::mailbox_element& element) {
  if (!element.mid.is_request()) return;
  caf::detail::sync_request_bouncer bouncer{caf::exit_reason::user_shutdown};
  bouncer(element.sender, element.mid);
}

}  // namespace

IoBridge::IoBridge(caf::actor_config& config, std::shared_ptr<boost::asio::io_context> io)
  : extended_base(config), io_(std::move(io)), execution_unit_(&config.host->system()) {}

void IoBridge::enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) {
  if (is_closed_.load(std::memory_order_acquire)) return refuse(*element);
  boost::asio::post(
    *io_, [this, keep = caf::strong_actor_ptr{ctrl()}, element = std::move(element)]() mutable {
      if (is_closed_.load(std::memory_order_relaxed)) return refuse(*element);
      activate(&execution_unit_, *element);
    });
}

void IoBridge::enqueue(caf::strong_actor_ptr source, caf::message_id id, caf::message content,
                       caf::execution_unit* host) {
  enqueue(caf::make_mailbox_element(std::move(source), id, {}, std::move(content)), host);
}

void IoBridge::launch(caf::execution_unit*, bool, bool hide) {
  if (!hide) register_at_system();
}

// Takes nothing but answers until somebody calls become().
void IoBridge::initialize() {
  extended_base::initialize();
  setf(is_initialized_flag);  // else CAF does this again, and forgets become(), for each message
  become(caf::behavior{[](caf::ok_atom) {}});
}

caf::invoke_message_result IoBridge::consume(caf::mailbox_element& element) {
  try {
    return extended_base::consume(element);
  } catch (const std::exception& exception) {
    log_error("bridge: a handler threw error={}", exception.what());
    multiplexed_responses_.erase(element.mid);  // and what it owns: an exchange answers 500
    return caf::invoke_message_result::consumed;
  }
}

void IoBridge::start() {
  caf::scheduled_actor::activate(&execution_unit_);
}

void IoBridge::stop() {
  is_closed_.store(true, std::memory_order_release);
  quit(caf::exit_reason::user_shutdown);
  cleanup(caf::error{caf::exit_reason::user_shutdown}, &execution_unit_);
}

}  // namespace reverie
