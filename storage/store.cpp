#include "storage/store.hpp"

#include "config/log_line.hpp"
#include "storage/codec.hpp"
#include "storage/guarded_env.hpp"
#include "storage/key.hpp"
#include "storage/rocksdb_options.hpp"
#include "storage/room.hpp"
#include "storage/tables/meta_table.hpp"
#include "storage/time_limit.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <filesystem>
#include <future>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <rocksdb/convenience.h>

namespace reverie {

namespace {

// Reads a batch without writing it. Every operation is named here: for those of
// the default family RocksDB's handler does nothing and says that all is well.
class Checker final : public rocksdb::WriteBatch::Handler {
 public:
  explicit Checker(const Store& store) : store_(&store) {}

  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice&) override {
    return check(family, key);
  }
  rocksdb::Status DeleteCF(std::uint32_t family, const rocksdb::Slice& key) override {
    return check(family, key);
  }
  rocksdb::Status DeleteRangeCF(std::uint32_t family, const rocksdb::Slice& begin,
                                const rocksdb::Slice& end) override {
    const auto status = check(family, begin);
    return status.ok() ? check(family, end) : status;
  }
  rocksdb::Status SingleDeleteCF(std::uint32_t, const rocksdb::Slice&) override {
    return refuse("an operation that no log applies");
  }
  rocksdb::Status MergeCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
    return refuse("an operation that no log applies");
  }

  rocksdb::Status check(std::uint32_t family, const rocksdb::Slice& key) {
    return store_->is_of_a_table(family) ? check(key) : refuse("not a family of a table");
  }
  rocksdb::Status check(const rocksdb::Slice& key) {
    if (key.size() < home_size) return refuse("a key without a home");
    const std::string_view home{key.data(), home_size};
    if (home_.empty()) home_ = home;
    return home == home_ ? rocksdb::Status::OK() : refuse("keys of two homes");
  }
  static rocksdb::Status refuse(const char* why) { return rocksdb::Status::InvalidArgument(why); }

 private:
  const Store* store_;
  std::string home_;  // of the first key
};

std::string sequence_key(std::int64_t shard) {
  return key_bytes(static_cast<std::uint64_t>(shard));
}

// Who holds RocksDB's lock. Not for a lock of this process: closing the file here
// would give it up.
std::string holder_of_lock(const std::string& path) {
  const int file = ::open((path + "/LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return {};
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool is_held = ::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  return is_held && lock.l_pid > 0 ? fmt::format(" (pid {})", lock.l_pid) : std::string{};
}

// Why RocksDB did not open, for an operator.
Error why_not_open(const rocksdb::Status& status, const std::string& path) {
  const std::string text = status.ToString();
  if (text.find("lock hold by current process") != std::string::npos)
    return {Errc::unavailable, "this process has it open already", "open"};
  if (text.find("While lock file") != std::string::npos && text.find("Permission") == text.npos)
    return {Errc::unavailable, "another reverie process uses it" + holder_of_lock(path), "open"};
  if (status.IsNoSpace()) return {Errc::unavailable, "the disk is full: " + text, "open"};
  if (status.IsCorruption() || status.IsNotFound() || status.IsPathNotFound()
      || text.find("No such file") != std::string::npos)
    return {Errc::corruption,
            fmt::format("it is damaged: {}; `reverie restore` brings a backup back", text), "open"};
  return from_rocksdb(status, "open");
}

Error at_path(Error error, const std::string& path) {
  error.message = fmt::format("cannot open the data directory {}: {}", path, error.message);
  return error;
}

// A directory that RocksDB may be opened in, marked as one of today's format.
// Returns whether it is a new one.
Result<bool> prepare_directory(rocksdb::Env& env, const std::string& path) {
  REVERIE_TRY(const Directory directory, inspect_directory(env, path));
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error && ::access(path.c_str(), W_OK) != 0) error = {errno, std::generic_category()};
  if (error) return Error{Errc::unavailable, "it is not writable: " + error.message(), "open"};
  REVERIE_CHECK(write_format_file(env, path));
  return directory == Directory::fresh;
}

Result<std::set<std::string>> present_families(const rocksdb::DBOptions& options,
                                               const std::string& path, bool is_new) {
  if (is_new) return std::set{rocksdb::kDefaultColumnFamilyName};
  std::vector<std::string> names;
  const auto status = rocksdb::DB::ListColumnFamilies(options, path, &names);
  if (!status.ok()) return why_not_open(status, path);
  return std::set<std::string>{names.begin(), names.end()};
}

std::vector<std::string> missing_families(const std::set<std::string>& present,
                                          const std::vector<std::string_view>& families) {
  std::vector<std::string> missing;
  const auto need = [&](std::string_view name) {
    if (!present.contains(std::string(name))) missing.emplace_back(name);
  };
  need(MetaTable::family);
  for (const auto name : families)
    if (name != MetaTable::family) need(name);
  return missing;
}

}  // namespace

Error from_rocksdb(const rocksdb::Status& status, std::string_view where) {
  const Errc code = status.IsNotFound()     ? Errc::not_found
                    : status.IsCorruption() ? Errc::corruption
                    : status.IsBusy() || status.IsTryAgain() || status.IsIOError()
                      ? Errc::unavailable
                      : Errc::internal;
  return {code, status.ToString(), std::string(where)};
}

Result<std::unique_ptr<Store>> Store::open(const std::string& path,
                                           const std::vector<std::string_view>& families,
                                           const StoreOptions& options) {
  std::unique_ptr<Store> store{new Store};
  if (auto opened = store->open_database(path, families, options); !opened)
    return at_path(std::move(opened).error(), path);
  return store;
}

Status Store::open_database(const std::string& path, const std::vector<std::string_view>& families,
                            const StoreOptions& options) {
  path_ = path;
  rules_ = options.indexes;
  resume_interval_ = options.resume_interval;
  resume_limit_ = options.resume_limit;
  disk_ = std::make_shared<DiskWatch>(options.on_fatal);
  env_ = std::make_unique<GuardedEnv>(options.env ? options.env : rocksdb::Env::Default(), disk_);
  auto db_options = database_options(options, *env_, disk_);
  REVERIE_TRY(const bool is_new, prepare_directory(*env_, path));
  remove_room_probe(*env_, path);
  db_options.create_if_missing = is_new;
  REVERIE_TRY(const auto present, present_families(db_options, path, is_new));
  const auto family = family_options(options);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& name : present) descriptors.emplace_back(name, family);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  auto status = rocksdb::DB::Open(db_options, path, descriptors, &handles, &db);
  if (!status.ok()) return why_not_open(status, path);
  db_.reset(db);
  add_families(handles);
  // All at once; DB::Open would write its file of options once for each.
  status = db->CreateColumnFamilies(family, missing_families(present, families), &handles);
  add_families(handles);
  if (!status.ok()) return why_not_open(status, path);
  resolve_rules();

  REVERIE_CHECK(migrate(*this, {options.shards, is_new}));
  REVERIE_TRY(identity_, read_identity(*this));
  if (identity_.shards != options.shards)
    return Error{Errc::invalid_argument,
                 fmt::format("it was made with {} shards, and {} are configured", identity_.shards,
                             options.shards),
                 "storage.shards"};
  return rebuild_stale_indexes(*this);
}

void Store::add_families(const std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
  for (auto* handle : handles) {
    families_.emplace(handle->GetName(), handle);
    if (numbers_.size() <= handle->GetID()) numbers_.resize(handle->GetID() + 1);
    const std::string& name = handle->GetName();
    numbers_[handle->GetID()] = {
      handle, name != rocksdb::kDefaultColumnFamilyName && name != MetaTable::family, {}};
  }
}

void Store::resolve_rules() {
  for (const IndexRule& rule : rules_) {
    numbers_[family(rule.family)->GetID()].rules.push_back(&rule);
    for (const auto derived : rule.derived)
      numbers_[family(derived)->GetID()].is_of_a_table = false;
  }
}

Store::~Store() {
  disk_->flush_gate().open();  // what waits there, closing would wait for
  for (const auto& [name, handle] : families_)
    db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
}

rocksdb::ColumnFamilyHandle* Store::family(std::string_view name) const {
  const auto found = families_.find(name);
  assert(found != families_.end());  // every table is listed in storage/tables.hpp
  return found->second;
}

Result<std::int64_t> Store::version(const RecordVersion& record) const {
  rocksdb::PinnableSlice bytes;
  const auto status = db_->Get({}, family(record.family), record.key, &bytes);
  if (status.IsNotFound()) return 0;
  if (!status.ok()) return from_rocksdb(status, record.family);
  std::string_view value{bytes.data(), bytes.size()};
  return take_version(value, record.family);
}

Result<std::int64_t> Store::sequence(std::int64_t shard) const {
  rocksdb::PinnableSlice bytes;
  const auto status = db_->Get({}, family(MetaTable::family), sequence_key(shard), &bytes);
  if (status.IsNotFound()) return 0;
  if (!status.ok()) return from_rocksdb(status, MetaTable::family);
  std::string_view value{bytes.data(), bytes.size()};
  std::uint64_t sequence = 0;
  if (!take_varint(value, sequence) || !value.empty())
    return Error{Errc::corruption, "undecodable sequence of a shard",
                 std::string(MetaTable::family)};
  return static_cast<std::int64_t>(sequence);
}

void Store::put_sequence(rocksdb::WriteBatch& batch, std::int64_t shard,
                         std::int64_t sequence) const {
  std::string value;
  put_varint(value, static_cast<std::uint64_t>(sequence));
  const auto status = batch.Put(family(MetaTable::family), sequence_key(shard), value);
  assert(status.ok());  // appending to an in-memory batch only fails on a bug
  status.PermitUncheckedError();
}

Status Store::check(const Commit& commit) const {
  Checker checker{*this};
  auto status = rocksdb::WriteBatch{commit.writes}.Iterate(&checker);
  for (const RecordVersion& expected : commit.preconditions) {
    if (!status.ok()) break;
    status = has_family(expected.family)
               ? checker.check(family(expected.family)->GetID(), expected.key)
               : Checker::refuse("not a family of a table");
  }
  if (status.ok()) return {};
  const Errc code = status.IsCorruption() ? Errc::corruption : Errc::invalid_argument;
  return Error{code, status.ToString(), "commit"};
}

Status Store::write(rocksdb::WriteBatch& batch, std::span<const Home> homes) {
  const Error full{Errc::unavailable, "the disk is full", "write"};
  if (disk_->is_full() && !resume()) return full;
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = db_->Write(options, &batch);
  if (status.ok()) {
    for (const Home home : homes) home_versions_->add_change(home);
    return {};
  }
  if (disk_->is_want_of_room(status)) {
    if (!disk_->set_full(true)) log_error("storage: the disk is full, writes wait for room");
    return full;
  }
  Error error{Errc::timeout, "a write has an unknown outcome: " + status.ToString(), "write"};
  disk_->fail(error);
  return error;
}

// What is in memory goes into files, and a new log and a new list of files begin beside them.
bool Store::has_room_for_memory() {
  std::uint64_t bytes = 0;
  db_->GetAggregatedIntProperty(rocksdb::DB::Properties::kSizeAllMemTables, &bytes);
  constexpr std::uint64_t new_files = 4 << 20;
  return has_room(*env_, path_, bytes + new_files);
}

// A flush that waits at the gate may begin when RocksDB goes on, and nothing but that tells:
// of two calls one is under way when the other says that it is busy.
rocksdb::Status Store::resume_database() {
  FlushGate& gate = disk_->flush_gate();
  const auto try_it = [&] {
    const auto generation = gate.generation();
    auto status = db_->Resume();
    if (status.ok() || status.IsBusy()) gate.open(generation);
    return status;
  };
  if (!gate.has_flushes()) {
    gate.open();
    return db_->Resume();
  }
  auto other = std::async(std::launch::async, try_it);
  auto status = try_it();
  auto others = other.get();
  return status.ok() ? status : others;
}

// RocksDB takes no write after one that failed until all that is in memory is in files
// and the write-ahead log is a new one. It would wait for ever for a flush that it has lost count
// of: the gate sees to it that there is none, and the limit that the process ends if there is.
bool Store::resume() {
  const auto now = std::chrono::steady_clock::now();
  if (now < resume_after_) return false;
  resume_after_ = now + resume_interval_;
  if (!has_room_for_memory()) return false;
  const TimeLimit limit{resume_limit_, [this] { give_up_resume(); }};
  if (!resume_database().ok()) return false;
  if (disk_->is_log_cut()) {
    // Nothing was in memory, so nothing made it begin a new log.
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    auto status = db_->Delete(options, "resume");
    if (status.ok()) status = db_->Flush({});
    if (!status.ok() || disk_->is_log_cut()) return false;
  }
  disk_->set_full(false);
  log_info("storage: there is room again, writes go on");
  return true;
}

void Store::give_up_resume() {
  disk_->fail({Errc::timeout,
               fmt::format("the disk has room again, and the database did not go on within {} ms",
                           resume_limit_.count()),
               "storage.resume_s"});
  rocksdb::CancelAllBackgroundWork(db_.get(), false);  // where the process has not ended
}

}  // namespace reverie
