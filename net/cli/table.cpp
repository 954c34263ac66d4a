#include "net/cli/table.hpp"

#include <algorithm>
#include <cstddef>

namespace reverie {
namespace {

constexpr std::size_t gap = 2;

std::string line_of(const Row& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  std::size_t missing = 0;  // columns that the next cell is still away
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line.append(missing, ' ');
    line += cells[i];
    missing = widths[i] - columns_of(cells[i]) + gap;
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace

std::string table(const Row& head, const std::vector<Row>& rows, const Style& style) {
  std::vector<Row> clean(rows.size());
  std::vector<std::size_t> widths;
  for (const std::string& title : head) widths.push_back(columns_of(title));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    widths.resize(std::max(widths.size(), rows[i].size()));
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      clean[i].push_back(one_line(rows[i][j]));
      widths[j] = std::max(widths[j], columns_of(clean[i][j]));
    }
  }
  std::string out = style.bold(line_of(head, widths)) + "\n";
  for (const Row& row : clean) out += line_of(row, widths) + "\n";
  return out;
}

}  // namespace reverie
