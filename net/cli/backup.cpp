#include "net/cli/backup.hpp"

#include "storage/backup.hpp"
#include "storage/format.hpp"
#include "storage/indexes.hpp"
#include "storage/store.hpp"
#include "storage/tables.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace reverie {
namespace {

std::string absolute(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

// While a server runs, only it can read the directory.
Status back_up_by_server(const ServerAddress& address, const std::string& path) {
  ApiClient api(address);
  REVERIE_TRY(const Json answer, api.post("/v1/admin/backup", {{"path", path}}));
  static_cast<void>(answer);
  return {};
}

}  // namespace

Status back_up(const Settings& settings, const ServerAddress& address, const std::string& path) {
  const std::string target = absolute(path);
  const std::string& data_dir = settings.storage.data_dir;
  REVERIE_TRY(const Directory state, inspect_directory(*rocksdb::Env::Default(), data_dir));
  if (state == Directory::fresh)
    return Error{Errc::not_found, "there is nothing to copy in " + data_dir, ""};
  StoreOptions options;
  options.indexes = all_indexes();
  const auto store = Store::open(data_dir, all_families(), options);
  if (store) return backup_to(**store, target);
  if (store.error().code != Errc::unavailable) return store.error();
  auto status = back_up_by_server(address, target);
  // Somebody has the directory open, and it is no server at this address.
  if (!status && status.error().code == Errc::llm_connection)
    return Error{Errc::unavailable,
                 store.error().message + ", and no server answers at " + address.url
                   + "; --url says where it is",
                 ""};
  return status;
}

Status restore(const Settings& settings, const std::string& from) {
  auto status = restore_from(absolute(from), settings.storage.data_dir);
  if (status || status.error().code != Errc::conflict) return status;
  Error error = std::move(status).error();
  error.message += "; move it away, or restore to another place with --data-dir";
  return error;
}

}  // namespace reverie
