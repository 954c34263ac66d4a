// The route table: one line per endpoint names method, path, operation id, tag, what it
// returns and the handler; the handler's signature names the request. Reading and checking the
// request, 404/405/422 and the OpenAPI document follow from that line.
//
//   void retrieve_block(Call<ReadBlock> call);
//
//   RouteTable block_routes() {
//     return {route(Method::get, "/v1/blocks/{block_id}", "retrieve_block", "blocks",
//                   returns<Block>, retrieve_block)};
//   }

#pragma once

#include "config/error.hpp"
#include "config/fields.hpp"
#include "config/json.hpp"
#include "net/auth.hpp"
#include "net/exchange.hpp"
#include "net/http.hpp"
#include "net/openapi.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie {

// What handlers may reach (actors/services.hpp). Outlives the server.
struct Services;

// One request in flight, without its type. Copies are cheap and mean the same request, so that
// response handlers may own one. Answered once; on the io thread or any other.
class CallBase {
 public:
  CallBase(HttpRequest http, Identity identity, std::shared_ptr<Exchange> exchange,
           Services* services);

  const HttpRequest& http() const { return state_->http; }
  const Identity& identity() const { return state_->identity; }
  Services& services() const { return *state_->services; }
  IoBridge& bridge() const { return state_->exchange->bridge(); }
  // On the io thread, from any other.
  void run(std::function<void()> task) const { state_->exchange->run(std::move(task)); }

  void reply(HttpResponse response) const { state_->exchange->respond(std::move(response)); }
  void reply_json(std::string body, int status = 200) const;
  void reply_null() const { reply_json("null"); }
  void fail(const Error& error) const { reply(error_response(error)); }

  // Answers with an open stream. Only on the io thread.
  std::shared_ptr<EventStream> stream(std::string_view content_type = sse_content_type,
                                      int status = 200, const Headers& headers = {}) const;

 private:
  struct State {
    HttpRequest http;
    Identity identity;
    std::shared_ptr<Exchange> exchange;
    Services* services;
  };
  std::shared_ptr<State> state_;
};

template <Record Request>
class Call : public CallBase {
 public:
  Call(Request request, CallBase base)
    : CallBase(std::move(base)), request_(std::make_shared<Request>(std::move(request))) {}

  const Request& request() const { return *request_; }
  // For handlers that send the request on; it is empty afterwards.
  Request take_request() const { return std::move(*request_); }

 private:
  std::shared_ptr<Request> request_;
};

// Where the members of a request come from, by name.
struct InputField {
  std::string_view name;
  In in = In::body;
  bool is_list = false;  // a query key that may be repeated
};

struct Route {
  Method method = Method::get;
  std::string_view path;  // "/v1/blocks/{block_id}", spelled as in the contract
  std::string_view operation_id;
  std::string_view tag;
  std::vector<InputField> inputs;
  std::function<Status(const Json& input, const CallBase& base)> handle;
  Json (*describe)(Json& components) = nullptr;  // parameters and requestBody
  ResponseSchema response = nullptr;
  std::string_view media_type = "application/json";  // of the answer
  int status = 200;                                  // 204: without a body
};

using RouteTable = std::vector<Route>;

// A record may check what its field types cannot say: `static Status validate(const T&)`.
// Errors: invalid_argument, with the name of the member as `where`.
template <class T>
concept Validated = requires(const T& value) {
  { T::validate(value) } -> std::same_as<Status>;
};

namespace detail {

template <class T>
constexpr bool is_list = false;
template <class T>
constexpr bool is_list<std::vector<T>> = true;
template <class T>
constexpr bool is_list<std::optional<T>> = is_list<T>;

template <Record Request>
std::vector<InputField> input_fields() {
  std::vector<InputField> inputs;
  for_each_field<Request>([&](const auto& f) {
    using Value = typename std::remove_cvref_t<decltype(f)>::value_type;
    inputs.push_back({f.name, f.in, is_list<Value>});
  });
  return inputs;
}

}  // namespace detail

template <Record Request>
Route route(Method method, std::string_view path, std::string_view operation_id,
            std::string_view tag, ResponseSchema response, void (*handler)(Call<Request>)) {
  auto handle = [handler](const Json& input, const CallBase& base) -> Status {
    REVERIE_TRY(Request request, from_json<Request>(input));
    if constexpr (Validated<Request>) REVERIE_CHECK(Request::validate(request));
    handler({std::move(request), base});
    return {};
  };
  return {method,
          path,
          operation_id,
          tag,
          detail::input_fields<Request>(),
          handle,
          &describe_request<Request>,
          response};
}

// A route whose answer is no JSON: bytes of this media type.
inline Route binary(Route route, std::string_view media_type) {
  route.response = [](Json&) -> Json { return {{"type", "string"}, {"format", "binary"}}; };
  route.media_type = media_type;
  return route;
}

// Puts the members of a request together: path and query parameters and the server's own
// fields (org_id, user_id) each come from where they belong and nowhere else, all others from
// the JSON body. `values` are the path's parameters in their order. Errors: invalid_argument.
Result<Json> gather_input(const Route& route, const std::vector<std::string_view>& values,
                          const HttpRequest& request, const Identity& identity);

// Runs the route's handler, or answers 422.
void run_route(const Route& route, const std::vector<std::string_view>& values, CallBase call);
// The same for a body that is not the text of the call's request, but was read already.
void run_route(const Route& route, const std::vector<std::string_view>& values, CallBase call,
               Json body);

}  // namespace reverie
