#include "net/cli/command_line.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  try {
    return reverie::run_command_line(argc, argv, reverie::Environment::of_process());
  } catch (const std::exception& exception) {  // a library's, of a kind that nobody expects
    std::cerr << "reverie: " << exception.what() << '\n';
    return 1;
  }
}
