// One error type for the whole server: a code from one closed enum, a sentence
// for people, and where it happened. Layers below net/ know nothing of HTTP;
// net/http.hpp owns the mapping.

#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace reverie {

// Values travel between nodes and into logs: append only, never renumber.
enum class Errc : std::uint8_t {
  invalid_argument = 1,   // the caller's input is malformed
  not_found = 2,          // the named thing does not exist
  conflict = 3,           // the thing exists in a state that forbids this
  unavailable = 4,        // try again: node down, shard moving, queue full
  timeout = 5,            // a deadline passed; the effect is unknown
  upstream = 6,           // a model provider or MCP server failed
  corruption = 7,         // stored bytes do not decode
  internal = 8,           // our bug
  bad_request = 9,        // well-formed, but this server cannot do it: an unknown tool name, say
  not_built = 10,         // this release does not serve it
  too_many = 11,          // a queue is full; try again later
  unauthenticated = 12,   // no valid credentials were sent
  pending_approval = 13,  // a tool call waits for its decision; `where` is its request's id
  gone = 14,              // was there, and is not kept for so long
  agent_paused = 15,      // it takes no messages until it is resumed; `where` is since when
  mcp_unavailable = 16,   // an MCP server whose tools were wanted cannot be reached
  mcp_timeout = 17,       // an MCP server has not answered in time; the effect is unknown
  mcp_connection = 18,    // an MCP server refused the connection, broke it off, or is none

  // What a model provider's failure is, so that clients can tell them apart.
  llm_rate_limit = 32,
  llm_authentication = 33,
  llm_insufficient_credits = 34,
  llm_bad_request = 35,
  llm_context_window = 36,  // the request does not fit the model's context window
  llm_overloaded = 37,
  llm_server_error = 38,  // 5xx, or an answer that is no answer
  llm_empty_response = 39,
  llm_timeout = 40,
  llm_connection = 41,  // refused, reset, broken off in the middle
  llm_cancelled = 42,   // we gave the call up ourselves
};

std::string_view to_string(Errc code);

struct [[nodiscard]] Error {
  Errc code = Errc::internal;
  std::string message;  // a full sentence without a final full stop
  std::string where;    // field path or operation: "body.limit", "blocks/get"

  // Prefixes `where` with an outer path element while an error travels up.
  Error in(std::string_view outer) &&;
};

// Either a T or an Error. Access to the wrong side is a bug and asserts.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const noexcept { return state_.index() == 0; }

  T& operator*() & { return value(); }
  const T& operator*() const& { return const_cast<Result*>(this)->value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &**this; }

  const Error& error() const& {
    assert(!*this);
    return *std::get_if<1>(&state_);
  }
  Error error() && {
    assert(!*this);
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  T& value() {
    assert(*this);
    return *std::get_if<0>(&state_);
  }

  std::variant<T, Error> state_;
};

// A Result without a value.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  explicit operator bool() const noexcept { return !error_.has_value(); }
  const Error& error() const& { return *error_; }
  Error error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace reverie

// The two macros of the code base. `auto x` binds the value or the enclosing
// function returns the error unchanged.
#define REVERIE_CAT_(a, b) a##b
#define REVERIE_CAT(a, b) REVERIE_CAT_(a, b)
#define REVERIE_TRY(declaration, expression)                                               \
  auto REVERIE_CAT(try_, __LINE__) = (expression);                                         \
  if (!REVERIE_CAT(try_, __LINE__)) return std::move(REVERIE_CAT(try_, __LINE__)).error(); \
  declaration = *std::move(REVERIE_CAT(try_, __LINE__))  // NOLINT(bugprone-macro-parentheses)
#define REVERIE_CHECK(expression)                                              \
  do {                                                                         \
    if (auto check_ = (expression); !check_) return std::move(check_).error(); \
  } while (false)
