#include "actors/trace_sweep.hpp"

#include "storage/codec.hpp"
#include "storage/store.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace reverie {

namespace {

constexpr int passes_per_age = 100;

// A ProviderTrace as it is stored, without what was said.
struct TraceTime {
  Timestamp created_at;

  static constexpr std::string_view type_name = "TraceTime";
  static constexpr auto fields() {
    return std::tuple{field(9, "created_at", &TraceTime::created_at)};
  }
};

// Nothing where it cannot be read: who asks for the trace is told.
std::optional<Timestamp> created_at_of(std::string_view value) {
  if (!take_version(value, ProviderTraceTable::family)) return std::nullopt;
  const auto time = decode<TraceTime>(value);
  if (!time) return std::nullopt;
  return time->created_at;
}

// Where the traces of the next agent begin.
std::string behind_agent(std::string_view key, const std::string& agent_id) {
  std::string prefix(key.substr(0, home_size));
  return end_of_prefix(prefix += key_bytes(agent_id));
}

}  // namespace

bool TraceSweep::begins_pass(Timestamp now) const {
  const auto pause =
    std::chrono::microseconds{std::chrono::seconds{services_->settings->traces.age_s}}
    / passes_per_age;
  // Wall time may have been set back.
  return !began_ || now < *began_ || now - *began_ >= pause;
}

Result<TraceSweep::Due> TraceSweep::due() {
  const Timestamp now = services_->clock->now();
  if (!next_) {
    if (!begins_pass(now)) return Due{};
    began_ = now;
    next_.emplace();
  }
  const Timestamp oldest = now - std::chrono::seconds{services_->settings->traces.age_s};
  rocksdb::ReadOptions options;
  options.fill_cache = false;  // nobody has asked for them
  const std::unique_ptr<rocksdb::Iterator> row{services_->store->db().NewIterator(
    options, services_->store->family(ProviderTraceTable::family))};
  Due due;
  std::size_t read = 0;
  for (row->Seek(*next_); row->Valid(); ++read) {
    const std::string_view text = row->key().ToStringView();
    if (read == traces_max) {
      next_ = text;
      due.is_unfinished = true;
      return due;
    }
    ProviderTraceTable::Key key;
    if (!decode_key(text, key)) {
      row->Next();
      continue;
    }
    const auto created_at = created_at_of(row->value().ToStringView());
    if (created_at && *created_at <= oldest) {
      due.keys.push_back(std::move(key));
      row->Next();
    } else {
      row->Seek(behind_agent(text, key.agent_id));
    }
  }
  if (!row->status().ok()) return from_rocksdb(row->status(), ProviderTraceTable::family);
  next_.reset();
  return due;
}

void TraceSweep::forget() {
  began_.reset();
  next_.reset();
}

}  // namespace reverie
