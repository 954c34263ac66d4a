#include "runtime/git_memory/block_file.hpp"

#include "config/json.hpp"
#include "runtime/git_memory/front_matter.hpp"

#include <array>
#include <random>

#include <gtest/gtest.h>

namespace reverie {
namespace {

BlockContent read(std::string_view text) {
  auto content = read_block_file(text);
  EXPECT_TRUE(content) << content.error().message;
  return content ? *std::move(content) : BlockContent{};
}

std::string text_of(const BlockContent& content, std::string_view previous = {}) {
  auto text = block_file_text(content, previous);
  EXPECT_TRUE(text) << text.error().message;
  return text ? *std::move(text) : std::string();
}

TEST(BlockFile, SaysWhatIsNotTheDefault) {
  BlockContent content{"Name: Ada", "About the human.", false, RawJson{"{}"}, true};
  EXPECT_EQ(text_of(content), "---\ndescription: About the human.\n---\nName: Ada");
  content = {"line\n", "Keys: values", true, RawJson{R"({"a":[1,true,null,"1"]})"}, true};
  EXPECT_EQ(text_of(content),
            "---\ndescription: \"Keys: values\"\nread_only: true\n"
            "metadata: {\"a\":[1,true,null,\"1\"]}\n---\nline\n");
  EXPECT_EQ(text_of(BlockContent{}), "---\ndescription: null\n---\n");
}

TEST(BlockFile, TakesABlockWithoutMetadata) {
  Block block;
  block.value = "v";
  block.metadata = RawJson{};
  EXPECT_EQ(content_of(block).metadata, RawJson{"{}"});
  EXPECT_EQ(read(text_of(content_of(block))), content_of(block));
}

TEST(BlockFile, WithoutFrontMatterAllIsValue) {
  for (const char* text : {"", "plain\n", "--- \nx: 1\n---\n", "----\nx\n---\n", "---", "---\n",
                           "---\ndescription: no end\n", "---\ndescription: x\n--- \nv",
                           "---\n- a list\n---\nv", "---\njust text\n---\nv", "---\na: [1\n---\nv",
                           "---\n\"\n---\n", "\n---\ndescription: x\n---\n"}) {
    const BlockContent content = read(text);
    EXPECT_EQ(content.value, text);
    EXPECT_FALSE(content.has_front_matter) << text;
    EXPECT_FALSE(content.description);
  }
}

TEST(BlockFile, UnderstandsWhatPeopleWrite) {
  const BlockContent content = read(
    "---\nname: x # mine\ndescription: >\n  two\n  lines\nread_only: True\n"
    "metadata:\n  a: 1\n  b: [x, '2', 2.5]\n  c: ~\nlimit: 7\n---\n---\nrule\n");
  EXPECT_EQ(content.description, "two lines\n");
  EXPECT_TRUE(content.read_only);
  EXPECT_EQ(content.metadata, RawJson{R"({"a":1,"b":["x","2",2.5],"c":null})"});
  EXPECT_EQ(content.value, "---\nrule\n");
  EXPECT_EQ(read("---\ndescription: 5\n---\n").description, "5");
  EXPECT_EQ(read("---\ndescription: [a]\nread_only: 'true'\nmetadata: 5\n---\n"), BlockContent{});
}

TEST(BlockFile, TakesTheLineEndsOfWindows) {
  const BlockContent content =
    read("---\r\ndescription: d\r\nread_only: true\r\n---\r\na\r\nb\r\n");
  EXPECT_EQ(content.description, "d");
  EXPECT_TRUE(content.read_only);
  EXPECT_EQ(content.value, "a\r\nb\r\n");
}

TEST(BlockFile, RefusesWhatIsNoTextOrTooLong) {
  EXPECT_EQ(read_block_file("a\xff").error().code, Errc::invalid_argument);
  EXPECT_EQ(read_block_file(std::string(block_file_bytes_max + 1, 'a')).error().code,
            Errc::invalid_argument);
  EXPECT_TRUE(read_block_file(std::string(block_file_bytes_max, 'a')));
  EXPECT_FALSE(block_file_text({std::string(block_file_bytes_max, 'a'), {}, false, {}, true}));
  EXPECT_FALSE(block_file_text({"\xc3", {}, false, {}, true}));
}

TEST(BlockFile, IsNotTrickedIntoWorkWithoutEnd) {
  std::string bomb = "---\na0: &a0 x\n";
  for (int i = 1; i < 40; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb +=
      "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + ", " + last + "]\n";
  }
  EXPECT_FALSE(read(bomb + "---\nv").has_front_matter);
  EXPECT_FALSE(read("---\na: &a [*a]\n---\nv").has_front_matter);
  EXPECT_FALSE(read("---\na: " + std::string(10'000, '[') + "\n---\nv").has_front_matter);
  EXPECT_FALSE(read("---\n? {a: 1}\n: 2\n---\nv").has_front_matter);
}

TEST(BlockFile, KeepsTheFormOfItsWriter) {
  const std::string mine = "---\r\n# mine\r\ndescription:   'd'\r\nname: x\r\n---\r\nold";
  BlockContent content = read(mine);
  content.value = "new";
  EXPECT_EQ(text_of(content, mine), "---\r\n# mine\r\ndescription:   'd'\r\nname: x\r\n---\r\nnew");
  content.description = "e";
  EXPECT_EQ(text_of(content, mine), "---\ndescription: e\n# mine\r\nname: x\r\n---\nnew");
}

TEST(BlockFile, KeepsTheMembersOfOthers) {
  const std::string skill =
    "---\nname: pdf\ndescription: |\n  old\n  text\nmetadata:\n  - 1\nlicense: MIT\n---\nbody\n";
  BlockContent content = read(skill);
  content.description = "new";
  EXPECT_EQ(text_of(content, skill), "---\ndescription: new\nname: pdf\nlicense: MIT\n---\nbody\n");
}

TEST(BlockFile, WritesFrontMatterWhereThereWasNone) {
  EXPECT_EQ(text_of({"new", "d", false, RawJson{"{}"}, true}, "old"),
            "---\ndescription: d\n---\nnew");
}

// Texts from pieces that mean something to YAML, to JSON or to a line reader.
class RandomBlocks {
 public:
  explicit RandomBlocks(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t n) { return engine_() % n; }

  std::string text(std::size_t pieces_max) {
    static const std::array<std::string, 48> pieces{"a",
                                                    "Z",
                                                    "0",
                                                    "-1",
                                                    "1e5",
                                                    " ",
                                                    "  ",
                                                    "\n",
                                                    "\r\n",
                                                    "\r",
                                                    "\t",
                                                    ":",
                                                    ": ",
                                                    " #",
                                                    "#",
                                                    "---",
                                                    "---\n",
                                                    "...",
                                                    "- ",
                                                    "? ",
                                                    "\"",
                                                    "'",
                                                    "\\",
                                                    "/",
                                                    "{",
                                                    "}",
                                                    "[",
                                                    "]",
                                                    ",",
                                                    "&a",
                                                    "*a",
                                                    "!",
                                                    "|",
                                                    ">",
                                                    "%",
                                                    "@",
                                                    "`",
                                                    "~",
                                                    "null",
                                                    "true",
                                                    "\x04",
                                                    "\x7f",
                                                    "\xc2\x85",
                                                    "\xe2\x80\xa8",
                                                    "\xef\xbb\xbf",
                                                    "\xf0\x9f\x98\x80",
                                                    "\xc3\xa4",
                                                    std::string(1, '\0')};
    std::string out;
    for (std::size_t n = below(pieces_max + 1); n > 0; --n) out += pieces[below(pieces.size())];
    return out;
  }

  Json json(int depth) {
    switch (below(depth > 0 ? 8 : 6)) {
      case 0: return nullptr;
      case 1: return below(2) == 0;
      case 2: return static_cast<std::int64_t>(engine_()) - (std::int64_t{1} << 31);
      case 3: return static_cast<double>(engine_()) / 1'000.0;
      case 4:
      case 5: return text(6);
      case 6: {
        Json array = Json::array();
        for (std::size_t n = below(4); n > 0; --n) array.push_back(json(depth - 1));
        return array;
      }
      default: return object(depth - 1);
    }
  }

  Json object(int depth) {
    Json out = Json::object();
    for (std::size_t n = below(4); n > 0; --n) out[text(5)] = json(depth);
    return out;
  }

  BlockContent content() {
    BlockContent out;
    out.value = text(20);
    if (below(4) > 0) out.description = text(8);
    out.read_only = below(2) == 0;
    out.metadata = RawJson{object(3).dump()};
    return out;
  }

 private:
  std::mt19937 engine_;
};

TEST(BlockFile, AnyBlockSurvivesTheRoundTrip) {
  const unsigned seed = std::random_device{}();
  RandomBlocks random(seed);
  std::string previous;
  for (int i = 0; i < 3'000; ++i) {
    const BlockContent content = random.content();
    const std::string text = text_of(content, previous);
    ASSERT_EQ(read(text), content) << "seed " << seed << " round " << i << "\n" << text;
    previous = random.below(3) == 0 ? random.text(20) : text;
  }
}

TEST(BlockFile, StrangeMetadataSurvivesTheRoundTrip) {
  Json deep = 1;
  for (int i = 0; i < 300; ++i) deep = Json{{"d", deep}};
  for (const Json& metadata :
       {Json{{std::string(3'000, 'k'), 1}}, deep, Json{{"big", std::string(200'000, 'x')}},
        Json{{"n", 1e300}, {"m", 18446744073709551615ULL}, {"f", 1.0}}}) {
    const BlockContent content{"v", "d", false, RawJson{metadata.dump()}, true};
    EXPECT_EQ(read(text_of(content)), content);
  }
}

}  // namespace
}  // namespace reverie
