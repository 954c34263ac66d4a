// Any stored messages, also cut off behind any of them as a crash would, make a history that every
// provider takes. Ids are few, so that they meet, and texts are often what no server would store.

#include "tests/fuzz/history_claims.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <fuzzer/FuzzedDataProvider.h>

namespace {

using reverie::Message;

constexpr std::size_t text_size_max = 64;
constexpr std::size_t messages_max = 16;
constexpr std::size_t items_max = 4;

constexpr const char* roles[] = {"system", "user", "assistant", "assistant", "tool",
                                 "tool",   "tool", "approval",  "summary",   ""};
constexpr const char* parts[] = {"text", "text", "reasoning", "redacted_reasoning", "image", ""};
constexpr const char* ids[] = {"call_1", "call_2", "call_3", "",
                               "call_that_is_longer_than_any_vendor_takes_1"};
constexpr const char* argument_texts[] = {"{}", R"({"a": [1, null]})", "", "{", "[1]", "null"};
constexpr const char* models[] = {"a/b", "c/d"};
constexpr const char* zones[] = {"UTC", "Asia/Kolkata", "nowhere", ""};

class Stored {
 public:
  Stored(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}

  std::vector<Message> messages() {
    std::vector<Message> out;
    while (out.size() < messages_max && bytes_.remaining_bytes() > 0) out.push_back(message());
    return out;
  }

  reverie::ChatHistoryOptions options() {
    reverie::ChatHistoryOptions out;
    out.model = bytes_.PickValueInArray(models);
    out.timezone = bytes_.PickValueInArray(zones);
    out.context_window =
      bytes_.ConsumeBool() ? bytes_.ConsumeIntegral<std::int64_t>() : std::int64_t{6'000};
    return out;
  }

 private:
  Message message() {
    Message out;
    out.role = bytes_.PickValueInArray(roles);
    out.created_at = reverie::Timestamp{reverie::Timestamp::duration{
      bytes_.ConsumeBool() ? bytes_.ConsumeIntegral<std::int64_t>() : 1'795'262'400'000'000}};
    if (bytes_.ConsumeBool()) out.model = bytes_.PickValueInArray(models);
    if (bytes_.ConsumeBool()) out.name = text();
    for (std::size_t i = count(); i > 0; --i)
      out.content.push_back({bytes_.PickValueInArray(parts), text(), text(), {}});
    for (std::size_t i = count(); i > 0; --i)
      out.tool_calls.push_back({one_of(ids), text(), one_of(argument_texts)});
    for (std::size_t i = count(); i > 0; --i)
      out.tool_returns.push_back(
        {one_of(ids), text(), bytes_.ConsumeBool() ? "success" : "error", returned(), {}, {}});
    return out;
  }

  std::size_t count() { return bytes_.ConsumeIntegralInRange<std::size_t>(0, items_max); }
  std::string text() { return bytes_.ConsumeRandomLengthString(text_size_max); }

  // Most choices are known ones, the others are any text.
  template <std::size_t N>
  std::string one_of(const char* const (&known)[N]) {
    const auto choice = bytes_.ConsumeIntegralInRange<std::size_t>(0, N);
    return choice < N ? known[choice] : text();
  }

  // Seldom one that is longer than the smallest cap of a return.
  std::string returned() {
    constexpr std::size_t long_size = 6'000;
    if (bytes_.ConsumeIntegralInRange(0, 31) != 0) return text();
    const std::string piece = text() + "\xc3\xa4";
    std::string out;
    while (out.size() < long_size) out += piece;
    return out;
  }

  FuzzedDataProvider bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Stored stored(data, size);
  const reverie::ChatHistoryOptions options = stored.options();
  const std::vector<Message> messages = stored.messages();
  for (std::size_t count = 0; count <= messages.size(); ++count)
    reverie::testing::claim_history(std::span(messages).first(count), options);
  return 0;
}
