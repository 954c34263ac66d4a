#include "runtime/views/rendered_answers.hpp"

#include <algorithm>

namespace reverie {

namespace {

struct Entry {
  std::string text;
  RenderedAnswers::Sources sources;
};

}  // namespace

void RenderedAnswers::Sources::add(Home home) {
  const auto is_same = [&](const auto& seen) { return seen.first == home; };
  if (std::none_of(seen_.begin(), seen_.end(), is_same))
    seen_.emplace_back(home, versions_->of(home));
}

bool RenderedAnswers::Sources::are_current() const {
  return std::all_of(seen_.begin(), seen_.end(),
                     [&](const auto& seen) { return versions_->of(seen.first) == seen.second; });
}

RenderedAnswers::RenderedAnswers(const HomeVersions& versions, std::size_t bytes_max)
  : versions_(&versions), cache_(rocksdb::NewLRUCache(bytes_max)) {}

bool RenderedAnswers::append(std::string& out, const std::string& key) const {
  auto* handle = cache_->Lookup(key);
  if (!handle) return false;
  const auto& entry = *static_cast<const Entry*>(cache_->Value(handle));
  const bool is_current = entry.sources.are_current();
  if (is_current) out += entry.text;
  cache_->Release(handle);
  return is_current;
}

void RenderedAnswers::keep(const std::string& key, std::string_view text, Sources sources) {
  auto entry = std::make_unique<Entry>(Entry{std::string(text), std::move(sources)});
  const auto free = [](const rocksdb::Slice&, void* value) { delete static_cast<Entry*>(value); };
  const std::size_t charge = sizeof(Entry) + text.size() + key.size();
  cache_->Insert(key, entry.release(), charge, free).PermitUncheckedError();
}

}  // namespace reverie
