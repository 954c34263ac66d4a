#include "storage/room.hpp"

#include <algorithm>
#include <memory>

namespace reverie {

namespace {

constexpr std::size_t chunk_bytes = 1 << 20;

std::string probe_of(const std::string& directory) {
  return directory + "/room.probe";  // a name that RocksDB does not know and leaves alone
}

rocksdb::Status write_probe(rocksdb::Env& env, const std::string& name, std::uint64_t bytes) {
  std::unique_ptr<rocksdb::WritableFile> file;
  auto status = env.NewWritableFile(name, &file, rocksdb::EnvOptions{});
  const std::string chunk(std::min<std::uint64_t>(bytes, chunk_bytes), '\0');
  while (status.ok() && bytes > 0) {
    const std::size_t size = std::min<std::uint64_t>(bytes, chunk.size());
    status = file->Append({chunk.data(), size});
    bytes -= size;
  }
  if (status.ok()) status = file->Close();
  return status;
}

}  // namespace

bool has_room(rocksdb::Env& env, const std::string& directory, std::uint64_t bytes) {
  std::uint64_t free = 0;
  if (const auto asked = env.GetFreeSpace(directory, &free); asked.ok() && free < bytes)
    return false;
  const std::string name = probe_of(directory);
  const auto written = write_probe(env, name, bytes);
  const auto removed = env.DeleteFile(name);
  return written.ok() && removed.ok();
}

void remove_room_probe(rocksdb::Env& env, const std::string& directory) {
  env.DeleteFile(probe_of(directory)).PermitUncheckedError();
}

}  // namespace reverie
