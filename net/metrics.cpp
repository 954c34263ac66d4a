#include "net/metrics.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace reverie {

namespace {

// The slot of this thread; threads share slots when there are more of them.
std::size_t slot_of_thread(std::size_t slots) {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1);
  return mine % slots;
}

void append_number(std::string& out, double value) {
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  std::array<char, 32> digits;
  const auto [end, code] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end);
}

// {status="200",le="5"}; label values are escaped as in JSON, which Prometheus reads.
void append_labels(std::string& out, const Labels& labels) {
  if (labels.empty()) return;
  out += '{';
  bool is_first = true;
  for (const auto& [name, value] : labels) {
    if (!is_first) out += ',';
    is_first = false;
    out += name;
    out += '=';
    append_json_string(out, value);
  }
  out += '}';
}

void append_line(std::string& out, std::string_view name, std::string_view suffix,
                 const Labels& labels, double value) {
  out.append(name).append(suffix);
  append_labels(out, labels);
  out += ' ';
  append_number(out, value);
  out += '\n';
}

void append_histogram(std::string& out, std::string_view name, const Labels& labels,
                      const Histogram& histogram) {
  Labels with_bound = labels;
  with_bound.emplace_back("le", "");
  std::uint64_t count = 0;
  const auto& bounds = histogram.upper_bounds();
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    count += histogram.in_bucket(i);
    with_bound.back().second.clear();
    append_number(with_bound.back().second, i < bounds.size() ? bounds[i] : INFINITY);
    append_line(out, name, "_bucket", with_bound, static_cast<double>(count));
  }
  append_line(out, name, "_sum", labels, histogram.sum());
  append_line(out, name, "_count", labels, static_cast<double>(count));
}

}  // namespace

void Counter::add(std::uint64_t by) {
  slots_[slot_of_thread(slots_.size())].value.fetch_add(by, std::memory_order_relaxed);
}

std::uint64_t Counter::value() const {
  std::uint64_t sum = 0;
  for (const Slot& slot : slots_) sum += slot.value.load(std::memory_order_relaxed);
  return sum;
}

Histogram::Histogram(std::vector<double> upper_bounds)
  : upper_bounds_(std::move(upper_bounds)), buckets_(upper_bounds_.size() + 1) {}

void Histogram::observe(double value) {
  const auto bucket = std::lower_bound(upper_bounds_.begin(), upper_bounds_.end(), value);
  buckets_[static_cast<std::size_t>(bucket - upper_bounds_.begin())].add();
  sum_.add(value);
}

std::vector<double> duration_buckets_ms() {
  return {1,    2.5,   5,     10,     25,     50,     100,     250,     500,
          1000, 2'500, 5'000, 10'000, 30'000, 60'000, 120'000, 300'000, 600'000};
}

Metrics::Sample& Metrics::sample(std::string_view name, std::string_view help,
                                 std::string_view type, const Labels& labels) {
  auto found = families_.find(name);
  if (found == families_.end())
    found = families_.emplace(std::string(name), Family{std::string(help), type, {}}).first;
  auto& samples = found->second.samples;
  for (Sample& each : samples)
    if (each.labels == labels) return each;
  samples.push_back({labels, nullptr, nullptr, nullptr, {}});
  return samples.back();
}

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Sample& place = sample(name, help, "counter", labels);
  if (!place.counter) place.counter = &counters_.emplace_back();
  return *place.counter;
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Sample& place = sample(name, help, "gauge", labels);
  if (!place.gauge) place.gauge = &gauges_.emplace_back();
  return *place.gauge;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help,
                              std::vector<double> upper_bounds, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Sample& place = sample(name, help, "histogram", labels);
  if (!place.histogram) place.histogram = &histograms_.emplace_back(std::move(upper_bounds));
  return *place.histogram;
}

void Metrics::gauge_from(std::string_view name, std::string_view help, std::function<double()> read,
                         const Labels& labels) {
  const std::lock_guard lock(mutex_);
  sample(name, help, "gauge", labels).read = std::move(read);
}

void Metrics::counter_from(std::string_view name, std::string_view help,
                           std::function<double()> read, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  sample(name, help, "counter", labels).read = std::move(read);
}

void Metrics::append(std::string& out, std::string_view name, const Sample& sample) {
  if (sample.histogram) return append_histogram(out, name, sample.labels, *sample.histogram);
  double value = 0;
  if (sample.counter) value = static_cast<double>(sample.counter->value());
  if (sample.gauge) value = sample.gauge->value();
  if (sample.read) value = sample.read();
  append_line(out, name, "", sample.labels, value);
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out.append("# HELP ").append(name).append(" ").append(family.help).append("\n");
    out.append("# TYPE ").append(name).append(" ").append(family.type).append("\n");
    for (const Sample& each : family.samples) append(out, name, each);
  }
  return out;
}

}  // namespace reverie
