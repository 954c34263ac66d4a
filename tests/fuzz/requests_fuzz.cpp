// The JSON bodies of requests: any text is a request or an error that says where, and the messages
// that a client may send make a history that every provider takes.

#include "config/random.hpp"
#include "net/json_body.hpp"
#include "runtime/messages/input.hpp"
#include "runtime/requests/agents.hpp"
#include "runtime/requests/messages.hpp"
#include "storage/codec.hpp"
#include "tests/fuzz/history_claims.hpp"
#include "tests/fuzz/input.hpp"

#include <string>
#include <vector>

namespace {

using reverie::Json;
using reverie::Message;
using reverie::Result;
using reverie::testing::claim;

constexpr std::string_view agent_id = "agent-00000000-0000-4000-8000-000000000000";

void claim_words(const reverie::Error& error) {
  claim(!error.message.empty(), "an error has words");
}

void claim_messages(const Result<std::vector<Message>>& messages) {
  if (!messages) return claim_words(messages.error());
  claim(!messages->empty(), "there is something to answer");
  reverie::testing::claim_history(*messages, {});
}

Json json_of(const reverie::RawJson& raw) {
  return raw.is_null() ? Json() : Json::parse(raw.text);
}

template <class T>
Result<T> claim_read(const Json& json) {
  auto request = reverie::from_json<T>(json);
  if (!request) {
    claim_words(request.error());
    return request;
  }
  const auto arrived = reverie::decode<T>(reverie::encode(*request));
  claim(arrived && *arrived == *request, "a request arrives as it was sent");
  return request;
}

void claim_sent(const reverie::SendMessage& request) {
  reverie::SeededRandom random(1);
  const reverie::InputTarget target{agent_id, reverie::Timestamp{}, random};
  if (const Json messages = json_of(request.messages); !messages.is_null())
    claim_messages(reverie::read_input_messages(messages, target));
  if (const Json input = json_of(request.input); !input.is_null())
    claim_messages(reverie::read_input(input, target));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = reverie::read_json_body(reverie::testing::view(data, size));
  if (!json) {
    claim_words(json.error());
    return 0;
  }
  static_cast<void>(claim_read<reverie::CreateAgent>(*json));
  static_cast<void>(claim_read<reverie::ModifyMessage>(*json));
  if (const auto request = claim_read<reverie::SendMessage>(*json)) claim_sent(*request);
  return 0;
}
