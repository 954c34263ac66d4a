#include "storage/format.hpp"

#include "config/log_line.hpp"
#include "config/random.hpp"
#include "storage/codec.hpp"
#include "storage/store.hpp"
#include "storage/tables/meta_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <rocksdb/db.h>

namespace reverie {

namespace {

constexpr std::string_view format_file = "FORMAT";
constexpr std::string_view file_magic = "reverie ";
constexpr const char* format_key = "format";
constexpr const char* identity_key = "store";

std::optional<std::int64_t> parse_format(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

Error newer(std::int64_t format) {
  return {Errc::invalid_argument,
          fmt::format("it was written by a newer release (format {}, this one reads up to {})",
                      format, format_newest),
          "format"};
}

Error damaged(std::string_view what) {
  return {Errc::corruption,
          fmt::format("it is damaged: {}; `reverie restore` brings a backup back", what), "format"};
}

Error not_ours() {
  return {Errc::invalid_argument,
          "it holds files that are not of reverie; name an empty directory or one of reverie",
          "format"};
}

// A uuid4 that names a directory; nothing follows from its bits.
std::string new_store_uuid() {
  SystemRandom random;
  const std::uint64_t high = (random.next() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = random.next() >> 2 | 1ULL << 63;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff,
                     high & 0xffff, low >> 48, low & 0xffff'ffff'ffffULL);
}

Status add_identity(Store& store, const MigrationContext& context, rocksdb::WriteBatch& batch) {
  const StoreIdentity identity{SystemClock{}.now(), new_store_uuid(), context.shards};
  batch.Put(store.family(MetaTable::family), identity_key, encode(identity)).PermitUncheckedError();
  return {};
}

constexpr std::array migrations_of_releases{
  Migration{1, "the number of shards and the identity of the store", add_identity},
};

bool has_family_meta(rocksdb::Env& env, const std::string& path, rocksdb::Status& status) {
  rocksdb::DBOptions options;
  options.env = &env;
  std::vector<std::string> families;
  status = rocksdb::DB::ListColumnFamilies(options, path, &families);
  return std::find(families.begin(), families.end(), MetaTable::family) != families.end();
}

// Files that RocksDB has only after data was written.
bool is_data(std::string_view name) {
  return name.ends_with(".sst") || name.ends_with(".log");
}

// A directory without the file FORMAT: format 1 had none.
Result<Directory> inspect_unmarked(rocksdb::Env& env, const std::string& path,
                                   const std::vector<std::string>& names) {
  if (names.empty()) return Directory::fresh;
  if (std::find(names.begin(), names.end(), "CURRENT") == names.end()) return not_ours();
  rocksdb::Status status;
  if (has_family_meta(env, path, status)) return Directory::ours;
  if (!status.ok()) return damaged(status.ToString());
  return not_ours();
}

Status step(Store& store, const MigrationContext& context, const Migration& migration) {
  if (!context.is_new)
    log_info("storage: migrating from={} to={} what=\"{}\"", migration.from, migration.from + 1,
             migration.name);
  rocksdb::WriteBatch batch;
  REVERIE_CHECK(migration.run(store, context, batch));
  batch.Put(store.family(MetaTable::family), format_key, std::to_string(migration.from + 1))
    .PermitUncheckedError();
  return store.write(batch);
}

}  // namespace

std::span<const Migration> all_migrations() {
  return migrations_of_releases;
}

Result<Directory> inspect_directory(rocksdb::Env& env, const std::string& path) {
  std::vector<std::string> names;
  const auto listed = env.GetChildren(path, &names);
  if (listed.IsNotFound() || listed.IsPathNotFound()) return Directory::fresh;
  if (!listed.ok()) return from_rocksdb(listed, "format");
  // What a kill leaves of write_format_file is nothing.
  std::erase_if(names, [](const std::string& name) {
    return name == "." || name == ".." || name == "FORMAT.partial";
  });
  if (std::find(names.begin(), names.end(), format_file) == names.end())
    return inspect_unmarked(env, path, names);

  std::string text;
  if (const auto read = rocksdb::ReadFileToString(&env, path + "/FORMAT", &text); !read.ok())
    return from_rocksdb(read, "format");
  if (!text.starts_with(file_magic) || !text.ends_with('\n')) return damaged("its file FORMAT");
  const auto format = parse_format(
    std::string_view(text).substr(file_magic.size(), text.size() - file_magic.size() - 1));
  if (!format) return damaged("its file FORMAT");
  if (*format > format_newest) return newer(*format);
  if (std::find(names.begin(), names.end(), "CURRENT") != names.end()) return Directory::ours;
  // Without CURRENT RocksDB would begin anew beside the data.
  if (std::any_of(names.begin(), names.end(), is_data)) return damaged("its file CURRENT is gone");
  return Directory::fresh;
}

Status sync_directory(rocksdb::Env& env, const std::string& path) {
  std::unique_ptr<rocksdb::Directory> directory;
  auto status = env.NewDirectory(path, &directory);
  if (status.ok()) status = directory->Fsync();
  if (!status.ok()) return from_rocksdb(status, path);
  return {};
}

Status write_format_file(rocksdb::Env& env, const std::string& path) {
  const std::string text = fmt::format("{}{}\n", file_magic, format_newest);
  std::string present;
  if (rocksdb::ReadFileToString(&env, path + "/FORMAT", &present).ok() && present == text)
    return {};
  auto status = rocksdb::WriteStringToFile(&env, text, path + "/FORMAT.partial", true);
  if (status.ok()) status = env.RenameFile(path + "/FORMAT.partial", path + "/FORMAT");
  if (!status.ok()) return from_rocksdb(status, "format");
  return sync_directory(env, path);
}

Result<std::int64_t> read_format(const Store& store) {
  std::string text;
  const auto status = store.db().Get({}, store.family(MetaTable::family), format_key, &text);
  if (status.IsNotFound()) return 1;
  if (!status.ok()) return from_rocksdb(status, MetaTable::family);
  const auto format = parse_format(text);
  if (!format) return damaged("meta/format");
  return *format;
}

Result<StoreIdentity> read_identity(const Store& store) {
  std::string bytes;
  const auto status = store.db().Get({}, store.family(MetaTable::family), identity_key, &bytes);
  if (status.IsNotFound()) return damaged("meta/store is missing");
  if (!status.ok()) return from_rocksdb(status, MetaTable::family);
  return decode<StoreIdentity>(bytes);
}

Status migrate(Store& store, const MigrationContext& context,
               std::span<const Migration> migrations) {
  REVERIE_TRY(const std::int64_t format, read_format(store));
  if (format > format_newest) return newer(format);
  for (const Migration& migration : migrations)
    if (migration.from >= format) REVERIE_CHECK(step(store, context, migration));
  return {};
}

}  // namespace reverie
