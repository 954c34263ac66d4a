// Answers of the messages dialect, as a stream and as one document, from any bytes.

#include "config/random.hpp"
#include "runtime/llm/anthropic.hpp"
#include "tests/fuzz/stream_claims.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = reverie::testing::view(data, size);
  reverie::testing::claim_stream(bytes, [](const std::vector<std::string_view>& slices) {
    reverie::SeededRandom random(1);
    return reverie::testing::run_stream(reverie::anthropic::StreamParser(random), slices);
  });
  reverie::SeededRandom random(1);
  reverie::testing::claim_result(reverie::anthropic::parse_completion(bytes, random));
  return 0;
}
