#include "storage/secret_box.hpp"

#include "storage/tables/meta_table.hpp"
#include "storage/tables/secret_families.hpp"

#include <cassert>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reverie {

namespace {

constexpr unsigned char format_version = 1;
constexpr std::size_t id_size = 4;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t head_size = 1 + id_size + nonce_size;
constexpr std::size_t key_bytes_min = 32;
// 200'000 rounds of SHA-256: 0.1 s at the start, and as long for each guess.
constexpr int passphrase_rounds = 200'000;
constexpr std::string_view salt = "reverie secrets 1";
constexpr std::string_view meta_key = "secrets_key";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher new_cipher() {
  return {EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
}

Error unreadable() {
  return {Errc::corruption, "a secret cannot be read: it was changed, or has another key",
          "secrets"};
}

Error disk_error(const char* what, const std::string& path) {
  return {Errc::unavailable, std::string(what) + ": " + std::strerror(errno), path};
}

class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

Result<std::string> read_key_file(const std::string& path) {
  const File file(path, O_RDONLY);
  if (file.fd() < 0) return disk_error("the key of the secrets cannot be read", path);
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0)
    return disk_error("the key of the secrets cannot be read", path);
  if ((info.st_mode & 077) != 0)
    return Error{Errc::invalid_argument,
                 "the key of the secrets may be read by others: chmod 600 " + path, path};
  std::string bytes(4096, '\0');
  const auto size = ::read(file.fd(), bytes.data(), bytes.size());
  if (size < static_cast<ssize_t>(key_bytes_min))
    return Error{Errc::invalid_argument, "the key of the secrets is cut short", path};
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

Result<std::string> make_key_file(Store& store, const std::string& path) {
  std::array<unsigned char, key_bytes_min> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
    return Error{Errc::internal, "no random bytes for the key of the secrets", path};
  const std::string bytes =
    hex_of({reinterpret_cast<const char*>(random.data()), random.size()}) + "\n";
  const std::string partial = path + ".partial";
  ::unlink(partial.c_str());
  const File file(partial, O_WRONLY | O_CREAT | O_EXCL);
  if (file.fd() < 0 || ::write(file.fd(), bytes.data(), bytes.size()) != ssize_t(bytes.size())
      || ::fsync(file.fd()) != 0 || ::rename(partial.c_str(), path.c_str()) != 0)
    return disk_error("the key of the secrets cannot be written", path);
  REVERIE_CHECK(sync_directory(store.env(), store.path()));
  return bytes;
}

Result<std::string> noted_key(const Store& store) {
  std::string id;
  const auto status =
    store.db().Get({}, store.family(MetaTable::family), std::string(meta_key), &id);
  if (status.IsNotFound()) return std::string();
  if (!status.ok()) return from_rocksdb(status, MetaTable::family);
  return id;
}

Result<bool> has_secrets(const Store& store) {
  for (const std::string_view family : secret_families) {
    const std::unique_ptr<rocksdb::Iterator> row{store.db().NewIterator({}, store.family(family))};
    row->SeekToFirst();
    if (!row->status().ok()) return from_rocksdb(row->status(), family);
    if (row->Valid()) return true;
  }
  return false;
}

}  // namespace

SecretBox::SecretBox(const Key& key) : key_(key) {
  Key digest;
  SHA256(key_.data(), key_.size(), digest.data());
  key_id_ = hex_of({reinterpret_cast<const char*>(digest.data()), id_size});
}

SecretBox::SecretBox(SecretBox&& other) noexcept
  : key_(other.key_), key_id_(std::move(other.key_id_)) {
  OPENSSL_cleanse(other.key_.data(), other.key_.size());
}

SecretBox::~SecretBox() {
  OPENSSL_cleanse(key_.data(), key_.size());
}

SecretBox SecretBox::of_passphrase(std::string_view passphrase) {
  Key key;
  [[maybe_unused]] const int made =
    PKCS5_PBKDF2_HMAC(passphrase.data(), static_cast<int>(passphrase.size()), bytes_of(salt),
                      static_cast<int>(salt.size()), passphrase_rounds, EVP_sha256(),
                      static_cast<int>(key.size()), key.data());
  assert(made == 1);
  return SecretBox{key};
}

SecretBox SecretBox::of_key(std::string_view bytes) {
  Key key;
  const std::string material = std::string(salt) + std::string(bytes);
  SHA256(bytes_of(material), material.size(), key.data());
  return SecretBox{key};
}

std::string SecretBox::seal(std::string_view place, std::string_view value) const {
  std::string out(head_size + value.size() + tag_size, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  bytes[0] = format_version;
  for (std::size_t i = 0; i < id_size; ++i)
    bytes[1 + i] = static_cast<unsigned char>(std::stoi(key_id_.substr(2 * i, 2), nullptr, 16));
  unsigned char* nonce = bytes + 1 + id_size;
  const Cipher cipher = new_cipher();
  int size = 0;
  [[maybe_unused]] const bool is_sealed =
    RAND_bytes(nonce, nonce_size) == 1
    && EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(), nonce) == 1
    && EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(place),
                         static_cast<int>(place.size()))
         == 1
    && EVP_EncryptUpdate(cipher.get(), bytes + head_size, &size, bytes_of(value),
                         static_cast<int>(value.size()))
         == 1
    && EVP_EncryptFinal_ex(cipher.get(), bytes + head_size + size, &size) == 1
    && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size,
                           bytes + head_size + value.size())
         == 1;
  assert(is_sealed);
  return out;
}

Result<std::string> SecretBox::open(std::string_view place, std::string_view sealed) const {
  if (sealed.size() < head_size + tag_size || sealed.front() != char(format_version)
      || hex_of(sealed.substr(1, id_size)) != key_id_)
    return unreadable();
  const std::string_view text = sealed.substr(head_size, sealed.size() - head_size - tag_size);
  std::string tag(sealed.substr(head_size + text.size()));
  std::string out(text.size(), '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  const Cipher cipher = new_cipher();
  int size = 0;
  const bool is_open =
    EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(),
                       bytes_of(sealed.substr(1 + id_size)))
      == 1
    && EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(place),
                         static_cast<int>(place.size()))
         == 1
    && EVP_DecryptUpdate(cipher.get(), bytes, &size, bytes_of(text), static_cast<int>(text.size()))
         == 1
    && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1
    && EVP_DecryptFinal_ex(cipher.get(), bytes + size, &size) == 1;
  if (!is_open) return unreadable();
  return out;
}

Result<SecretBox> open_secret_box(Store& store, const std::string& passphrase) {
  const std::string path = store.path() + "/" + std::string(secret_key_file);
  REVERIE_TRY(const std::string noted, noted_key(store));
  bool is_needed = false;
  if (!noted.empty()) {
    REVERIE_TRY(is_needed, has_secrets(store));
  }
  std::string bytes;
  if (passphrase.empty()) {
    const bool is_there = std::filesystem::exists(path);
    if (!is_there && is_needed)
      return Error{Errc::invalid_argument,
                   "the key of the secrets is gone: set LETTA_ENCRYPTION_KEY, or put the file back",
                   path};
    if (is_there) {
      REVERIE_TRY(bytes, read_key_file(path));
    } else {
      REVERIE_TRY(bytes, make_key_file(store, path));
    }
  }
  SecretBox box =
    passphrase.empty() ? SecretBox::of_key(bytes) : SecretBox::of_passphrase(passphrase);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (box.key_id() == noted) return box;
  if (is_needed)
    return Error{Errc::invalid_argument,
                 "the secrets in this directory were stored with another key: "
                   + std::string(passphrase.empty() ? "set LETTA_ENCRYPTION_KEY to it"
                                                    : "LETTA_ENCRYPTION_KEY is not it"),
                 store.path()};
  rocksdb::WriteBatch batch;
  batch.Put(store.family(MetaTable::family), std::string(meta_key), box.key_id())
    .PermitUncheckedError();
  REVERIE_CHECK(store.write(batch));
  return box;
}

}  // namespace reverie
