#include "storage/secret_box.hpp"

#include "storage/indexes.hpp"
#include "storage/tables.hpp"
#include "tests/support/commit_now.hpp"
#include "tests/support/temp_dir.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace reverie {
namespace {

TEST(SecretBox, OpensWhatItHasSealed) {
  const auto box = SecretBox::of_key(std::string(32, 'k'));
  for (const std::string& value :
       {std::string("secret"), std::string(), std::string(70'000, 'x')}) {
    const std::string sealed = box.seal("agent_secrets/a/KEY", value);
    EXPECT_EQ(sealed.size(), value.size() + 1 + 4 + 12 + 16);
    const bool is_hidden = value.size() < 4 || sealed.find(value) == std::string::npos;
    EXPECT_TRUE(is_hidden);
    EXPECT_EQ(*box.open("agent_secrets/a/KEY", sealed), value);
    EXPECT_NE(box.seal("agent_secrets/a/KEY", value), sealed);  // never the same nonce
  }
}

TEST(SecretBox, OpensNothingElse) {
  const auto box = SecretBox::of_key(std::string(32, 'k'));
  const std::string sealed = box.seal("place", "secret");
  EXPECT_EQ(box.open("another place", sealed).error().code, Errc::corruption);
  EXPECT_FALSE(SecretBox::of_key(std::string(32, 'j')).open("place", sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(box.open("place", changed)) << i;
    EXPECT_FALSE(box.open("place", sealed.substr(0, i))) << i;
  }
}

TEST(SecretBox, APassphraseMakesTheSameKeyAlways) {
  const auto box = SecretBox::of_passphrase("correct horse");
  EXPECT_EQ(*SecretBox::of_passphrase("correct horse").open("p", box.seal("p", "v")), "v");
  EXPECT_NE(SecretBox::of_passphrase("correct horses").key_id(), box.key_id());
  EXPECT_EQ(box.key_id().size(), 8U);
}

class SecretKeyTest : public ::testing::Test {
 protected:
  SecretKeyTest() {
    StoreOptions options;
    options.indexes = all_indexes();
    store = *Store::open(path, all_families(), options);
  }

  void add_secret(const SecretBox& box) {
    const AgentSecretTable::Key key{"agent-2f6c81d4-0000-4000-8000-000000000001", "KEY"};
    AgentSecret secret;
    secret.name = "KEY";
    secret.sealed = box.seal(AgentSecretTable::place(key), "v");
    Batch batch;
    Table<AgentSecretTable>{*store}.put_unchecked(batch, key, secret);
    testing::commit_now(*store, std::move(batch));
  }

  testing::TempDir dir;
  std::string path = dir.path() + "/data";
  std::string key_path = path + "/secrets.key";
  std::unique_ptr<Store> store;
};

TEST_F(SecretKeyTest, AFileIsMadeThatOnlyItsOwnerReads) {
  const auto box = open_secret_box(*store, "");
  ASSERT_TRUE(box) << box.error().message;
  struct stat info {};
  ASSERT_EQ(stat(key_path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_EQ(open_secret_box(*store, "")->key_id(), box->key_id());
}

TEST_F(SecretKeyTest, AFileThatOthersReadIsRefused) {
  ASSERT_TRUE(open_secret_box(*store, ""));
  ASSERT_EQ(chmod(key_path.c_str(), 0644), 0);
  const auto box = open_secret_box(*store, "");
  ASSERT_FALSE(box);
  EXPECT_NE(box.error().message.find("chmod 600"), std::string::npos);
}

TEST_F(SecretKeyTest, AFileThatIsCutShortIsRefused) {
  ASSERT_TRUE(open_secret_box(*store, ""));
  std::filesystem::resize_file(key_path, 5);
  EXPECT_EQ(open_secret_box(*store, "").error().code, Errc::invalid_argument);
}

TEST_F(SecretKeyTest, AnotherKeyIsRefusedOnceThereAreSecrets) {
  ASSERT_TRUE(open_secret_box(*store, ""));
  ASSERT_TRUE(open_secret_box(*store, "a passphrase"));  // nothing depends on the key yet
  add_secret(*open_secret_box(*store, "a passphrase"));
  EXPECT_TRUE(open_secret_box(*store, "a passphrase"));
  const auto other = open_secret_box(*store, "another one");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::invalid_argument);
  EXPECT_NE(other.error().message.find("LETTA_ENCRYPTION_KEY"), std::string::npos);
  EXPECT_FALSE(open_secret_box(*store, ""));
}

TEST_F(SecretKeyTest, AFileThatIsGoneIsNotMadeAnew) {
  add_secret(*open_secret_box(*store, ""));
  std::filesystem::remove(key_path);
  const auto box = open_secret_box(*store, "");
  ASSERT_FALSE(box);
  EXPECT_FALSE(std::filesystem::exists(key_path));
}

TEST_F(SecretKeyTest, FieldNumbersAreUnique) {
  static_assert(field_numbers_are_unique<AgentSecret>());
}

}  // namespace
}  // namespace reverie
