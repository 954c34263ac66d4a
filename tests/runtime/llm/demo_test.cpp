#include "runtime/llm/demo.hpp"

#include "config/json.hpp"
#include "runtime/llm/demo_memory.hpp"
#include "runtime/prompt/system_prompt.hpp"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace reverie {
namespace {

ChatMessage message_of(ChatRole role, const std::string& text) {
  ChatMessage message;
  message.role = role;
  message.text = text;
  return message;
}

using Blocks = std::vector<std::pair<std::string, std::string>>;

// An agent around the model, just large enough: it renders blocks as the server does, runs the
// memory tools, and keeps its history.
class TinyAgent {
 public:
  Blocks blocks{{"human", ""}, {"persona", "I am a test agent."}};
  std::vector<std::string> tools{"conversation_search", "memory_insert", "memory_replace"};
  ToolChoice tool_choice = ToolChoice::automatic;
  std::string forced_tool;
  std::string failure;  // not empty: what every tool says instead of working
  bool is_read_only = false;
  bool parallel = false;
  bool reasons = false;
  std::vector<ToolCall> calls;  // of the last turn
  std::vector<std::string> thoughts;

  // Runs one turn to its end and gives what was said.
  std::string say(const std::string& text) {
    calls.clear();
    history_.push_back(message_of(ChatRole::user, text));
    const std::string prompt = render();  // stays the same during a turn
    for (int step = 0; step < 8; ++step) {
      const Completion answer = demo_completion(request(prompt));
      for (const Reasoning& each : answer.reasoning) thoughts.push_back(each.text);
      EXPECT_EQ(answer.finish,
                answer.tool_calls.empty() ? FinishReason::stop : FinishReason::tool_calls);
      ChatMessage said = message_of(ChatRole::assistant, answer.text);
      said.tool_calls = answer.tool_calls;
      history_.push_back(said);
      if (answer.tool_calls.empty()) return answer.text;
      ChatMessage results = message_of(ChatRole::tool, "");
      for (const ToolCall& call : answer.tool_calls) {
        calls.push_back(call);
        if (call.name == "send_message") return Json::parse(call.arguments)["message"];
        results.tool_results.push_back(run(call));
      }
      history_.push_back(results);
    }
    ADD_FAILURE() << "the turn does not end";
    return "";
  }

  void forget_history() { history_.clear(); }
  std::string& block(const std::string& label) {
    for (auto& [name, value] : blocks)
      if (name == label) return value;
    return blocks.emplace_back(label, "").second;
  }

  LlmRequest request(const std::string& prompt) const {
    LlmRequest made;
    made.messages.push_back(message_of(ChatRole::system, prompt));
    made.messages.insert(made.messages.end(), history_.begin(), history_.end());
    for (const std::string& tool : tools) made.tools.push_back({tool, "", RawJson("{}")});
    made.tool_choice = tool_choice;
    made.forced_tool = forced_tool;
    made.model.parallel_tool_calls = parallel;
    made.model.reasoning_enabled = reasons;
    return made;
  }

  std::string render() const {
    std::string out = "You are an agent.\n\n<memory_blocks>\nYour memory:\n\n";
    for (const auto& [label, value] : blocks)
      out += "<" + label + ">\n<description>\nabout\n</description>\n<metadata>\n"
             + (is_read_only ? "- read_only=true\n" : "")
             + "- chars_current=1\n</metadata>\n<value>\n" + value + "\n</value>\n</" + label
             + ">\n\n";
    return out + "</memory_blocks>\n";
  }

 private:
  ToolResult run(const ToolCall& call) {
    if (!failure.empty()) return {call.id, failure, true};
    const Json arguments = Json::parse(call.arguments, nullptr, false);
    if (call.name == "conversation_search") return {call.id, "found: " + call.arguments, false};
    if (arguments.is_discarded()) return {call.id, "broken arguments", true};
    const auto text = [&](const char* name) { return arguments.value(name, std::string()); };
    if (call.name == "memory") return run_memory(call.id, arguments);
    const std::string label = text(arguments.contains("label") ? "label" : "target_block_label");
    std::string& value = block(label);
    if (call.name == "memory_insert" || call.name == "core_memory_append")
      value += (value.empty() ? "" : "\n") + text("new_string") + text("content");
    else if (call.name == "memory_replace" || call.name == "core_memory_replace")
      return replace(call.id, value, text("old_string") + text("old_content"),
                     text("new_string") + text("new_content"));
    else if (call.name == "memory_rethink" || call.name == "rethink_memory")
      value = text("new_memory");
    else
      return {call.id, "ran " + call.name + " with " + call.arguments, false};
    return {call.id, "done", false};
  }

  ToolResult run_memory(const std::string& id, const Json& arguments) {
    std::string& value = block(std::string(arguments["path"]).substr(10));
    if (arguments["command"] == "str_replace")
      return replace(id, value, arguments["old_string"], arguments["new_string"]);
    value += (value.empty() ? "" : "\n") + std::string(arguments["insert_text"]);
    return {id, "done", false};
  }

  static ToolResult replace(const std::string& id, std::string& value, const std::string& from,
                            const std::string& to) {
    const auto at = value.find(from);
    if (at == value.npos) return {id, "No replacement was performed", true};
    value.replace(at, from.size(), to);
    return {id, "done", false};
  }

  std::vector<ChatMessage> history_;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

TEST(Demo, KeepsANameWithTheRealToolAndStillKnowsItWithoutTheHistory) {
  TinyAgent agent;
  const std::string said = agent.say("Hi, I'm Ada and I like green tea.");
  ASSERT_EQ(agent.calls.size(), 1u);
  EXPECT_EQ(agent.calls[0].name, "memory_insert");
  EXPECT_EQ(agent.block("human"), "Name: Ada\nLikes: green tea");
  EXPECT_TRUE(has(said, "Nice to meet you, Ada!")) << said;
  EXPECT_TRUE(has(said, "`human` memory block")) << said;

  agent.forget_history();  // as after a restart with an empty context
  EXPECT_TRUE(has(agent.say("What is my name?"), "Your name is Ada"));
  EXPECT_TRUE(agent.calls.empty());
  EXPECT_TRUE(has(agent.say("what do I like"), "You like green tea"));
  EXPECT_TRUE(has(agent.say("hello"), "Hello Ada"));
}

TEST(Demo, UnderstandsPlainWords) {
  const std::vector<std::pair<std::string, std::string>> cases{
    {"my name is ada lovelace", "Name: Ada lovelace"},
    {"Call me Ada!", "Name: Ada"},
    {"Hello there, I am Ada, nice to meet you", "Name: Ada"},
    {"I'm \u00c5sa", "Name: \u00c5sa"},
    {"I love jazz", "Likes: jazz"},
    {"I really like to walk in the rain.", "Likes: to walk in the rain"},
    {"My favorite color is blue", "Favorite color: blue"},
    {"I live in Oslo now", "Lives in: Oslo"},
    {"I am living in St. Gallen.", "Lives in: St. Gallen"},
    {"I'm from Norway", "From: Norway"},
    {"I work as a nurse", "Works as: a nurse"},
    {"I work at the city hospital", "Works at: the city hospital"},
    {"I'm an engineer", "Is: an engineer"},
    {"I'm German", "Is: German"},
    {"I am 42 years old", "Age: 42"},
    {"I was born in 1815", "Born: in 1815"},
    {"I have two cats", "Has: two cats"},
    {"My dog is called Rex", "Dog: Rex"},
    {"My birthday is on 10 December.", "Birthday: on 10 December"},
    {"I'm allergic to nuts", "Allergic to: nuts"},
    {"I can't stand loud music", "Dislikes: loud music"},
    {"Please remember that the launch is on Friday.", "Note: the launch is on Friday"},
    {"Don't forget: my sister is Eve", "Sister: Eve"},
    {"I live in Oslo, and my favourite food is soup", "Lives in: Oslo\nFavourite food: soup"},
  };
  for (const auto& [text, block] : cases) {
    TinyAgent agent;
    agent.say(text);
    EXPECT_EQ(agent.block("human"), block) << text;
  }
}

TEST(Demo, StoresNothingThatWasNotSaid) {
  for (const char* text :
       {"I like it", "I have a question", "I'm happy", "I am not Ada", "What is my name?",
        "I have to go", "my question is why", "I would like some tea", "", "?!", "My name is",
        "Do you remember my name?", "I'm fine, thanks", "do I like tea?"}) {
    TinyAgent agent;
    const std::string said = agent.say(text);
    EXPECT_TRUE(agent.calls.empty()) << text;
    EXPECT_FALSE(said.empty()) << text;
    EXPECT_FALSE(has(said, "written")) << text << " -> " << said;
  }
}

TEST(Demo, ReplacesWhatIsCorrected) {
  TinyAgent agent;
  agent.block("human") = "Name: Ada\nLikes: tea\nLives in: Oslo";
  const std::string said = agent.say("Actually my name is Grace");
  EXPECT_TRUE(has(said, "putting that right, Grace")) << said;
  EXPECT_EQ(agent.block("human"), "Name: Grace\nLikes: tea\nLives in: Oslo");
  agent.say("No, I don't like tea");
  EXPECT_EQ(agent.block("human"), "Name: Grace\nDislikes: tea\nLives in: Oslo");
  agent.say("I moved to Bergen and I like coffee");
  EXPECT_EQ(agent.block("human"), "Name: Grace\nDislikes: tea\nLives in: Bergen\nLikes: coffee");
}

TEST(Demo, CorrectsANameInsideASentence) {
  TinyAgent agent;
  agent.block("human") = "The user's name is Ada. She asks about trains.";
  EXPECT_TRUE(has(agent.say("what's my name?"), "Your name is Ada"));
  EXPECT_TRUE(has(agent.say("Sorry, my name is Grace"), "your name is Grace"));
  EXPECT_EQ(agent.block("human"), "The user's name is Grace. She asks about trains.");
}

TEST(Demo, DoesNotWriteTheSameTwice) {
  TinyAgent agent;
  agent.block("human") = "Name: Ada.\nLikes: Green tea";
  const std::string said = agent.say("I'm Ada, and I like green tea");
  EXPECT_TRUE(agent.calls.empty());
  EXPECT_TRUE(has(said, "I know already")) << said;
}

TEST(Demo, UsesWhicheverMemoryToolThereIs) {
  const std::vector<std::vector<std::string>> kits{
    {"memory_insert", "memory_replace"},
    {"core_memory_append", "core_memory_replace"},
    {"memory"},
    {"memory_rethink"},
    {"rethink_memory"},
    {"memory_insert"},  // a correction becomes a second line, and the last one counts
    {"memory_replace"},
    {"core_memory_replace"},
  };
  for (const auto& tools : kits) {
    TinyAgent agent;
    agent.tools = tools;
    agent.block("human") = "A new person.";
    agent.say("My name is Ada and I like tea");
    agent.forget_history();
    EXPECT_TRUE(has(agent.say("what is my name?"), "Ada")) << tools[0];
    agent.say("actually my name is Grace");
    agent.forget_history();
    EXPECT_TRUE(has(agent.say("what is my name?"), "Your name is Grace")) << tools[0];
    EXPECT_TRUE(has(agent.say("what do I like?"), "tea")) << tools[0];
    EXPECT_TRUE(has(agent.block("human"), "A new person.")) << tools[0];
  }
}

TEST(Demo, NeverSaysThatItStoredWhatItDidNot) {
  TinyAgent failing;
  failing.failure = "the block is read-only";
  std::string said = failing.say("My name is Ada");
  EXPECT_EQ(failing.calls.size(), 1u);
  EXPECT_FALSE(has(said, "I have written")) << said;
  EXPECT_TRUE(has(said, "the block is read-only")) << said;

  TinyAgent without_tools;
  without_tools.tools.clear();
  said = without_tools.say("My name is Ada");
  EXPECT_TRUE(has(said, "no tool that can change")) << said;
  EXPECT_TRUE(has(without_tools.say("what is my name?"), "earlier in this conversation"));

  TinyAgent read_only;
  read_only.is_read_only = true;
  said = read_only.say("My name is Ada");
  EXPECT_TRUE(read_only.calls.empty());
  EXPECT_TRUE(has(said, "no memory block")) << said;

  TinyAgent empty_block;  // nothing to replace in, and nothing else at hand
  empty_block.tools = {"memory_replace"};
  said = empty_block.say("My name is Ada");
  EXPECT_FALSE(has(said, "I have written")) << said;
}

TEST(Demo, KeepsFactsInTheFirstBlockWhenThereIsNoHuman) {
  TinyAgent agent;
  agent.blocks = {{"persona", "I am Sam."}, {"notes", ""}};
  agent.say("I'm Ada");
  EXPECT_EQ(agent.block("notes"), "Name: Ada");
  agent.blocks = {{"persona", "I am Sam."}};
  agent.say("I like tea");
  EXPECT_EQ(agent.block("persona"), "I am Sam.\nLikes: tea");
}

TEST(Demo, TellsAllThatItKnows) {
  TinyAgent agent;
  EXPECT_TRUE(has(agent.say("What do you know about me?"), "Nothing yet"));
  agent.block("human") = "Name: Ada\nLikes: tea\nLikes: jazz\nShe prefers short answers.";
  const std::string said = agent.say("what do you remember about me?");
  EXPECT_TRUE(has(said, "your name is Ada and you like tea and jazz")) << said;
  EXPECT_TRUE(has(said, "She prefers short answers.")) << said;
}

TEST(Demo, AnswersQuestionsAboutThePerson) {
  TinyAgent agent;
  agent.block("human") =
    "Name: Ada\nLives in: Oslo\nFavourite colour: blue\nWorks at: the mill\nAge: 42\n"
    "Dog's name: Rex\nDislikes: rain\nNote: the launch is on Friday";
  EXPECT_TRUE(has(agent.say("Do you know where I live?"), "You live in Oslo"));
  EXPECT_TRUE(has(agent.say("whats my favorite color?"), "blue"));
  EXPECT_TRUE(has(agent.say("Where do I work?"), "You work at the mill"));
  EXPECT_TRUE(has(agent.say("how old am I"), "You are 42"));
  EXPECT_TRUE(has(agent.say("What's my dog's name?"), "Rex"));
  EXPECT_TRUE(has(agent.say("Do I like rain?"), "No: you don't like rain"));
  EXPECT_TRUE(has(agent.say("When is the launch?"), "Friday"));
  EXPECT_TRUE(has(agent.say("What is my shoe size?"), "I don't know that yet"));
}

TEST(Demo, ForgetsOnRequest) {
  TinyAgent agent;
  agent.block("human") = "Name: Ada\nLikes: tea\nFavourite colour: blue";
  EXPECT_TRUE(has(agent.say("Please forget my favorite colour"), "taken that out"));
  EXPECT_EQ(agent.block("human"), "Name: Ada\nLikes: tea");
  agent.say("forget that I like tea");
  EXPECT_EQ(agent.block("human"), "Name: Ada");
  EXPECT_TRUE(has(agent.say("forget my shoe size"), "nothing about that"));
}

TEST(Demo, SaysWhatItIs) {
  TinyAgent agent;
  for (const char* text :
       {"Who are you?", "are you a real AI?", "what are you", "Which model is this?"})
    EXPECT_TRUE(has(agent.say(text), "no language model")) << text;
  EXPECT_TRUE(has(agent.say("What can you do?"), "/call"));
  EXPECT_TRUE(has(agent.say("help"), "/call"));
  EXPECT_TRUE(has(agent.say("What is 2 + 2?"), "demo model"));
  EXPECT_TRUE(has(agent.say("The sky is grey today"), "The sky is grey today"));
}

TEST(Demo, CallsAnyToolWhenToldTo) {
  TinyAgent agent;
  agent.tools.push_back("roll_dice");
  std::string said = agent.say("/call roll_dice {\"sides\": 6}");
  ASSERT_EQ(agent.calls.size(), 1u);
  EXPECT_EQ(agent.calls[0].arguments, "{\"sides\": 6}");
  EXPECT_EQ(said, "`roll_dice` returned: ran roll_dice with {\"sides\": 6}");
  agent.say("/call roll_dice");
  EXPECT_EQ(agent.calls[0].arguments, "{}");
  agent.say("/call roll_dice {broken");
  EXPECT_EQ(agent.calls[0].arguments, "{broken");
  EXPECT_EQ(agent.say("/call fly {}"), "I was given no tool `fly`.");
  agent.failure = "no dice";
  EXPECT_EQ(agent.say("/call roll_dice"), "`roll_dice` failed: no dice");
}

TEST(Demo, CallsSeveralToolsOneByOneOrAtOnce) {
  const std::string text = "/call roll_dice {\"sides\":6}\n/call roll_dice {\"sides\":8}";
  TinyAgent agent;
  agent.tools.push_back("roll_dice");
  EXPECT_TRUE(has(agent.say(text), "8"));
  EXPECT_EQ(agent.calls.size(), 2u);
  EXPECT_NE(agent.calls[0].id, agent.calls[1].id);

  agent.parallel = true;
  agent.forget_history();
  LlmRequest request = agent.request(agent.render());
  request.messages.push_back(message_of(ChatRole::user, text));
  const Completion answer = demo_completion(request);
  ASSERT_EQ(answer.tool_calls.size(), 2u);
  EXPECT_NE(answer.tool_calls[0].id, answer.tool_calls[1].id);
}

TEST(Demo, SpeaksThroughSendMessageWhereThatIsHowAgentsSpeak) {
  TinyAgent agent;
  agent.tools = {"send_message", "core_memory_append", "core_memory_replace"};
  agent.tool_choice = ToolChoice::required;
  const std::string said = agent.say("my name is Ada");
  ASSERT_EQ(agent.calls.size(), 2u);
  EXPECT_EQ(agent.calls[0].name, "core_memory_append");
  EXPECT_EQ(agent.calls[1].name, "send_message");
  EXPECT_TRUE(has(said, "Nice to meet you, Ada!"));
}

TEST(Demo, ObeysTheToolChoice) {
  TinyAgent agent;
  agent.tool_choice = ToolChoice::none;
  EXPECT_FALSE(has(agent.say("my name is Ada"), "I have written"));
  EXPECT_TRUE(agent.calls.empty());

  agent.tool_choice = ToolChoice::named;
  agent.forced_tool = "conversation_search";
  LlmRequest request = agent.request(agent.render());
  EXPECT_EQ(demo_completion(request).tool_calls[0].name, "conversation_search");

  agent.tool_choice = ToolChoice::required;
  agent.tools = {"memory_insert", "memory_finish_edits"};
  request = agent.request(agent.render());
  request.messages.push_back(message_of(ChatRole::user, "the weather is nice"));
  EXPECT_EQ(demo_completion(request).tool_calls[0].name, "memory_finish_edits");
}

TEST(Demo, GoesOnAfterACrashBetweenTheToolAndTheAnswer) {
  TinyAgent agent;
  LlmRequest request = agent.request(agent.render());
  request.messages.push_back(message_of(ChatRole::user, "my name is Ada"));
  const Completion first = demo_completion(request);
  ASSERT_EQ(first.tool_calls.size(), 1u);
  // The tool ran and was stored; the prompt is rendered anew, and shows the name already.
  agent.block("human") = "Name: Ada";
  request.messages[0].text = agent.render();
  request.messages.push_back(message_of(ChatRole::assistant, ""));
  request.messages.back().tool_calls = first.tool_calls;
  request.messages.push_back(message_of(ChatRole::tool, ""));
  request.messages.back().tool_results = {{first.tool_calls[0].id, "done", false}};
  const Completion second = demo_completion(request);
  EXPECT_TRUE(second.tool_calls.empty());
  EXPECT_TRUE(has(second.text, "Nice to meet you, Ada!")) << second.text;
}

TEST(Demo, ReadsTheServersEnvelopes) {
  TinyAgent agent;
  LlmRequest request = agent.request(agent.render());
  request.messages.push_back(
    message_of(ChatRole::user, R"({"type":"user_message","message":"my name is Ada","time":"x"})"));
  request.messages.push_back(message_of(ChatRole::user, R"({"type":"heartbeat","reason":"y"})"));
  const Completion answer = demo_completion(request);
  ASSERT_EQ(answer.tool_calls.size(), 1u);
  EXPECT_TRUE(has(answer.tool_calls[0].arguments, "Name: Ada"));
}

TEST(Demo, ReadsThePromptThatTheServerRenders) {
  Block human;
  human.label = "human";
  human.value = "Name: Ada\nLikes: tea";
  Block notes;
  notes.label = "notes";
  for (const char* provider_type : {"openai", "anthropic"}) {  // plain and numbered lines
    PromptInput input;
    input.agent_type = "letta_v1_agent";
    input.provider_type = provider_type;
    input.system = "Your memory is in <memory_blocks>.";
    input.blocks = {&human, &notes};
    const auto blocks = demo::memory_blocks_in(compile_system_prompt(input));
    ASSERT_EQ(blocks.size(), 2u) << provider_type;
    EXPECT_EQ(blocks[0].label, "human");
    EXPECT_EQ(blocks[0].value, human.value);
    EXPECT_EQ(blocks[1].label, "notes");
    EXPECT_EQ(blocks[1].value, "");
  }
}

TEST(Demo, ReadsNumberedLines) {
  LlmRequest request;
  request.messages.push_back(message_of(
    ChatRole::system,
    "<memory_blocks>\nintro\n\n<human>\n<description>\n</description>\n<metadata>\n</metadata>\n"
    "<warning>\nno numbers\n</warning>\n<value>\n1\u2192 Name: Ada\n2\u2192 Likes: tea\n</value>\n"
    "</human>\n\n<empty>\n<description>\n\n</description>\n<metadata>\n</metadata>\n<value>\n"
    "</value>\n</empty>\n\n</memory_blocks>"));
  request.messages.push_back(message_of(ChatRole::user, "what is my name?"));
  EXPECT_TRUE(has(demo_completion(request).text, "Your name is Ada."));
}

TEST(Demo, AnswersWithoutAnythingToGoBy) {
  EXPECT_FALSE(demo_completion(LlmRequest()).text.empty());
  TinyAgent agent;
  const std::string flood(10'000, 'x');
  EXPECT_LT(agent.say(flood).size(), 1'000u);
  EXPECT_FALSE(agent.say("\xff\xfe my name is \xff").empty());
}

TEST(Demo, SaysTheSameAgain) {
  TinyAgent agent;
  LlmRequest request = agent.request(agent.render());
  request.messages.push_back(message_of(ChatRole::user, "my name is Ada"));
  const Completion once = demo_completion(request);
  const Completion again = demo_completion(request);
  EXPECT_EQ(once.tool_calls, again.tool_calls);
  EXPECT_GT(once.usage.prompt_tokens, 0);
  EXPECT_EQ(once.usage.total_tokens, once.usage.prompt_tokens + once.usage.completion_tokens);
}

TEST(Demo, ThinksAloudWhenReasoningIsOn) {
  TinyAgent agent;
  agent.say("hi");
  EXPECT_TRUE(agent.thoughts.empty());
  agent.reasons = true;
  agent.say("my name is Ada");
  ASSERT_EQ(agent.thoughts.size(), 2u);
  EXPECT_TRUE(has(agent.thoughts[0], "memory_insert"));
}

// Streams: pieces add up to the whole, and only who asked for them gets them.
struct Streamed {
  std::string text;
  std::string arguments;
  std::size_t pieces = 0;
  std::vector<Completion> completions;
};

Streamed stream(LlmRequest request) {
  Streamed got;
  DemoProvider provider;
  auto call = provider.complete(
    std::move(request),
    [&](LlmDelta delta) {
      ++got.pieces;
      if (const auto* text = std::get_if<TextDelta>(&delta)) got.text += text->text;
      if (const auto* piece = std::get_if<ToolCallDelta>(&delta)) got.arguments += piece->arguments;
    },
    [&](Result<Completion> answer) { got.completions.push_back(*std::move(answer)); });
  call->cancel();  // too late, and harmless
  return got;
}

TEST(Demo, StreamsWordByWord) {
  TinyAgent agent;
  LlmRequest request = agent.request(agent.render());
  request.messages.push_back(message_of(ChatRole::user, "hello"));
  request.stream = true;
  Streamed got = stream(request);
  ASSERT_EQ(got.completions.size(), 1u);
  EXPECT_EQ(got.text, got.completions[0].text);
  EXPECT_GT(got.pieces, 5u);

  request.messages.back().text = "my name is Ada";
  got = stream(request);
  EXPECT_EQ(got.arguments, got.completions[0].tool_calls[0].arguments);

  request.stream = false;
  EXPECT_EQ(stream(request).pieces, 0u);
}

}  // namespace
}  // namespace reverie
