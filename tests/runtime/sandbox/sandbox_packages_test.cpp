#include "runtime/sandbox/package_build.hpp"
#include "tests/runtime/sandbox/sandbox_fixture.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace reverie::testing {
namespace {

// A wheel is a ZIP file, which Python makes without any package. So are the wheels of these tests,
// and there is no index.
class SandboxPackages : public SandboxFixture {
 protected:
  void SetUp() override {
    settings.package_index.clear();
    settings.package_wheels = wheels.path();
    SandboxFixture::SetUp();
  }

  void make_wheel(const std::string& name, const std::string& version, const std::string& source) {
    const std::string script = wheels.path() + "/make.py";
    std::ofstream(script) << R"(
import sys, zipfile
folder, name, version, source = sys.argv[1:]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    wheel.writestr(f"{name}/__init__.py", source)
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{info}/RECORD", f"{name}/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n")
)";
    ChildStart start;
    start.arguments = {"/usr/bin/python3", script, wheels.path(), name, version, source};
    start.environment = {"PATH=/usr/bin:/bin"};
    auto process = ChildProcess::start(start);
    ASSERT_TRUE(process);
    ASSERT_EQ(process->wait(std::chrono::seconds(60)), 0);
    std::filesystem::remove(script);
  }

  SandboxCall with(std::vector<SandboxPackage> packages, std::string source) {
    SandboxCall call = call_of(std::move(source));
    call.packages = std::move(packages);
    return call;
  }
  std::size_t sets() const {
    const std::filesystem::directory_iterator all(directory.path() + "/sets");
    return static_cast<std::size_t>(std::distance(all, {}));
  }

  TempDir wheels;
};
INSTANTIATE_TEST_SUITE_P(Levels, SandboxPackages, each_level(), level_name);

TEST_P(SandboxPackages, AreInstalledOnceAndAreThereForTheirToolsAlone) {
  make_wheel("greeting", "1.0", "word = 'hello'");
  make_wheel("greeting", "2.0", "word = 'hi'");
  std::filesystem::permissions(wheels.path(), std::filesystem::perms(0755));
  const std::string source =
    "import greeting\ndef tool():\n    return [greeting.word, "
    "greeting.__file__.split('/')[-2]]";
  std::vector<std::future<SandboxResult>> answers;
  for (int i = 0; i < 3; ++i) answers.push_back(begin(with({{"greeting", "1.0"}}, source)));
  for (auto& answer : answers) {
    const SandboxResult result = result_of(answer);
    EXPECT_EQ(result.value, R"(["hello", "greeting"])") << result.error << result.standard_error;
  }
  EXPECT_EQ(sets(), 1u);
  EXPECT_EQ(value_of(with({{"greeting", ">=2"}}, source)), R"(["hi", "greeting"])");
  EXPECT_EQ(sets(), 2u);
  EXPECT_EQ(run(source).error, "ModuleNotFoundError: No module named 'greeting'");
  // Another server finds them.
  sandbox.reset();
  start();
  EXPECT_EQ(value_of(with({{"greeting", "1.0"}}, source)), R"(["hello", "greeting"])");
  EXPECT_EQ(sets(), 2u);
}

TEST_P(SandboxPackages, CanNeitherBeChangedNorLeft) {
  make_wheel("greeting", "1.0", "word = 'hello'");
  std::filesystem::permissions(wheels.path(), std::filesystem::perms(0755));
  EXPECT_EQ(value_of(with({{"greeting", ""}}, R"(
import os, greeting
def tool():
    folder = os.path.dirname(greeting.__file__)
    done = []
    for path in (folder + "/__init__.py", folder + "/new.py", folder + "/../new.py"):
        try:
            open(path, "a").close()
            done.append(path)
        except OSError:
            pass
    above = [e for e in os.listdir(folder + "/..") if not e.startswith(("greeting", "__py"))]
    try:
        above += [e for e in os.listdir(folder + "/../..") if e in ("size", "requirements.txt", "used")]
    except OSError:
        pass
    try:
        above += [e for e in os.listdir(folder + "/../../..") if len(e) == 64]
    except OSError:
        pass
    return done + above
)")),
            "[]");
}

TEST_P(SandboxPackages, SayWhyTheyCouldNotBeInstalled) {
  SandboxResult result = run(with({{"no-such-package", "3.1"}}, "def tool():\n    return 1"));
  EXPECT_EQ(result.end, SandboxEnd::refused);
  EXPECT_NE(result.error.find("No matching distribution found for no-such-package==3.1"),
            std::string::npos)
    << result.error;
  result = run(with({{"--index-url=http://evil", ""}}, "def tool():\n    return 1"));
  EXPECT_EQ(result.end, SandboxEnd::refused);
  EXPECT_EQ(result.error, "'--index-url=http://evil' is no name of a Python package");
  EXPECT_EQ(value_of("def tool():\n    return 'well'"), "well");
}

TEST_P(SandboxPackages, AskForHashesWhereTheSettingSaysSo) {
  make_wheel("greeting", "1.0", "word = 'hello'");
  std::filesystem::permissions(wheels.path(), std::filesystem::perms(0755));
  sandbox.reset();
  settings.package_hashes = true;
  start();
  const SandboxResult result = run(with({{"greeting", "1.0"}}, "def tool():\n    return 1"));
  EXPECT_EQ(result.end, SandboxEnd::refused);
  EXPECT_NE(result.error.find("--require-hashes"), std::string::npos) << result.error;
}

TEST_P(SandboxPackages, GoWhenTheDiskIsForOthers) {
  make_wheel("first", "1.0", "text = '" + std::string(100'000, 'a') + "'");
  make_wheel("second", "1.0", "text = '" + std::string(100'000, 'b') + "'");
  std::filesystem::permissions(wheels.path(), std::filesystem::perms(0755));
  sandbox.reset();
  settings.package_bytes_max = 150'000;
  start();
  EXPECT_EQ(value_of(with({{"first", ""}}, "import first\ndef tool():\n    return 1")), "1");
  sandbox.reset();  // so that none is in use
  start();
  EXPECT_EQ(value_of(with({{"second", ""}}, "import second\ndef tool():\n    return 2")), "2");
  EXPECT_EQ(sets(), 1u);
}

TEST_P(SandboxPackages, CanBeGivenUpWhileTheyAreInstalled) {
  SandboxCall call = with({{"no-such-package", ""}}, "def tool():\n    return 1");
  call.id = "waits";
  auto answer = begin(call);
  sandbox->cancel("waits");
  EXPECT_EQ(result_of(answer).end, SandboxEnd::cancelled);
  answer = begin(call);
  sandbox.reset();
  EXPECT_EQ(result_of(answer).end, SandboxEnd::cancelled);
}

TEST(PackageRequirements, TakesNamesAndVersionsAndNothingElse) {
  const auto lines =
    package_requirements({{"b", ""}, {"a[x,y]", "1.2"}, {"c", ">=1, <2"}, {"b", ""}});
  ASSERT_TRUE(lines);
  EXPECT_EQ(*lines, (std::vector<std::string>{"a[x,y]==1.2", "b", "c>=1, <2"}));
  const std::string hash = " --hash=sha256:" + std::string(64, 'a');
  EXPECT_TRUE(package_requirements({{"a", "1.0" + hash + hash}}));
  for (const auto& [name, version] :
       std::vector<std::pair<std::string, std::string>>{{"-r", ""},
                                                        {"a b", ""},
                                                        {"a\nb", ""},
                                                        {"a @ http://x", ""},
                                                        {"./a", ""},
                                                        {"", ""},
                                                        {"a", "1\n-r /etc/passwd"},
                                                        {"a", "--pre"},
                                                        {"a", "1 --hash=md5:x"},
                                                        {"a", "1; x"},
                                                        {"a", "@ http://x"}})
    EXPECT_FALSE(package_requirements({{name, version}})) << name << version;
}

TEST(PackageRequirements, NameASetForWhatItIsMadeOf) {
  SandboxSettings settings;
  const std::string name = package_set_name({"a==1"}, settings);
  EXPECT_EQ(name.size(), 64u);
  EXPECT_EQ(package_set_name({"a==1"}, settings), name);
  EXPECT_NE(package_set_name({"a==2"}, settings), name);
  settings.package_index = "https://other";
  EXPECT_NE(package_set_name({"a==1"}, settings), name);
}

}  // namespace
}  // namespace reverie::testing
