// Stored bytes, and those of other nodes: any bytes are a record or an error, and what was read is
// written so that it reads the same.

#include "runtime/requests/agents.hpp"
#include "runtime/requests/messages.hpp"
#include "storage/codec.hpp"
#include "storage/records/agent.hpp"
#include "storage/records/agent_activity.hpp"
#include "storage/records/agent_summary.hpp"
#include "storage/records/block.hpp"
#include "storage/records/block_summary.hpp"
#include "storage/records/child.hpp"
#include "storage/records/context.hpp"
#include "storage/records/message.hpp"
#include "storage/records/operation.hpp"
#include "storage/records/otid.hpp"
#include "storage/records/run.hpp"
#include "storage/records/run_state.hpp"
#include "storage/records/step.hpp"
#include "tests/fuzz/input.hpp"

#include <string>

namespace {

using reverie::testing::claim;

template <class T>
void claim_record(std::string_view bytes) {
  const auto record = reverie::decode<T>(bytes);
  if (!record) {
    claim(record.error().code == reverie::Errc::corruption, "what does not decode is corrupt");
    return;
  }
  const std::string written = reverie::encode(*record);
  const auto again = reverie::decode<T>(written);
  claim(again && *again == *record, "a record that was written reads the same");
  claim(reverie::encode(*again) == written, "a record has one form in bytes");
}

using Claim = void (*)(std::string_view);

constexpr Claim claims[] = {
  claim_record<reverie::SendMessage>,   claim_record<reverie::Message>,
  claim_record<reverie::Run>,           claim_record<reverie::Agent>,
  claim_record<reverie::RunState>,      claim_record<reverie::Context>,
  claim_record<reverie::Block>,         claim_record<reverie::Step>,
  claim_record<reverie::AgentActivity>, claim_record<reverie::AgentSummary>,
  claim_record<reverie::BlockSummary>,  claim_record<reverie::Child>,
  claim_record<reverie::Operation>,     claim_record<reverie::AcceptedInput>,
  claim_record<reverie::ModifyAgent>,
};

}  // namespace

// The first byte says what the others are to be read as: '0' the first of the list, '1' the next.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto kind = static_cast<std::size_t>(data[0] + std::size(claims) * 256 - '0');
  claims[kind % std::size(claims)](reverie::testing::view(data + 1, size - 1));
  return 0;
}
