// Rows in columns that line up.

#pragma once

#include "net/cli/terminal.hpp"

#include <string>
#include <vector>

namespace reverie {

using Row = std::vector<std::string>;

// Columns are as wide as their widest cell and two spaces apart; the head is bold. Cells are
// shown on one line each. Rows may be shorter than the head. Ends with a line end.
std::string table(const Row& head, const std::vector<Row>& rows, const Style& style);

}  // namespace reverie
