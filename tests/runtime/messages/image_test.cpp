#include "runtime/messages/image.hpp"

#include "config/base64.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace reverie {
namespace {

constexpr std::int64_t bytes_max = 1'000;

std::string png() {
  return to_base64("\x89PNG\r\n\x1a\n and what follows");
}

Result<ChatImage> read(Json source) {
  return read_image_source(source, bytes_max);
}

TEST(Image, IsWhatItsBytesSay) {
  EXPECT_EQ(image_media_type("\x89PNG\r\n\x1a\n..."), "image/png");
  EXPECT_EQ(image_media_type("\xff\xd8\xff\xe0"), "image/jpeg");
  EXPECT_EQ(image_media_type("GIF89a..."), "image/gif");
  EXPECT_EQ(image_media_type("RIFF\x01\x02\x03\x04WEBPVP8 "), "image/webp");
  EXPECT_EQ(image_media_type("RIFF....WAVE"), "");
  EXPECT_EQ(image_media_type("<svg>"), "");
  EXPECT_EQ(image_media_type(""), "");
}

TEST(Image, TakesTheSourcesThatBringTheirData) {
  const Json sources[] = {
    {{"type", "base64"}, {"media_type", "image/jpeg"}, {"data", png()}, {"detail", "low"}},
    {{"type", "url"}, {"url", "data:image/jpeg;base64," + png()}, {"detail", "low"}},
    {{"type", "letta"}, {"file_id", "file-1"}, {"data", png()}, {"detail", "low"}},
  };
  for (const Json& source : sources) {
    const auto image = read(source);
    ASSERT_TRUE(image) << source << image.error().message;
    EXPECT_EQ(*image, (ChatImage{"image/png", png(), "low"}));
  }
}

TEST(Image, NamesWhatIsWrong) {
  const std::string large = to_base64("\x89PNG\r\n\x1a\n" + std::string(bytes_max, 'x'));
  const std::pair<Json, std::pair<Errc, const char*>> cases[] = {
    {Json("x"), {Errc::invalid_argument, ""}},
    {Json::object(), {Errc::invalid_argument, "type"}},
    {{{"type", "file"}}, {Errc::invalid_argument, "type"}},
    {{{"type", "url"}}, {Errc::invalid_argument, "url"}},
    {{{"type", "url"}, {"url", 5}}, {Errc::invalid_argument, "url"}},
    {{{"type", "base64"}, {"data", Json::array()}}, {Errc::invalid_argument, "data"}},
    {{{"type", "url"}, {"url", "file:///etc/passwd"}}, {Errc::bad_request, "url"}},
    {{{"type", "url"}, {"url", "FILE:///etc/passwd"}}, {Errc::bad_request, "url"}},
    {{{"type", "url"}, {"url", "ftp://example.com/a.png"}}, {Errc::bad_request, "url"}},
    {{{"type", "url"}, {"url", "https://example.com/a.png"}}, {Errc::bad_request, "url"}},
    {{{"type", "url"}, {"url", "data:image/png,abc"}}, {Errc::bad_request, "url"}},
    {{{"type", "base64"}, {"data", ""}}, {Errc::bad_request, "data"}},
    {{{"type", "base64"}, {"data", "no base64!"}}, {Errc::bad_request, "data"}},
    {{{"type", "base64"}, {"data", to_base64("plain text")}}, {Errc::bad_request, "data"}},
    {{{"type", "base64"}, {"data", large}}, {Errc::bad_request, "data"}},
    {{{"type", "letta"}, {"file_id", "file-1"}}, {Errc::bad_request, "file_id"}},
  };
  for (const auto& [source, expected] : cases) {
    const auto image = read(source);
    ASSERT_FALSE(image) << source;
    EXPECT_EQ(image.error().code, expected.first) << source;
    EXPECT_EQ(image.error().where, expected.second) << source;
  }
}

TEST(Image, IsStoredAsTheApiShowsIt) {
  const ChatImage image{"image/png", png(), ""};
  ContentPart part;
  part.type = "image";
  part.source = stored_image_source(image, "file-1");
  EXPECT_EQ(Json::parse(part.source.text), (Json{{"type", "letta"},
                                                 {"file_id", "file-1"},
                                                 {"media_type", "image/png"},
                                                 {"data", png()},
                                                 {"detail", nullptr}}));
  EXPECT_EQ(stored_image(part), image);
}

TEST(Image, AStoredOneThatNoVendorTakesIsNone) {
  for (const char* source :
       {"", "null", "{", "5", R"({"type":"letta","file_id":"f"})", R"({"data":"\"},{"})",
        R"({"type":"url","url":"http://x"})", R"({"data":"AAAA","media_type":"image/png"})"}) {
    ContentPart part;
    part.type = "image";
    part.source = RawJson(source);
    EXPECT_FALSE(stored_image(part)) << source;
  }
}

TEST(Image, ItsIdLeadsBackToItsMessage) {
  const std::string id = message_id_with_images("message-0cf68235-4776-4da7-a956-2deb8debb8b2");
  EXPECT_EQ(id, "message-0cf68235-4776-4da7-a956-2deb8debb880");
  for (const std::size_t part : {0u, 1u, 17u, 127u}) {
    const auto place = place_of_image(image_file_id({id, part}));
    ASSERT_TRUE(place);
    EXPECT_EQ(place->message_id, id);
    EXPECT_EQ(place->part, part);
  }
  for (const char* other : {"", "file-", "message-0cf68235-4776-4da7-a956-2deb8debb880",
                            "file-0cf68235-4776-4da7-a956-2deb8debb8zz"})
    EXPECT_FALSE(place_of_image(other)) << other;
}

}  // namespace
}  // namespace reverie
