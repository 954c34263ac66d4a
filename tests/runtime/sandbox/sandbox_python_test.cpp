#include "tests/runtime/sandbox/sandbox_fixture.hpp"

namespace reverie::testing {
namespace {

class SandboxPython : public SandboxFixture {};
INSTANTIATE_TEST_SUITE_P(Levels, SandboxPython, each_level(), level_name);

TEST_P(SandboxPython, ReturnsTextsAsTheyAreAndAllElseAsJson) {
  EXPECT_EQ(value_of("def tool():\n    return 'grüß \"dich\"\\n🙂'"), "grüß \"dich\"\n🙂");
  EXPECT_EQ(value_of("def tool():\n    return {'a': [1, 2.5, None, True], 'ü': 'x'}"),
            R"({"a": [1, 2.5, null, true], "ü": "x"})");
  EXPECT_EQ(value_of("def tool():\n    return None"), "null");
  EXPECT_EQ(value_of("class C:\n    def __str__(self): return 'a C'\ndef tool():\n    return C()"),
            "a C");
  // What is no character becomes one that is.
  EXPECT_EQ(value_of("def tool():\n    return 'a\\ud800b'"), "a?b");
}

TEST_P(SandboxPython, MakesArgumentsWhatTheirAnnotationsSay) {
  const std::string source = R"(
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Dict, List, Literal, Optional, Tuple, Union

class Size(Enum):
    small = "s"

@dataclass
class Point:
    x: int
    y: float = 0.5

def tool(i: int, f: float, b: bool, s: str, o: Optional[int], l: List[int], t: Tuple[int, str],
         d: Dict[str, int], c: Literal["red", 1], u: Union[int, str], p: Point, e: Size, when: date,
         n: "int | None" = 7, plain=None):
    return repr((i, f, b, s, o, l, t, d, c, u, p, e, when, n, plain))
)";
  const std::string arguments =
    R"({"i":"42","f":"1.5","b":"false","s":7,"o":null,"l":"[1, \"2\"]","t":[1,2],"d":{"a":"3"},)"
    R"("c":"1","u":"x","p":{"x":"4"},"e":"s","when":"2026-11-28","plain":{"k":[1]}})";
  EXPECT_EQ(value_of(call_of(source, "tool", arguments)),
            "(42, 1.5, False, '7', None, [1, 2], (1, '2'), {'a': 3}, 1, 'x', Point(x=4, y=0.5), "
            "<Size.small: 's'>, datetime.date(2026, 11, 28), 7, {'k': [1]})");
}

TEST_P(SandboxPython, SaysWhichArgumentDoesNotFit) {
  const std::string source = "def tool(count: int):\n    return count";
  SandboxResult result = run(source, "tool", R"({"count":"many"})");
  EXPECT_EQ(result.end, SandboxEnd::raised);
  EXPECT_NE(result.error.find("TypeError: argument 'count': \"many\" is no int"), std::string::npos)
    << result.error;
  result = run(source, "tool", "{}");
  EXPECT_NE(result.error.find("missing 1 required positional argument: 'count'"), std::string::npos)
    << result.error;
  result = run(source, "tool", R"({"count":1,"other":2})");
  EXPECT_NE(result.error.find("unexpected keyword argument 'other'"), std::string::npos)
    << result.error;
}

TEST_P(SandboxPython, RunsAsyncFunctions) {
  EXPECT_EQ(
    value_of("import asyncio\nasync def tool():\n    await asyncio.sleep(0)\n    return 'done'"),
    "done");
}

TEST_P(SandboxPython, GivesTheAgentToWhoAsksForIt) {
  SandboxCall call = call_of(
    "import os\ndef tool(word: str, agent_state, agent_id):\n"
    "    return [word, agent_state.name, agent_state.memory.get_block('human').value, agent_id]",
    "tool", R"({"word":"hi"})");
  call.agent_state = R"({"name":"Ada","memory":{"blocks":[{"label":"human","value":"Bob"}]}})";
  call.environment = {{"LETTA_AGENT_ID", "agent-1"}};
  EXPECT_EQ(value_of(call), R"(["hi", "Ada", "Bob", "agent-1"])");
}

TEST_P(SandboxPython, KeepsWhatIsPrintedApart) {
  const SandboxResult result = run(
    "import os, subprocess, sys\ndef tool():\n    print('out')\n    print('err', file=sys.stderr)\n"
    "    os.write(1, b'raw \\xff\\n')\n    subprocess.run(['echo', 'child'])\n    return 'value'");
  EXPECT_EQ(result.end, SandboxEnd::returned) << result.error;
  EXPECT_EQ(result.value, "value");
  EXPECT_EQ(result.standard_output, "out\nraw \xef\xbf\xbd\nchild\n");
  EXPECT_EQ(result.standard_error, "err\n");
  EXPECT_GE(result.run_ms, 0);
}

// P35
TEST_P(SandboxPython, TellsWhatWasRaisedAndWhere) {
  const SandboxResult result = run(
    "def inner():\n    raise ValueError('no such\\norder')\n\ndef tool():\n    print('before')\n"
    "    inner()");
  EXPECT_EQ(result.end, SandboxEnd::raised);
  EXPECT_EQ(result.error, "ValueError: no such order");
  EXPECT_EQ(result.standard_output, "before\n");
  EXPECT_EQ(result.standard_error,
            "Traceback (most recent call last):\n  File \"<tool>\", line 6, in tool\n    inner()\n"
            "  File \"<tool>\", line 2, in inner\n    raise ValueError('no such\\norder')\n"
            "ValueError: no such\norder\n");
  EXPECT_EQ(result.value, "");
}

TEST_P(SandboxPython, SaysWhatIsWrongWithASource) {
  EXPECT_EQ(run("x = 1").error, "NameError: the source defines no function 'tool'");
  const SandboxResult result = run("def tool(:\n    pass");
  EXPECT_EQ(result.end, SandboxEnd::raised);
  EXPECT_EQ(result.error.find("SyntaxError: "), 0u) << result.error;
  EXPECT_NE(result.standard_error.find("line 1"), std::string::npos) << result.standard_error;
  EXPECT_EQ(run("import no_such_module\ndef tool(): pass").error,
            "ModuleNotFoundError: No module named 'no_such_module'");
  EXPECT_EQ(run("import sys\ndef tool():\n    sys.exit(3)").error, "SystemExit: 3");
}

TEST_P(SandboxPython, RunsProgramsAsNotebooksDo) {
  SandboxResult result = run("x = 20\nprint('hello')\nx + 1", "");
  EXPECT_EQ(result.end, SandboxEnd::returned);
  EXPECT_EQ(result.value, "21");
  EXPECT_EQ(result.standard_output, "hello\n");
  EXPECT_EQ(run("if __name__ == '__main__':\n    print('main')", "").standard_output, "main\n");
  EXPECT_EQ(run("import sys\nsys.exit(0)", "").end, SandboxEnd::returned);
  result = run("import os\nos._exit(3)", "");
  EXPECT_EQ(result.end, SandboxEnd::raised);
  EXPECT_EQ(result.error, "it left with the status 3");
}

TEST_P(SandboxPython, HasALivingStandardLibraryAndAFolderToWriteTo) {
  EXPECT_EQ(value_of(R"(
import json, multiprocessing, os, sqlite3, subprocess, tempfile, threading, uuid

def square(x):
    return x * x

def tool():
    with tempfile.TemporaryDirectory() as folder:
        with sqlite3.connect(folder + "/x.db") as db:
            count = db.execute("select 1 + 1").fetchone()[0]
    with multiprocessing.Pool(2) as pool:
        squares = pool.map(square, [1, 2, 3])
    thread = threading.Thread(target=lambda: squares.append(16))
    thread.start()
    thread.join()
    with open("note.txt", "w") as file:
        file.write("here")
    said = subprocess.run(["cat", "note.txt"], capture_output=True, text=True).stdout
    return [count, squares, said]
)"),
            R"([2, [1, 4, 9, 16], "here"])");
}

TEST_P(SandboxPython, MasksSecretsInAllThatComesBack) {
  SandboxCall call = call_of(
    "import os, sys\ndef tool():\n    key = os.environ['KEY']\n    print('key', key)\n"
    "    print(key, file=sys.stderr)\n    raise ValueError('with ' + key)");
  call.environment = {{"KEY", "s3cr\"et"}, {"SHORT", "abc"}};
  call.secrets = {"s3cr\"et", "abc"};
  const SandboxResult result = run(call);
  EXPECT_EQ(result.error, "ValueError: with [secret]");
  EXPECT_EQ(result.standard_output, "key [secret]\n");
  EXPECT_EQ(result.standard_error.find("s3cr"), std::string::npos);
  call.source =
    "import os\ndef tool():\n    return {'k': os.environ['KEY'], 's': os.environ['SHORT']}";
  EXPECT_EQ(value_of(call), R"({"k": "[secret]", "s": "abc"})");
}

TEST_P(SandboxPython, SaysWhichVariableCannotBe) {
  SandboxCall call = call_of("def tool():\n    return 1");
  call.environment = {{"A", std::string("a\0b", 3)}};
  const SandboxResult result = run(call);
  EXPECT_EQ(result.end, SandboxEnd::raised);
  EXPECT_EQ(result.error, "ValueError: a variable of the environment: embedded null byte");
}

TEST_P(SandboxPython, RunsManyCallsAtOnceAndTellsThemApart) {
  std::vector<std::future<SandboxResult>> answers;
  for (int i = 0; i < 40; ++i)
    answers.push_back(begin(call_of("def tool(i: int):\n    print(i)\n    return i * i", "tool",
                                    "{\"i\":" + std::to_string(i) + "}")));
  for (int i = 0; i < 40; ++i) {
    const SandboxResult result = result_of(answers[static_cast<std::size_t>(i)]);
    EXPECT_EQ(result.value, std::to_string(i * i)) << result.error;
    EXPECT_EQ(result.standard_output, std::to_string(i) + "\n");
  }
}

class SandboxNode : public SandboxFixture {
 protected:
  void SetUp() override {
    SandboxFixture::SetUp();
    if (find_sandbox_program("node").empty()) GTEST_SKIP() << "there is no node";
  }
  SandboxCall javascript(std::string source, std::string function, std::string arguments = "{}") {
    SandboxCall call = call_of(std::move(source), std::move(function), std::move(arguments));
    call.language = SandboxLanguage::javascript;
    return call;
  }
};
INSTANTIATE_TEST_SUITE_P(Levels, SandboxNode, each_level(), level_name);

TEST_P(SandboxNode, CallsFunctionsByTheNamesOfTheirParameters) {
  EXPECT_EQ(value_of(javascript("export async function tool(b, a = 5) { return {a, b}; }", "tool",
                                R"({"b":"ü"})")),
            R"({"a":5,"b":"ü"})");
  EXPECT_EQ(value_of(javascript("const tool = ({a, b}) => a + b", "tool", R"({"a":1,"b":2})")),
            "3");
  EXPECT_EQ(
    value_of(javascript("function tool(input) { return input.a; }", "tool", R"({"a":"x"})")), "x");
  EXPECT_EQ(value_of(javascript("module.exports = { tool: (x) => require('path').basename(x) }",
                                "tool", R"({"x":"a/b"})")),
            "b");
}

TEST_P(SandboxNode, TellsErrorsOutputsAndPrograms) {
  SandboxResult result =
    run(javascript("function tool() { console.log('out'); throw new RangeError('no'); }", "tool"));
  EXPECT_EQ(result.end, SandboxEnd::raised);
  EXPECT_EQ(result.error, "RangeError: no");
  EXPECT_EQ(result.standard_output, "out\n");
  EXPECT_NE(result.standard_error.find("at tool"), std::string::npos) << result.standard_error;
  result = run(javascript("console.log([1, 2].map((x) => x * 2))", ""));
  EXPECT_EQ(result.end, SandboxEnd::returned) << result.error;
  EXPECT_EQ(result.standard_output, "[ 2, 4 ]\n");
  EXPECT_EQ(run(javascript("let x = 1", "tool")).error,
            "ReferenceError: the source defines no function 'tool'");
  EXPECT_EQ(run(javascript("process.exit(4)", "")).error, "it left with the status 4");
}

TEST_P(SandboxNode, RunsTypesOrSaysWhatItNeeds) {
  SandboxCall call =
    javascript("interface X { a: number }\nexport function tool(a: number): X { return { a }; }",
               "tool", R"({"a":3})");
  call.language = SandboxLanguage::typescript;
  const SandboxResult result = run(call);
  if (result.end == SandboxEnd::refused)
    EXPECT_EQ(result.error.find("TypeScript needs Node.js 22.6 or newer"), 0u) << result.error;
  else
    EXPECT_EQ(result.value, R"({"a":3})") << result.error;
}

}  // namespace
}  // namespace reverie::testing
