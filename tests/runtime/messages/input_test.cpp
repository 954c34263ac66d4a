#include "runtime/messages/input.hpp"

#include "config/ids.hpp"

#include <string>

#include <gtest/gtest.h>

namespace reverie {
namespace {

const char* const agent_id = "agent-2f6c81d4-0000-4000-8000-000000000000";

class Input : public ::testing::Test {
 protected:
  Result<std::vector<Message>> read(const std::string& json) {
    return read_input_messages(Json::parse(json), {agent_id, now, random});
  }
  Error error_of(const std::string& json) {
    auto result = read(json);
    EXPECT_FALSE(result) << json;
    return result ? Error{} : std::move(result).error();
  }

  SeededRandom random{1};
  Timestamp now = *from_rfc3339("2026-11-21T12:00:00Z");
};

TEST_F(Input, KeepsWhatWasSent) {
  const auto messages = *read(R"([{"role":"user","content":"hello","name":"Ada",
      "otid":"o-1","sender_id":"identity-1","group_id":"group-1"},
      {"type":"message","role":"system","content":[{"type":"text","text":"a"},{"text":"b"}]}])");
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].role, "user");
  EXPECT_EQ(messages[0].content[0].text, "hello");
  EXPECT_EQ(messages[0].name, "Ada");
  EXPECT_EQ(messages[0].otid, "o-1");
  EXPECT_EQ(messages[0].sender_id, "identity-1");
  EXPECT_EQ(messages[0].group_id, "group-1");
  EXPECT_EQ(messages[0].created_at, now);
  EXPECT_EQ(*home_of(messages[0].id), *home_of(agent_id));
  EXPECT_EQ(messages[1].content.size(), 2U);
}

TEST_F(Input, AMessageWithoutAnOtidGetsAUuid) {
  const auto messages = *read(R"([{"role":"user","content":"a"},{"role":"user","content":"b"}])");
  EXPECT_EQ(messages[0].otid->size(), 36U);
  EXPECT_NE(messages[0].otid, messages[1].otid);
}

TEST_F(Input, ReadsATextOrPartsAsOneMessageOfTheUser) {
  const auto text = *read_input(Json("hello"), {agent_id, now, random});
  ASSERT_EQ(text.size(), 1U);
  EXPECT_EQ(text[0].role, "user");
  EXPECT_TRUE(text[0].otid);
  const auto refused = read_input(Json(5), {agent_id, now, random});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, "input");
  const auto part = read_input(Json::parse(R"([{"type":"text"}])"), {agent_id, now, random});
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().where, "input.0.text");
}

TEST_F(Input, NamesTheFieldThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
    {R"({})", "messages"},
    {R"([])", "messages"},
    {R"([5])", "messages.0"},
    {R"([{"content":"a"}])", "messages.0.role"},
    {R"([{"role":"tool","content":"a"}])", "messages.0.role"},
    {R"([{"role":"user"}])", "messages.0.content"},
    {R"([{"role":"user","content":null}])", "messages.0.content"},
    {R"([{"role":"user","content":"a"},{"role":"user","content":{}}])", "messages.1.content"},
    {R"([{"role":"user","content":[{"type":"text","text":5}]}])", "messages.0.content.0.text"},
    {R"([{"role":"user","content":[{"type":"tool_call"}]}])", "messages.0.content.0.type"},
    {R"([{"role":"user","content":"a","otid":5}])", "messages.0.otid"},
    {R"([{"type":"letter","role":"user","content":"a"}])", "messages.0.type"},
  };
  for (const auto& [json, where] : cases) {
    const Error error = error_of(json);
    EXPECT_EQ(error.code, Errc::invalid_argument) << json;
    EXPECT_EQ(error.where, where) << json;
  }
}

TEST_F(Input, RefusesEmptyContentInTheWordsThatClientsLookFor) {
  for (const char* json : {R"([{"role":"user","content":""}])", R"([{"role":"user","content":[]}])",
                           R"([{"role":"user","content":"  "}])"}) {
    const Error error = error_of(json);
    EXPECT_EQ(error.code, Errc::bad_request);
    EXPECT_NE(error.message.find("empty content in"), std::string::npos);
  }
}

TEST_F(Input, KeepsImagesWithIdsThatLeadBackToThem) {
  const auto messages = *read(R"([{"role":"user","content":[{"type":"text","text":"look"},
      {"type":"image","source":{"type":"base64","media_type":"x","data":"iVBORw0KGgoAAAAA"}}]}])");
  const Message& message = messages.at(0);
  ASSERT_EQ(message.content.size(), 2U);
  EXPECT_EQ(message.content[0].text, "look");
  EXPECT_EQ(message.content[1].type, "image");
  const Json source = Json::parse(message.content[1].source.text);
  EXPECT_EQ(source["media_type"], "image/png");
  const auto place = place_of_image(source["file_id"].get<std::string>());
  ASSERT_TRUE(place);
  EXPECT_EQ(place->message_id, message.id);
  EXPECT_EQ(place->part, 1U);
}

TEST_F(Input, AnImageAloneIsContent) {
  const Json input = Json::parse(
    R"([{"type":"image","source":{"type":"url","url":"data:image/gif;base64,R0lGODlhAAAA"}}])");
  EXPECT_TRUE(read_input(input, {agent_id, now, random}));
  const auto large = read_input(input, {agent_id, now, random, 8});
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().where, "input.0.source.url");
}

TEST_F(Input, AnImageThatCannotBeTakenIsNamedInTheText) {
  const std::string file = R"({"type":"image","source":{"type":"url","url":"file:///etc/passwd"}})";
  const Error error = error_of(R"([{"role":"user","content":[{"text":"a"},)" + file + "]}]");
  EXPECT_EQ(error.code, Errc::bad_request);
  EXPECT_EQ(error.where, "messages.0.content.1.source.url");
  EXPECT_TRUE(error.message.starts_with("messages.0.content.1.source.url: ")) << error.message;
  EXPECT_EQ(error_of(R"([{"role":"user","content":[{"type":"image"}]}])").where,
            "messages.0.content.0.source");
}

TEST_F(Input, OnlyTheUserSendsImages) {
  const Error error = error_of(R"([{"role":"assistant","content":[{"type":"image",
      "source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgoAAAAA"}}]}])");
  EXPECT_EQ(error.code, Errc::bad_request);
  EXPECT_EQ(error.where, "messages.0.content");
}

TEST_F(Input, WhatAnswersAnApprovalIsTheFirstMessage) {
  const auto messages =
    read(R"([{"approve":true,"approval_request_id":"x"},{"role":"user","content":"go"}])");
  ASSERT_TRUE(messages);
  EXPECT_EQ(messages->front().role, "approval");
  const Error error = error_of(R"([{"role":"user","content":"go"},{"type":"approval"}])");
  EXPECT_EQ(error.code, Errc::invalid_argument);
  EXPECT_EQ(error.where, "messages.1.type");
}

}  // namespace
}  // namespace reverie
