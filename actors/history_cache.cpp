#include "actors/history_cache.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

// Beside the bytes themselves: a place in `rows_`, half of which may be empty, and the allocator's.
constexpr std::size_t row_bytes = 96;
// The same of a context, which is seldom more than one.
constexpr std::size_t thread_bytes = 256;

class Reader final : public rocksdb::WriteBatch::Handler {
 public:
  Reader(std::uint32_t messages, std::uint32_t contexts, const std::string& agent_id,
         HistoryCache::Writes& writes)
    : messages_(messages), contexts_(contexts), agent_id_(&agent_id), writes_(&writes) {}

  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    if (family == messages_) {
      auto content = HistoryCache::content_of(value.ToStringView());
      if (!content) return rocksdb::Status::Corruption();
      return add_message(key, *std::move(content));
    }
    if (family == contexts_) {
      auto context = Table<ContextTable>::decode_stored(value.ToStringView());
      if (!context) return rocksdb::Status::Corruption();
      return add_context(key, std::move(context->value));
    }
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteCF(std::uint32_t family, const rocksdb::Slice& key) override {
    if (family == messages_) return add_message(key, std::nullopt);
    if (family == contexts_) return add_context(key, std::nullopt);
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteRangeCF(std::uint32_t family, const rocksdb::Slice&,
                                const rocksdb::Slice&) override {
    if (family == messages_ || family == contexts_) writes_->has_range = true;
    return rocksdb::Status::OK();
  }

 private:
  template <class Key>
  bool read(const rocksdb::Slice& bytes, Key& key) const {
    return decode_key(bytes.ToStringView(), key) && key.agent_id == *agent_id_;
  }
  rocksdb::Status add_message(const rocksdb::Slice& bytes, std::optional<std::string> content) {
    MessageTable::Key key;
    if (!read(bytes, key)) return rocksdb::Status::Corruption();
    writes_->rows.push_back({static_cast<std::int64_t>(key.sequence_id), std::move(content)});
    return rocksdb::Status::OK();
  }
  rocksdb::Status add_context(const rocksdb::Slice& bytes, std::optional<Context> context) {
    ContextTable::Key key;
    if (!read(bytes, key)) return rocksdb::Status::Corruption();
    writes_->threads.push_back({std::move(key.conversation_id), std::move(context)});
    return rocksdb::Status::OK();
  }

  std::uint32_t messages_;
  std::uint32_t contexts_;
  const std::string* agent_id_;
  HistoryCache::Writes* writes_;
};

}  // namespace

HistoryCache::HistoryCache(const Store& store, std::string agent_id, std::size_t bytes_max)
  : messages_(store),
    contexts_(store),
    message_family_(store.family(MessageTable::family)->GetID()),
    context_family_(store.family(ContextTable::family)->GetID()),
    agent_id_(std::move(agent_id)),
    bytes_max_(bytes_max) {}

HistoryCache::Writes HistoryCache::writes_of(const Commit& commit) const {
  Writes writes;
  Reader reader{message_family_, context_family_, agent_id_, writes};
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
  for (Writes::Thread& thread : writes.threads) {
    if (thread.context)
      put_context(std::move(thread.conversation_id), *std::move(thread.context));
    else
      erase_context(thread.conversation_id);
  }
  trim();
}

void HistoryCache::clear() {
  rows_ = {};
  threads_ = {};
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

const Context* HistoryCache::find_context(std::string_view conversation_id) const {
  const auto found = std::find_if(threads_.begin(), threads_.end(), [&](const Thread& thread) {
    return thread.conversation_id == conversation_id;
  });
  return found != threads_.end() ? &found->context : nullptr;
}

void HistoryCache::fill_context(const std::string& conversation_id, const Context& context) {
  if (bytes_ + size_of(context) <= bytes_max_) put_context(conversation_id, context);
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
  const auto read = messages_.multi_get_raw(keys, compare);
  if (!read) return true;  // a store that cannot be read contradicts nothing
  const auto is_same = [&](const Thread& thread) {
    const auto stored = contexts_.get({agent_id_, thread.conversation_id});
    return stored ? stored->value == thread.context : stored.error().code != Errc::not_found;
  };
  return same == rows_.size() && std::all_of(threads_.begin(), threads_.end(), is_same);
}

std::size_t HistoryCache::size_of(const std::string& content) {
  return content.size() + row_bytes;
}

std::size_t HistoryCache::size_of(const Context& context) {
  return context.sequence_ids.size() * sizeof(std::int64_t) + context.message_uuids.size()
         + thread_bytes;
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

void HistoryCache::put_context(std::string conversation_id, Context context) {
  erase_context(conversation_id);
  bytes_ += size_of(context);
  threads_.push_back({std::move(conversation_id), std::move(context)});
}

void HistoryCache::erase_context(std::string_view conversation_id) {
  const auto found = std::find_if(threads_.begin(), threads_.end(), [&](const Thread& thread) {
    return thread.conversation_id == conversation_id;
  });
  if (found == threads_.end()) return;
  bytes_ -= size_of(found->context);
  threads_.erase(found);
}

void HistoryCache::trim() {
  while (bytes_ > bytes_max_ && threads_.size() > 1)
    erase_context(threads_.front().conversation_id);
  auto first = rows_.begin();
  for (; first != rows_.end() && bytes_ > bytes_max_; ++first) bytes_ -= size_of(first->content);
  rows_.erase(rows_.begin(), first);
  if (bytes_ > bytes_max_) clear();
}

}  // namespace reverie
