#include "storage/codec.hpp"

#include "config/random.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace reverie {
namespace {

enum class Shade : std::uint8_t { dark = 1, light = 2 };

struct Part {
  std::string name;
  std::int64_t size = 0;

  static constexpr std::string_view type_name = "Part";
  static constexpr auto fields() {
    return std::tuple{field(1, "name", &Part::name), field(2, "size", &Part::size)};
  }
  bool operator==(const Part&) const = default;
};

// A field of every type that BytesOf knows.
struct Everything {
  std::string text;
  bool flag = false;
  std::int64_t number = 0;
  double ratio = 0;
  Timestamp time;
  Shade shade = Shade::dark;
  RawJson raw;
  std::optional<std::string> maybe;
  std::vector<std::string> list;
  std::map<std::string, std::int64_t> table;
  Part part;
  std::vector<Part> parts;
  Patch<std::string> patch;

  static constexpr std::string_view type_name = "Everything";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "text", &Everything::text),     field(2, "flag", &Everything::flag),
      field(3, "number", &Everything::number), field(4, "ratio", &Everything::ratio),
      field(5, "time", &Everything::time),     field(6, "shade", &Everything::shade),
      field(7, "raw", &Everything::raw),       field(8, "maybe", &Everything::maybe),
      field(9, "list", &Everything::list),     field(10, "table", &Everything::table),
      field(11, "part", &Everything::part),    field(12, "parts", &Everything::parts),
      field(200, "patch", &Everything::patch),
    };
  }
  bool operator==(const Everything&) const = default;
};

Everything full() {
  Everything record;
  record.text = std::string("te\0xt", 5);
  record.flag = true;
  record.number = std::numeric_limits<std::int64_t>::min();
  record.ratio = -0.25;
  record.time = Timestamp{std::chrono::microseconds{-1}};
  record.shade = Shade::light;
  record.raw.text = R"({"a":1})";
  record.maybe = "";
  record.list = {"", "b"};
  record.table = {{"", -1}, {"x", 2}};
  record.part = {"p", 3};
  record.parts = {{}, {"q", 4}};
  record.patch.is_present = true;
  return record;
}

TEST(Codec, KeepsEveryType) {
  EXPECT_EQ(*decode<Everything>(encode(full())), full());
  EXPECT_EQ(encode(Everything{}), "");  // defaults are not stored
  EXPECT_EQ(*decode<Everything>(""), Everything{});
}

// Some fields of Everything, by their numbers.
struct Few {
  bool flag = false;
  std::string raw;  // of another type: only the number counts
  std::vector<Part> parts;

  static constexpr std::string_view type_name = "Few";
  static constexpr auto fields() {
    return std::tuple{field(2, "flag", &Few::flag), field(7, "raw", &Few::raw),
                      field(12, "parts", &Few::parts)};
  }
  bool operator==(const Few&) const = default;
};

TEST(Codec, TakesTheFieldsOfAnotherRecord) {
  const Few few{true, R"({"a":1})", {{}, {"q", 4}}};
  const auto taken = project<Few>(encode(full()));
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, encode(few));
  EXPECT_EQ(*decode<Few>(*taken), few);
  EXPECT_EQ(*project<Everything>(encode(full())), encode(full()));
  EXPECT_EQ(*project<Few>(""), "");
  const std::string bytes = encode(full());
  EXPECT_EQ(project<Few>(std::string_view(bytes).substr(0, bytes.size() - 1)).error().code,
            Errc::corruption);
}

TEST(Codec, SkipsFieldsOfANewerRelease) {
  std::string bytes;
  put_varint(bytes, 999);
  put_varint(bytes, 3);
  bytes += "new" + encode(full());
  put_varint(bytes, 1'000'000);
  put_varint(bytes, 0);
  EXPECT_EQ(*decode<Everything>(bytes), full());
}

TEST(Codec, KeepsAnEnumeratorOfANewerRelease) {
  Everything record;
  record.shade = static_cast<Shade>(77);
  EXPECT_EQ(decode<Everything>(encode(record))->shade, static_cast<Shade>(77));
}

TEST(Codec, ATimeIsItsMicroseconds) {
  Everything record;
  record.time = Timestamp{std::chrono::microseconds{1}};
  EXPECT_EQ(encode(record), std::string("\x05\x01\x02"));  // field 5, one byte, zigzag 1
}

// What is cut at the end of a field is a shorter record, everywhere else it is an error.
TEST(Codec, ARecordThatIsCutOffIsAnErrorOrAShorterRecord) {
  const std::string bytes = encode(full());
  std::size_t whole = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = decode<Everything>(std::string_view(bytes).substr(0, size));
    if (decoded)
      ++whole;
    else
      EXPECT_EQ(decoded.error().code, Errc::corruption);
  }
  EXPECT_EQ(whole, 13U);  // before each of its fields
}

TEST(Codec, APayloadOfAnotherTypeNamesItsField) {
  for (const auto& [number, payload] :
       std::vector<std::pair<std::uint64_t, std::string>>{{2, "ab"},
                                                          {3, ""},
                                                          {3, "\x80"},
                                                          {3, std::string("\1\1")},
                                                          {4, "1234567"},
                                                          {5, "\xff"},
                                                          {9, "\x05x"},
                                                          {10, "\x01\x01"},
                                                          {11, "\x01\x05x"},
                                                          {12, "\x02\x01\x05"}}) {
    std::string bytes;
    put_varint(bytes, number);
    put_varint(bytes, payload.size());
    const auto decoded = decode<Everything>(bytes + payload);
    ASSERT_FALSE(decoded) << number;
    EXPECT_EQ(decoded.error().code, Errc::corruption);
    EXPECT_TRUE(decoded.error().where.starts_with("Everything.")) << decoded.error().where;
  }
}

TEST(Codec, NoBytesAreMoreThanAnError) {
  SeededRandom random{13};
  const std::string good = encode(full());
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (std::uint64_t n = 1 + random.next() % 4; n > 0; --n)
      bytes[random.next() % bytes.size()] = static_cast<char>(random.next());
    const auto decoded = decode<Everything>(bytes);
    if (decoded) (void)encode(*decoded);  // whatever it is, it can be written again
  }
}

TEST(Codec, AVarintEndsWithinTenBytes) {
  std::uint64_t value = 0;
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128},
                                     std::numeric_limits<std::uint64_t>::max()}) {
    std::string bytes;
    put_varint(bytes, number);
    std::string_view in = bytes;
    ASSERT_TRUE(take_varint(in, value));
    EXPECT_EQ(value, number);
    EXPECT_TRUE(in.empty());
  }
  const std::string endless(11, '\xff');
  std::string_view in = endless;
  EXPECT_FALSE(take_varint(in, value));
}

}  // namespace
}  // namespace reverie
