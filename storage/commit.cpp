#include "storage/commit.hpp"

#include "storage/key.hpp"

#include <cassert>

namespace reverie {

namespace {

void check(const rocksdb::Status& status) {
  assert(status.ok());  // appending to an in-memory batch only fails on a bug
  status.PermitUncheckedError();
}

}  // namespace

void Batch::put(rocksdb::ColumnFamilyHandle* family, const Result<std::string>& key,
                std::string_view value) {
  if (accept(key)) check(writes_.Put(family, *key, {value.data(), value.size()}));
}

void Batch::erase(rocksdb::ColumnFamilyHandle* family, const Result<std::string>& key) {
  if (accept(key)) check(writes_.Delete(family, *key));
}

void Batch::erase_range(rocksdb::ColumnFamilyHandle* family, const Result<std::string>& prefix) {
  if (!accept(prefix)) return;
  const std::string end = end_of_prefix(*prefix);
  if (prefix->size() <= home_size || !end.starts_with(home_)) {
    failure_ = Error{Errc::internal, "a range is wider than one object", "commit"};
    return;
  }
  check(writes_.DeleteRange(family, *prefix, end));
}

void Batch::require(std::string_view family, const Result<std::string>& key, std::int64_t version) {
  if (accept(key)) preconditions_.push_back({std::string(family), *key, version});
}

Result<Commit> Batch::commit() && {
  if (failure_) return *std::move(failure_);
  return Commit{writes_.Data(), std::move(preconditions_)};
}

bool Batch::accept(const Result<std::string>& key) {
  if (failure_) return false;
  if (!key) {
    failure_ = key.error();
    return false;
  }
  if (home_.empty()) home_ = key->substr(0, home_size);
  if (!key->starts_with(home_))
    failure_ = Error{Errc::internal, "a commit spans two homes", "commit"};
  return !failure_;
}

}  // namespace reverie
