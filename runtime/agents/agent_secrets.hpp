// What an agent gives to its tools by name and shows to nobody else.

#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "config/random.hpp"
#include "storage/records/secret.hpp"
#include "storage/secret_box.hpp"
#include "storage/store.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

using SecretValues = std::map<std::string, std::string>;  // by name

struct OpenSecret {
  AgentSecret record;
  std::string value;
};

// The set that a request gives, under either of its names; nothing: it says nothing.
// Errors: invalid_argument: a name that no environment can have.
template <class Request>
Result<std::optional<SecretValues>> secrets_of(const Request& request);

Status check_secret_names(const SecretValues& secrets, const char* where);

// In the order of their names. Without a box: none. Errors: corruption, unavailable.
Result<std::vector<OpenSecret>> read_secrets(const Store& store, const SecretBox* box,
                                             const std::string& agent_id);

// The records of a new set. One that was there under the same name keeps its id and its age.
std::vector<AgentSecret> sealed_secrets(const SecretValues& secrets,
                                        const std::vector<OpenSecret>& before,
                                        const std::string& agent_id, const std::string& org_id,
                                        const std::string& user_id, const SecretBox& box,
                                        Random& random, Timestamp now);

template <class Request>
Result<std::optional<SecretValues>> secrets_of(const Request& request) {
  const auto& older = request.tool_exec_environment_variables;
  if (request.secrets) REVERIE_CHECK(check_secret_names(*request.secrets, "body.secrets"));
  if (older) REVERIE_CHECK(check_secret_names(*older, "body.tool_exec_environment_variables"));
  if (!request.secrets || !older) return request.secrets ? request.secrets : older;
  SecretValues both = *request.secrets;
  both.insert(older->begin(), older->end());
  return std::optional{std::move(both)};
}

}  // namespace reverie
