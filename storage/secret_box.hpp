// Values that nobody but this server may read, as they are on disk.
//
//   1 byte    version, 1
//   4 bytes   id of the key
//   12 bytes  nonce, random
//   n bytes   AES-256-GCM ciphertext
//   16 bytes  tag, over the ciphertext and the place that it is stored at, so that no value can be
//             moved to another
//
// The key is made from LETTA_ENCRYPTION_KEY or, where that is not set, from a file of the data
// directory that only its owner can read and that no backup holds.

#pragma once

#include "config/error.hpp"
#include "storage/store.hpp"

#include <array>
#include <string>
#include <string_view>

namespace reverie {

// Thread-safe after its making.
class SecretBox {
 public:
  // From a text that a person has chosen: slow on purpose, 0.1 s.
  static SecretBox of_passphrase(std::string_view passphrase);
  // From random bytes, at least 32.
  static SecretBox of_key(std::string_view bytes);

  ~SecretBox();
  SecretBox(SecretBox&& other) noexcept;
  SecretBox& operator=(SecretBox&&) = delete;

  // 8 hexadecimal digits that say nothing about the key.
  const std::string& key_id() const { return key_id_; }

  // `place`: family and key of the record, in any form that is always the same.
  std::string seal(std::string_view place, std::string_view value) const;
  // Errors: corruption: another key, another place, changed bytes.
  Result<std::string> open(std::string_view place, std::string_view sealed) const;

 private:
  using Key = std::array<unsigned char, 32>;
  explicit SecretBox(const Key& key);

  Key key_;
  std::string key_id_;
};

constexpr std::string_view secret_key_file = "secrets.key";

// The box of this data directory. Makes the file when there is neither it nor a passphrase. The
// directory notes which key it is, for as long as it has secrets. Errors, with a sentence for the
// operator: invalid_argument (the key is another one than the secrets were stored with, or gone;
// the file may be read by others), unavailable (the disk).
Result<SecretBox> open_secret_box(Store& store, const std::string& passphrase);

}  // namespace reverie
