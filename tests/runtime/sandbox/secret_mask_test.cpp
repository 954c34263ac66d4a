#include "runtime/sandbox/secret_mask.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(SecretMask, TakesEachValueAway) {
  const SecretMask mask({"hunter22", "hunter22-long", "ab\"c\n"});
  EXPECT_EQ(mask.apply("a hunter22 b hunter22-long c"), "a [secret] b [secret] c");
  EXPECT_EQ(mask.apply(R"({"k": "ab\"c\n"})"), R"({"k": "[secret]"})");
  EXPECT_EQ(mask.apply("nothing"), "nothing");
}

TEST(SecretMask, LetsShortValuesThrough) {
  EXPECT_EQ(SecretMask({"on", "abc", "", "äöü"}).apply("on abc äöü"), "on abc äöü");
  EXPECT_EQ(SecretMask({"abcd"}).apply("abcd"), "[secret]");
}

TEST(SecretMask, MasksTheStartOfAValueWhereATextWasCut) {
  const SecretMask mask({"hunter22"});
  EXPECT_EQ(mask.apply("the key is hunt", true), "the key is [secret]");
  EXPECT_EQ(mask.apply("the key is hunt", false), "the key is hunt");
  EXPECT_EQ(mask.apply("nothing of it.", true), "nothing of it.");
}

}  // namespace
}  // namespace reverie
