// Counters, gauges and histograms in Prometheus' text format. Looking one up by name takes a
// lock and is done once; counting takes none.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie {

// {{"status", "200"}}
using Labels = std::vector<std::pair<std::string, std::string>>;

// Threads count in slots of their own, so that they do not fight for a cache line.
class Counter {
 public:
  void add(std::uint64_t by = 1);
  std::uint64_t value() const;

 private:
  struct alignas(64) Slot {
    std::atomic<std::uint64_t> value{0};
  };
  std::array<Slot, 8> slots_;
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double by) { value_.fetch_add(by, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Histogram {
 public:
  explicit Histogram(std::vector<double> upper_bounds);  // ascending

  void observe(double value);

  const std::vector<double>& upper_bounds() const { return upper_bounds_; }
  std::uint64_t in_bucket(std::size_t index) const { return buckets_[index].value(); }
  double sum() const { return sum_.value(); }

 private:
  std::vector<double> upper_bounds_;
  std::deque<Counter> buckets_;  // one more than bounds: what is above them all
  Gauge sum_;
};

// Milliseconds: 1, 2.5, 5, … 600'000.
std::vector<double> duration_buckets_ms();

class Metrics {
 public:
  // The same object for the same name and labels; valid as long as the registry. `help` of the
  // first call counts.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help,
                       std::vector<double> upper_bounds, const Labels& labels = {});

  // Asked when the metrics are read, on the reader's thread.
  void gauge_from(std::string_view name, std::string_view help, std::function<double()> read,
                  const Labels& labels = {});
  void counter_from(std::string_view name, std::string_view help, std::function<double()> read,
                    const Labels& labels = {});

  // All of them. Functions of gauge_from are called under the lock: they use no metrics.
  std::string text() const;

 private:
  struct Sample {
    Labels labels;
    Counter* counter = nullptr;  // one of these four
    Gauge* gauge = nullptr;
    Histogram* histogram = nullptr;
    std::function<double()> read;
  };
  struct Family {
    std::string help;
    std::string_view type;
    std::deque<Sample> samples;
  };

  Sample& sample(std::string_view name, std::string_view help, std::string_view type,
                 const Labels& labels);
  static void append(std::string& out, std::string_view name, const Sample& sample);

  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
  std::deque<Counter> counters_;
  std::deque<Gauge> gauges_;
  std::deque<Histogram> histograms_;
};

constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace reverie
