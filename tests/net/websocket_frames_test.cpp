#include "net/websocket_frames.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

struct Read {
  std::string id;
  Result<ClientFrame> frame;
};

Read read(std::string_view text) {
  std::string id = "of the frame before";
  auto frame = read_client_frame(text, id);
  return {std::move(id), std::move(frame)};
}

// Where a frame is wrong.
std::string wrong(std::string_view text) {
  const auto frame = read(text).frame;
  if (frame) return "nowhere";
  EXPECT_EQ(frame.error().code, Errc::invalid_argument);
  EXPECT_FALSE(frame.error().message.empty());
  return frame.error().where;
}

TEST(WebSocketFrames, ASendIsTheMessageOfItsAgent) {
  const auto frame =
    read(R"({"type":"send","id":"1","agent_id":"agent-1","input":"hi","max_steps":3})").frame;
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type, FrameType::send);
  EXPECT_EQ(frame->id, "1");
  EXPECT_EQ(frame->operation_id, "create_agent_message_stream");
  EXPECT_EQ(frame->path_value, "agent-1");
  EXPECT_EQ(frame->body, Json::parse(R"({"input":"hi","max_steps":3,"background":true,
                                         "streaming":true,"include_pings":false})"));
}

TEST(WebSocketFrames, ASendToAConversationNamesTheAgentOfTheDefaultOne) {
  const auto frame = read(R"({"type":"send","id":"1","conversation_id":"default",
    "agent_id":"agent-1","background":false,"include_pings":true})")
                       .frame;
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->operation_id, "send_conversation_message");
  EXPECT_EQ(frame->path_value, "default");
  EXPECT_EQ(frame->body["agent_id"], "agent-1");
  EXPECT_EQ(frame->body["background"], true);
  EXPECT_EQ(frame->body["include_pings"], true);
}

TEST(WebSocketFrames, AnApprovalIsAMessage) {
  const auto frame = read(R"({"type":"approve","id":"1","agent_id":"agent-1","stream_tokens":true,
    "approvals":[{"tool_call_id":"c","approve":true}],"otid":"o"})")
                       .frame;
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type, FrameType::approve);
  EXPECT_EQ(frame->operation_id, "create_agent_message_stream");
  EXPECT_EQ(frame->body["messages"], Json::parse(R"([{"type":"approval","otid":"o",
    "approvals":[{"tool_call_id":"c","approve":true}]}])"));
  EXPECT_EQ(frame->body["stream_tokens"], true);
  EXPECT_FALSE(frame->body.contains("approvals"));
  EXPECT_EQ(wrong(R"({"type":"approve","id":"1","agent_id":"a"})"), "approvals");
  EXPECT_EQ(wrong(R"({"type":"approve","id":"1","agent_id":"a","approve":true,"input":"x"})"),
            "input");
}

TEST(WebSocketFrames, AResumeNamesARunOrAConversation) {
  const auto run = read(R"({"type":"resume","id":"1","run_id":"run-1","starting_after":7})").frame;
  ASSERT_TRUE(run);
  EXPECT_EQ(run->operation_id, "retrieve_stream_for_run");
  EXPECT_EQ(run->path_value, "run-1");
  EXPECT_EQ(run->body, Json::parse(R"({"starting_after":7,"include_pings":false})"));
  const auto thread =
    read(R"({"type":"resume","id":"1","conversation_id":"conv-1","otid":"o"})").frame;
  ASSERT_TRUE(thread);
  EXPECT_EQ(thread->operation_id, "retrieve_conversation_stream");
  EXPECT_EQ(thread->path_value, "conv-1");
  EXPECT_EQ(thread->body["otid"], "o");
  EXPECT_EQ(wrong(R"({"type":"resume","id":"1"})"), "run_id");
}

TEST(WebSocketFrames, ACancelNamesItsRun) {
  const auto frame = read(R"({"type":"cancel","id":"1","run_id":"run-1"})").frame;
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->operation_id, "cancel_run");
  EXPECT_EQ(frame->path_value, "run-1");
  EXPECT_EQ(frame->body, Json::object());
  EXPECT_EQ(wrong(R"({"type":"cancel","id":"1","run_id":7})"), "run_id");
  EXPECT_EQ(wrong(R"({"type":"cancel","id":"1","run_id":""})"), "run_id");
}

TEST(WebSocketFrames, OnlyAPingNeedsNoId) {
  EXPECT_EQ(read(R"({"type":"ping"})").frame->type, FrameType::ping);
  EXPECT_EQ(read(R"({"type":"ping","id":"p"})").frame->id, "p");
  EXPECT_EQ(wrong(R"({"type":"leave"})"), "id");
  EXPECT_EQ(wrong(R"({"type":"leave","id":null})"), "id");
  EXPECT_EQ(wrong(R"({"type":"leave","id":7})"), "id");
  EXPECT_EQ(wrong(R"({"type":"ping","id":")" + std::string(frame_id_bytes_max + 1, 'x') + "\"}"),
            "id");
  EXPECT_EQ(wrong(R"({"type":"leave","id":")" + std::string(frame_id_bytes_max, 'x') + "\"}"),
            "nowhere");
}

TEST(WebSocketFrames, SayWhatIsWrongAndWhoseItIs) {
  EXPECT_EQ(wrong("{"), "frame");
  EXPECT_EQ(wrong("[]"), "frame");
  EXPECT_EQ(wrong(""), "type");
  EXPECT_EQ(wrong(R"({"type":"shout","id":"1"})"), "type");
  EXPECT_EQ(wrong(R"({"type":{},"id":"1"})"), "type");
  EXPECT_EQ(wrong(R"({"type":"send","id":"1"})"), "agent_id");
  EXPECT_EQ(wrong(R"({"type":"send","id":"1","agent_id":[]})"), "agent_id");
  EXPECT_EQ(read(R"({"type":"shout","id":"1"})").id, "1");
  EXPECT_EQ(read("{").id, "");
}

TEST(WebSocketFrames, AreWrittenAsDocumented) {
  EXPECT_EQ(started_frame("a\"b", "run-1"), R"({"type":"started","id":"a\"b","run_id":"run-1"})");
  EXPECT_EQ(event_frame("1", "run-1", R"({"x":1})"),
            R"({"type":"event","id":"1","run_id":"run-1","event":{"x":1}})");
  EXPECT_EQ(done_frame("1", "run-1"), R"({"type":"done","id":"1","run_id":"run-1"})");
  EXPECT_EQ(result_frame("1", "{}"), R"({"type":"result","id":"1","result":{}})");
  EXPECT_EQ(error_frame("", 422, R"({"detail":"d"})"),
            R"({"type":"error","id":null,"status":422,"error":{"detail":"d"}})");
  EXPECT_EQ(left_frame("1"), R"({"type":"left","id":"1"})");
  EXPECT_EQ(pong_frame(""), R"({"type":"pong","id":null})");
}

}  // namespace
}  // namespace reverie
