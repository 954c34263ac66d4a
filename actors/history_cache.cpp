#include "actors/history_cache.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

// Beside the bytes themselves: a place in `rows_`, half of which may be empty, and the allocator's.
constexpr std::size_t row_bytes = 96;

class Reader final : public rocksdb::WriteBatch::Handler {
 public:
  Reader(std::uint32_t family, const std::string& agent_id, HistoryCache::Writes& writes)
    : family_(family), agent_id_(&agent_id), writes_(&writes) {}

  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    if (family != family_) return rocksdb::Status::OK();
    auto content = HistoryCache::content_of(value.ToStringView());
    if (!content) return rocksdb::Status::Corruption();
    return add(key, *std::move(content));
  }
  rocksdb::Status DeleteCF(std::uint32_t family, const rocksdb::Slice& key) override {
    return family == family_ ? add(key, std::nullopt) : rocksdb::Status::OK();
  }
  rocksdb::Status DeleteRangeCF(std::uint32_t family, const rocksdb::Slice&,
                                const rocksdb::Slice&) override {
    if (family == family_) writes_->has_range = true;
    return rocksdb::Status::OK();
  }

 private:
  rocksdb::Status add(const rocksdb::Slice& key, std::optional<std::string> content) {
    MessageTable::Key message;
    if (!decode_key(key.ToStringView(), message) || message.agent_id != *agent_id_)
      return rocksdb::Status::Corruption();
    writes_->rows.push_back({static_cast<std::int64_t>(message.sequence_id), std::move(content)});
    return rocksdb::Status::OK();
  }

  std::uint32_t family_;
  const std::string* agent_id_;
  HistoryCache::Writes* writes_;
};

}  // namespace

HistoryCache::HistoryCache(const Store& store, std::string agent_id, std::size_t bytes_max)
  : table_(store),
    family_(store.family(MessageTable::family)->GetID()),
    agent_id_(std::move(agent_id)),
    bytes_max_(bytes_max) {}

HistoryCache::Writes HistoryCache::writes_of(const Commit& commit) const {
  Writes writes;
  Reader reader{family_, agent_id_, writes};
  if (!rocksdb::WriteBatch{commit.writes}.Iterate(&reader).ok()) writes.has_range = true;
  return writes;
}

void HistoryCache::apply(Writes writes) {
  if (writes.has_range) return clear();
  for (Writes::Row& row : writes.rows) {
    if (row.content)
      put(row.sequence_id, *std::move(row.content));
    else
      erase(row.sequence_id);
  }
  trim();
}

void HistoryCache::clear() {
  rows_ = {};
  bytes_ = 0;
}

const std::string* HistoryCache::find(std::int64_t sequence_id) const {
  const std::size_t place = place_of(sequence_id);
  return is_at(place, sequence_id) ? &rows_[place].content : nullptr;
}

void HistoryCache::fill(std::int64_t sequence_id, std::string content) {
  if (bytes_ + size_of(content) <= bytes_max_) put(sequence_id, std::move(content));
}

Result<std::string> HistoryCache::content_of(std::string_view stored) {
  REVERIE_TRY([[maybe_unused]] const auto version, take_version(stored, MessageTable::family));
  return project<MessageContent>(stored);
}

bool HistoryCache::is_as_stored() const {
  std::vector<MessageTable::Key> keys;
  for (const Row& row : rows_)
    keys.push_back({agent_id_, static_cast<std::uint64_t>(row.sequence_id)});
  std::size_t same = 0;
  const auto compare = [&](std::size_t index, std::string_view stored) -> Status {
    const auto content = content_of(stored);
    same += content && *content == rows_[index].content ? 1 : 0;
    return {};
  };
  const auto read = table_.multi_get_raw(keys, compare);
  return !read || same == rows_.size();  // a store that cannot be read contradicts nothing
}

std::size_t HistoryCache::size_of(const std::string& content) {
  return content.size() + row_bytes;
}

std::size_t HistoryCache::place_of(std::int64_t sequence_id) const {
  const auto place =
    std::lower_bound(rows_.begin(), rows_.end(), sequence_id,
                     [](const Row& row, std::int64_t id) { return row.sequence_id < id; });
  return static_cast<std::size_t>(place - rows_.begin());
}

bool HistoryCache::is_at(std::size_t place, std::int64_t sequence_id) const {
  return place < rows_.size() && rows_[place].sequence_id == sequence_id;
}

void HistoryCache::put(std::int64_t sequence_id, std::string content) {
  bytes_ += size_of(content);
  const std::size_t place = place_of(sequence_id);
  if (is_at(place, sequence_id)) {
    bytes_ -= size_of(rows_[place].content);
    rows_[place].content = std::move(content);
  } else {
    rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(place),
                 {sequence_id, std::move(content)});
  }
}

void HistoryCache::erase(std::int64_t sequence_id) {
  const std::size_t place = place_of(sequence_id);
  if (!is_at(place, sequence_id)) return;
  bytes_ -= size_of(rows_[place].content);
  rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(place));
}

void HistoryCache::trim() {
  auto first = rows_.begin();
  for (; first != rows_.end() && bytes_ > bytes_max_; ++first) bytes_ -= size_of(first->content);
  rows_.erase(rows_.begin(), first);
}

}  // namespace reverie
