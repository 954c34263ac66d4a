#include "net/metrics.hpp"

#include "net/process_metrics.hpp"
#include "net/request_metrics.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, WritesPrometheusText) {
  Metrics metrics;
  metrics.counter("requests", "All requests.", {{"path", "a\"b\\c\n"}}).add(3);
  metrics.gauge("open", "Open ones.").set(2.5);
  metrics.gauge_from("asked", "Asked for.", [] { return 7; });
  const std::string text = metrics.text();
  EXPECT_TRUE(has_line(text, "# HELP requests All requests."));
  EXPECT_TRUE(has_line(text, "# TYPE requests counter"));
  EXPECT_TRUE(has_line(text, R"(requests{path="a\"b\\c\n"} 3)"));
  EXPECT_TRUE(has_line(text, "# TYPE open gauge"));
  EXPECT_TRUE(has_line(text, "open 2.5"));
  EXPECT_TRUE(has_line(text, "asked 7"));
}

TEST(Metrics, BucketsAddUp) {
  Metrics metrics;
  Histogram& histogram = metrics.histogram("ms", "Times.", {1, 10});
  for (const double value : {0.5, 1.0, 5.0, 50.0}) histogram.observe(value);
  const std::string text = metrics.text();
  EXPECT_TRUE(has_line(text, R"(ms_bucket{le="1"} 2)"));
  EXPECT_TRUE(has_line(text, R"(ms_bucket{le="10"} 3)"));
  EXPECT_TRUE(has_line(text, R"(ms_bucket{le="+Inf"} 4)"));
  EXPECT_TRUE(has_line(text, "ms_sum 56.5"));
  EXPECT_TRUE(has_line(text, "ms_count 4"));
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameCounter) {
  Metrics metrics;
  Counter& one = metrics.counter("n", "N.", {{"a", "1"}});
  EXPECT_EQ(&one, &metrics.counter("n", "N.", {{"a", "1"}}));
  EXPECT_NE(&one, &metrics.counter("n", "N.", {{"a", "2"}}));
}

TEST(Metrics, NoCountIsLost) {
  Metrics metrics;
  Counter& counter = metrics.counter("n", "N.");
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) counter.add();
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 120'000U);
}

TEST(Metrics, KnowTheProcess) {
  Metrics metrics;
  add_process_metrics(metrics);
  const std::string text = metrics.text();
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes",
                           "process_open_fds", "process_max_fds", "process_start_time_seconds"}) {
    const auto at = text.find("\n" + std::string(name) + " ");
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_GT(std::stod(text.substr(at + 2 + std::string(name).size())), 0) << name;
  }
}

TEST(RequestMetrics, CountByOperationAndStatus) {
  Metrics metrics;
  RequestMetrics requests(metrics);
  requests.add_operation("list_agents");
  const auto exchange = [&](std::string_view operation, int status, bool was_stream = false) {
    requests.count({Method::get, "/", operation, "req-1", status, 0,
                    std::chrono::microseconds(1'500),
                    was_stream ? ExchangeKind::stream : ExchangeKind::request, was_stream});
  };
  exchange("list_agents", 200);
  exchange("list_agents", 200);
  exchange("list_agents", 404);
  exchange("list_agents", 418);
  exchange("", 404);
  exchange("list_agents", 200, true);
  exchange("list_agents", 504);
  const std::string text = metrics.text();
  const auto count = [&](const std::string& operation, const std::string& status, int n) {
    return has_line(text, "count_endpoint_requests{operation=\"" + operation + "\",status=\""
                            + status + "\"} " + std::to_string(n));
  };
  EXPECT_TRUE(count("list_agents", "200", 3));
  EXPECT_TRUE(count("list_agents", "404", 1));
  EXPECT_TRUE(count("list_agents", "other", 1));
  EXPECT_TRUE(count("unknown", "404", 1));
  EXPECT_TRUE(has_line(text, "sse_disconnect_total 1"));
  EXPECT_TRUE(has_line(text, "request_timeout_total 1"));
  EXPECT_TRUE(has_line(text, "request_duration_ms_count 6"));
  EXPECT_TRUE(has_line(text, R"(sse_duration_ms_bucket{le="2.5"} 1)"));
}

}  // namespace
}  // namespace reverie
