// From HTTP to actors and back: what every route does with its request.

#pragma once

#include "actors/services.hpp"
#include "net/route.hpp"

#include <string>
#include <utility>

namespace reverie {

// Asks who owns the request's object and answers the client with the reply.
void forward(const CallBase& call, std::string object_id, Request request);

// The same, and what comes back is the stream of a run that the client then listens to.
// `after`: number of the last event that the client has.
void forward_stream(const CallBase& call, std::string object_id, Request request, bool has_pings,
                    std::int64_t after = 0);

// A message to an agent: forward_stream when the client wants to listen, else forward; an
// asynchronous one is answered with its run.
void forward_message(const CallBase& call, std::string object_id, SendMessage request);

// What a message would send to its model.
void forward_preview(const CallBase& call, std::string object_id, SendMessage request);

// Clients since 1.0 say so; older ones get more in some answers.
bool is_sdk_v1(const HttpRequest& http);

// Most handlers: the request goes to its owner as it came.
template <Record R>
void pass_on(Call<R> call) {
  R request = call.take_request();
  if constexpr (requires { request.is_sdk_v1; }) request.is_sdk_v1 = is_sdk_v1(call.http());
  std::string object_id;
  if constexpr (requires { request.object_id(); }) object_id = request.object_id();
  forward(call, std::move(object_id), std::move(request));
}

}  // namespace reverie
