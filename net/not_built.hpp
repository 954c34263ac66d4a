// Operations of the API contract that this release does not serve.

#pragma once

#include "net/http.hpp"

#include <span>
#include <string_view>

namespace reverie {

struct ContractOperation {
  Method method;
  std::string_view path;  // spelled as in the contract
  std::string_view operation_id;
};

// Answered with 501. A route that is served is not in the list (a test says so).
std::span<const ContractOperation> not_built_operations();

// Operations of the hosted service that clients try; answered with a quick 404, which they
// take for "not offered here".
std::span<const ContractOperation> hosted_only_operations();

HttpResponse not_built_response(std::string_view operation_id);

}  // namespace reverie
