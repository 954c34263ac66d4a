#include "runtime/llm/retry.hpp"

#include <gtest/gtest.h>

namespace reverie {

namespace {

using std::chrono::milliseconds;

LlmFailure failure(Errc code, int status = 0) {
  return {{code, "", ""}, status};
}

}  // namespace

TEST(Retry, DoublesTheDelayWithinAQuarter) {
  LlmLimits limits;
  limits.attempts_max = 100;
  SeededRandom random(7);
  std::int64_t least = 1'000'000;
  std::int64_t most = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto delay_ms = retry_delay_ms(limits, 2, failure(Errc::llm_server_error, 500), random);
    ASSERT_TRUE(delay_ms);
    least = std::min(least, *delay_ms);
    most = std::max(most, *delay_ms);
  }
  EXPECT_GE(least, 750);
  EXPECT_LE(most, 1250);
  EXPECT_GT(most - least, 400);
  for (const std::int64_t attempt : {5, 50, 99})
    EXPECT_LE(*retry_delay_ms(limits, attempt, failure(Errc::llm_connection), random), 10'000);
}

TEST(Retry, EndsAfterTheLastAttempt) {
  const LlmLimits limits;
  SeededRandom random(7);
  EXPECT_TRUE(retry_delay_ms(limits, 2, failure(Errc::llm_connection), random));
  EXPECT_FALSE(retry_delay_ms(limits, 3, failure(Errc::llm_connection), random));
}

TEST(Retry, RepeatsOnlyWhatMayPass) {
  const LlmLimits limits;
  SeededRandom random(7);
  const auto is_repeated = [&](const LlmFailure& each) {
    return retry_delay_ms(limits, 1, each, random).has_value();
  };
  EXPECT_TRUE(is_repeated(failure(Errc::llm_connection)));
  EXPECT_TRUE(is_repeated(failure(Errc::llm_overloaded)));
  EXPECT_TRUE(is_repeated(failure(Errc::llm_timeout, 504)));
  EXPECT_TRUE(is_repeated(failure(Errc::llm_bad_request, 409)));
  EXPECT_FALSE(is_repeated(failure(Errc::llm_timeout)));  // our own clock
  EXPECT_FALSE(is_repeated(failure(Errc::llm_server_error, 404)));
  EXPECT_FALSE(is_repeated(failure(Errc::llm_bad_request, 400)));
  EXPECT_FALSE(is_repeated(failure(Errc::llm_empty_response)));
  EXPECT_FALSE(is_repeated(failure(Errc::llm_insufficient_credits, 429)));
  EXPECT_FALSE(is_repeated(failure(Errc::llm_context_window, 500)));
}

TEST(Retry, DoesWhatTheVendorSays) {
  const LlmLimits limits;
  SeededRandom random(7);
  LlmFailure limited = failure(Errc::llm_rate_limit, 429);
  limited.retry_after_ms = 1234;
  EXPECT_EQ(retry_delay_ms(limits, 1, limited, random), 1234);
  limited.retry_after_ms = 30'001;
  EXPECT_FALSE(retry_delay_ms(limits, 1, limited, random));
  limited.retry_after_ms.reset();
  limited.is_final = true;
  EXPECT_FALSE(retry_delay_ms(limits, 1, limited, random));
}

TEST(Circuit, LetsOneThroughAtATimeUntilOneIsAnswered) {
  LlmLimits limits;
  limits.failures_max = 2;
  limits.probe_interval_ms = 100;
  Circuit circuit(limits);
  Circuit::Time now{};
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(circuit.admit(now));
    circuit.on_outage();
  }
  EXPECT_TRUE(circuit.is_open());
  EXPECT_TRUE(circuit.admit(now));
  EXPECT_FALSE(circuit.admit(now));
  now += milliseconds(100);  // the first probe hangs
  EXPECT_TRUE(circuit.admit(now));
  EXPECT_FALSE(circuit.admit(now));
  circuit.on_cancel();
  EXPECT_TRUE(circuit.admit(now));
  circuit.on_outage();
  EXPECT_TRUE(circuit.admit(now));  // whoever comes alone is always tried
  circuit.on_answer();
  EXPECT_FALSE(circuit.is_open());
  EXPECT_TRUE(circuit.admit(now));
  EXPECT_TRUE(circuit.admit(now));
}

TEST(Circuit, AnAnswerInBetweenKeepsItClosed) {
  LlmLimits limits;
  limits.failures_max = 2;
  Circuit circuit(limits);
  for (int i = 0; i < 5; ++i) {
    circuit.on_outage();
    circuit.on_answer();
  }
  EXPECT_FALSE(circuit.is_open());
}

TEST(Circuit, OnlyOutagesCount) {
  EXPECT_TRUE(is_outage(failure(Errc::llm_connection)));
  EXPECT_TRUE(is_outage(failure(Errc::llm_timeout)));
  EXPECT_TRUE(is_outage(failure(Errc::llm_overloaded, 529)));
  EXPECT_TRUE(is_outage(failure(Errc::llm_server_error, 500)));
  EXPECT_FALSE(is_outage(failure(Errc::llm_server_error, 404)));
  EXPECT_FALSE(is_outage(failure(Errc::llm_rate_limit, 429)));
  EXPECT_FALSE(is_outage(failure(Errc::llm_bad_request, 400)));
  EXPECT_FALSE(is_outage(failure(Errc::llm_authentication, 401)));
}

}  // namespace reverie
