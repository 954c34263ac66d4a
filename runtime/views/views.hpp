// What is stored -> what the API's clients see: the answers of all requests that change nothing.
// Plain functions of the store; the reader actors call them.

#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "runtime/llm/providers.hpp"
#include "runtime/requests/requests.hpp"
#include "storage/secret_box.hpp"
#include "storage/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reverie {

struct Block;
struct Conversation;
class RenderedAnswers;

struct ViewContext {
  const Store& store;
  const Providers& providers;
  std::string org_id;
  std::string user_id;
  RenderedAnswers* rendered = nullptr;  // null: nothing is kept
  Timestamp now = {};
  std::int64_t approvals_expire_s = 0;  // as configured; 0: never
  std::int64_t traces_age_s = 0;        // likewise
  const SecretBox* secrets = nullptr;   // null: none are shown
};

// The JSON text of the answer to any request of Owner::reader or Owner::scanner. Errors: not_found,
// invalid_argument, corruption, unavailable.
Result<std::string> answer_request(const ViewContext& context, const Request& request);

// The answer, when it is kept and current. Of memory alone, so it may be asked for anywhere.
std::optional<std::string> rendered_answer(const ViewContext& context,
                                           const RetrieveAgent& request);

// The API's AgentState, as an answer to whoever just changed the agent: with the relationships
// that pre-1.0 clients get always and 1.0 clients on create and update. Errors: as above.
Result<std::string> agent_json(const ViewContext& context, const std::string& agent_id,
                               bool with_relationships);

// The API's Block.
void append_block_json(std::string& out, const Block& block);

// The API's Conversation. `message_ids`: of its context, which only a retrieval shows.
void append_conversation_json(std::string& out, const Conversation& conversation,
                              const std::vector<std::string>& message_ids);

}  // namespace reverie
