#include "runtime/web/page_markdown.hpp"

#include "runtime/text.hpp"
#include "runtime/web/html_entities.hpp"
#include "runtime/web/markdown_writer.hpp"
#include "runtime/web/page_survey.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace reverie {

namespace {

// With single blanks.
std::string collapsed(std::string_view text) {
  MarkdownWriter writer(text.size());
  writer.begin_line(false);
  writer.text(text);
  return writer.take();
}

class PageWriter {
 public:
  PageWriter(const HtmlTree& tree, const WebUrl& url, std::size_t bytes_max)
    : tree_(tree), survey_(tree), base_(base_of(tree, url)), writer_(bytes_max) {}

  PageMarkdown write() {
    PageMarkdown out;
    out.title = title();
    write_node(survey_.main_part());
    out.is_cut = writer_.is_full() || tree_.is_cut();
    out.text = writer_.take();
    return out;
  }

 private:
  static WebUrl base_of(const HtmlTree& tree, const WebUrl& url) {
    for (std::uint32_t i = 1; i < tree.nodes().size(); ++i) {
      if (tree.nodes()[i].tag != HtmlTag::base) continue;
      const auto href = tree.attribute(i, "href");
      if (!href) continue;
      auto base = resolve_web_url(url, decoded_entities(*href));
      return base ? *std::move(base) : url;
    }
    return url;
  }

  const HtmlNode& node_at(std::uint32_t node) const { return tree_.nodes()[node]; }

  std::string decoded_attribute(std::uint32_t node, std::string_view name) const {
    return decoded_entities(tree_.attribute(node, name).value_or(""));
  }

  template <class Visit>
  void for_each_child(std::uint32_t node, Visit visit) const {
    for (std::uint32_t child = node_at(node).first_child; child != HtmlNode::none;
         child = node_at(child).next)
      visit(child);
  }

  // Of the head: a picture may have one of its own.
  std::string title() const {
    constexpr std::int64_t title_chars_max = 300;
    for (std::uint32_t i = 1; i < tree_.nodes().size(); ++i) {
      const HtmlTag parent = node_at(node_at(i).parent).tag;
      const bool is_of_page =
        node_at(i).parent == 0 || parent == HtmlTag::head || parent == HtmlTag::body;
      if (node_at(i).tag != HtmlTag::title || !is_of_page) continue;
      const std::string text = collapsed(decoded_entities(node_at(node_at(i).first_child).text));
      if (!text.empty()) return std::string(first_characters(text, title_chars_max));
    }
    return {};
  }

  void write_children(std::uint32_t node) {
    for (std::uint32_t child = node_at(node).first_child;
         child != HtmlNode::none && !writer_.is_full(); child = node_at(child).next)
      write_node(child);
  }

  void write_node(std::uint32_t node) {
    if (!survey_.is_read(node)) return;
    const HtmlNode& it = node_at(node);
    if (it.is_text) return write_text(it);
    if (heading_level(it.tag) > 0) return write_heading(node);
    switch (it.tag) {
      case HtmlTag::br: return writer_.break_line();
      case HtmlTag::hr: return write_rule();
      case HtmlTag::img: return write_image(node);
      case HtmlTag::a: return write_link(node);
      case HtmlTag::q: return write_quotation(node);
      case HtmlTag::code:
      case HtmlTag::kbd:
      case HtmlTag::samp:
      case HtmlTag::tt: return write_code(node);
      case HtmlTag::pre:
      case HtmlTag::xmp:
      case HtmlTag::plaintext: return write_code_block(node);
      case HtmlTag::ul:
      case HtmlTag::ol:
      case HtmlTag::menu:
      case HtmlTag::dir: return write_list(node);
      case HtmlTag::li: return write_item(node, "- ");
      case HtmlTag::dd: return write_item(node, ": ");
      case HtmlTag::blockquote: return write_block_quote(node);
      case HtmlTag::table: return write_table(node);
      case HtmlTag::div:
      case HtmlTag::dt:
      case HtmlTag::address:
      case HtmlTag::summary:
      case HtmlTag::legend:
      case HtmlTag::caption:
      case HtmlTag::figcaption:
      case HtmlTag::tr: return write_line(node);
      default: return is_block(it.tag) ? write_paragraph(node) : write_children(node);
    }
  }

  void write_text(const HtmlNode& node) {
    if (!node.has_references || node.text.find('&') == std::string_view::npos)
      return writer_.text(node.text);
    writer_.text(decoded_entities(node.text));
  }

  void write_line(std::uint32_t node) {
    writer_.new_line();
    write_children(node);
    writer_.new_line();
  }

  void write_paragraph(std::uint32_t node) {
    writer_.new_paragraph();
    write_children(node);
    writer_.new_paragraph();
  }

  void write_rule() {
    writer_.new_paragraph();
    if (!writer_.is_empty() && lines_open_ == 0) writer_.verbatim("---");
    writer_.new_paragraph();
  }

  // All that is written between these stays on one line.
  void begin_line(bool is_cell) {
    ++lines_open_;
    writer_.begin_line(is_cell);
  }
  void end_line() {
    --lines_open_;
    writer_.end_line();
  }

  void write_heading(std::uint32_t node) {
    if (survey_.text_bytes(node) == 0) return;
    if (lines_open_ > 0) return write_line(node);
    const auto level = static_cast<std::size_t>(heading_level(node_at(node).tag));
    writer_.new_paragraph();
    writer_.opening(std::string(level, '#') + " ");
    begin_line(false);
    write_children(node);
    end_line();
    writer_.new_paragraph();
  }

  void write_image(std::uint32_t node) {
    const std::string alt = collapsed(decoded_attribute(node, "alt"));
    if (alt.empty()) return;
    const std::string source = decoded_attribute(node, "src");
    const std::string target = link_target(base_, source);
    writer_.opening("![");
    writer_.text(alt);
    writer_.closing(target.starts_with("http") ? "](" + in_parentheses(target) + ")" : "]");
  }

  static std::string in_parentheses(const std::string& target) {
    return target.find_first_of("()") == std::string::npos ? target : "<" + target + ">";
  }

  void write_link(std::uint32_t node) {
    const std::string target =
      survey_.text_bytes(node) == 0 ? "" : link_target(base_, decoded_attribute(node, "href"));
    if (target.empty()) return write_children(node);
    if (survey_.has_blocks(node) && lines_open_ == 0) {
      write_children(node);
      writer_.new_line();
      writer_.verbatim("<" + target + ">");
      return writer_.new_line();
    }
    writer_.opening("[");
    begin_line(false);
    write_children(node);
    end_line();
    writer_.closing("](" + in_parentheses(target) + ")");
  }

  void write_quotation(std::uint32_t node) {
    writer_.opening("\"");
    write_children(node);
    writer_.closing("\"");
  }

  // What is in it without any marks, and with its line ends.
  void append_plain(std::string& out, std::uint32_t node) const {
    if (!survey_.is_read(node)) return;
    const HtmlNode& it = node_at(node);
    if (it.tag == HtmlTag::br || it.tag == HtmlTag::tr) out += '\n';
    if (!it.is_text)
      return for_each_child(node, [&](std::uint32_t child) { append_plain(out, child); });
    if (it.has_references)
      append_decoded(out, it.text);
    else
      out += it.text;
  }

  std::string plain_text(std::uint32_t node) const {
    std::string out;
    append_plain(out, node);
    std::erase(out, '\r');
    return out;
  }

  void write_code(std::uint32_t node) {
    const std::string text = collapsed(plain_text(node));
    if (text.empty()) return;
    const std::string mark = text.find('`') == std::string::npos ? "`" : "``";
    writer_.opening(mark);
    begin_line(false);
    writer_.text(text);
    end_line();
    writer_.closing(mark);
  }

  void write_code_block(std::uint32_t node) {
    if (lines_open_ > 0) return write_children(node);
    const std::string text = plain_text(node);
    std::string_view shown = text;
    while (shown.starts_with('\n')) shown.remove_prefix(1);
    while (!shown.empty() && is_blank(shown.substr(shown.size() - 1))) shown.remove_suffix(1);
    if (!shown.empty()) writer_.code_block(language_of(node), shown);
  }

  // "python" of class="language-python", which stands at the block or at the code in it.
  std::string_view language_of(std::uint32_t node) const {
    constexpr std::array prefixes = {"language-", "lang-", "highlight-source-"};
    for (std::uint32_t each : {node, node_at(node).first_child}) {
      const std::string_view classes = tree_.attribute(each, "class").value_or("");
      for (const std::string_view prefix : prefixes) {
        const auto found = classes.find(prefix);
        if (found == std::string_view::npos) continue;
        const std::string_view rest = classes.substr(found + prefix.size());
        constexpr std::size_t language_bytes_max = 20;
        const auto end =
          std::min(rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+#-"), rest.size());
        if (end <= language_bytes_max) return rest.substr(0, end);
      }
    }
    return {};
  }

  void write_list(std::uint32_t node) {
    const bool is_in_item = items_open_ > 0;
    separate_list(is_in_item);
    const bool is_ordered = node_at(node).tag == HtmlTag::ol;
    std::int64_t number = first_number(node);
    for_each_child(node, [&](std::uint32_t child) {
      if (node_at(child).tag != HtmlTag::li || !is_ordered) return write_node(child);
      write_item(child, std::to_string(number++) + ". ");
    });
    separate_list(is_in_item);
  }

  void separate_list(bool is_in_item) {
    if (is_in_item)
      writer_.new_line();
    else
      writer_.new_paragraph();
  }

  std::int64_t first_number(std::uint32_t list) const {
    constexpr std::int32_t number_max = 1'000'000'000;
    const std::string_view text = tree_.attribute(list, "start").value_or("1");
    std::int32_t number = 1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return std::clamp(number, -number_max, number_max);
  }

  void write_item(std::uint32_t node, const std::string& marker) {
    if (!survey_.is_read(node) || survey_.text_bytes(node) == 0) return;
    if (lines_open_ > 0) return write_line(node);
    writer_.new_line();
    writer_.indent(marker, std::string(marker.size(), ' '));
    ++items_open_;
    write_children(node);
    --items_open_;
    writer_.outdent();
    writer_.new_line();
  }

  void write_block_quote(std::uint32_t node) {
    if (lines_open_ > 0) return write_line(node);
    writer_.new_paragraph();
    writer_.indent("> ", "> ");
    write_children(node);
    writer_.outdent();
    writer_.new_paragraph();
  }

  using Row = std::vector<std::uint32_t>;

  static bool is_cell(HtmlTag tag) { return tag == HtmlTag::td || tag == HtmlTag::th; }

  std::vector<Row> rows_of(std::uint32_t table) const {
    std::vector<Row> rows;
    const auto add_row = [&](std::uint32_t row) {
      if (!survey_.is_read(row)) return;
      Row cells;
      for_each_child(row, [&](std::uint32_t cell) {
        if (is_cell(node_at(cell).tag) && survey_.is_read(cell)) cells.push_back(cell);
      });
      if (!cells.empty()) rows.push_back(std::move(cells));
    };
    for_each_child(table, [&](std::uint32_t child) {
      if (node_at(child).tag == HtmlTag::tr) return add_row(child);
      if (survey_.is_read(child))
        for_each_child(child, [&](std::uint32_t row) {
          if (node_at(row).tag == HtmlTag::tr) add_row(row);
        });
    });
    return rows;
  }

  // Not one that lays out a page.
  bool is_of_data(std::uint32_t table, const std::vector<Row>& rows) const {
    const std::string_view role = tree_.attribute(table, "role").value_or("");
    return role != "presentation" && role != "none" && !survey_.has_sections(table)
           && std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.size() > 1; });
  }

  void write_table(std::uint32_t node) {
    if (survey_.text_bytes(node) == 0) return;
    const std::vector<Row> rows = rows_of(node);
    if (lines_open_ > 0 || !is_of_data(node, rows)) return write_layout(node);
    writer_.new_paragraph();
    for_each_child(node, [&](std::uint32_t child) {
      if (node_at(child).tag == HtmlTag::caption) write_node(child);
    });
    writer_.new_paragraph();
    for (std::size_t i = 0; i < rows.size() && !writer_.is_full(); ++i) {
      write_row(rows[i]);
      if (i > 0) continue;
      std::string line = "|";
      for (std::size_t cell = 0; cell < rows[i].size(); ++cell) line += " --- |";
      writer_.verbatim(line);
      writer_.new_line();
    }
    writer_.new_paragraph();
  }

  void write_row(const Row& cells) {
    writer_.verbatim("|");
    begin_line(true);
    for (const std::uint32_t cell : cells) {
      writer_.blank();
      write_children(cell);
      writer_.blank();
      writer_.verbatim("|");
    }
    end_line();
    writer_.new_line();
  }

  void write_layout(std::uint32_t node) {
    writer_.new_paragraph();
    for_each_child(node, [&](std::uint32_t child) { write_layout_part(child); });
    writer_.new_paragraph();
  }

  void write_layout_part(std::uint32_t node) {
    const HtmlTag tag = node_at(node).tag;
    if (writer_.is_full() || !survey_.is_read(node)) return;
    if (tag == HtmlTag::tr) {
      writer_.new_line();
      for_each_child(node, [&](std::uint32_t cell) {
        writer_.blank();
        if (survey_.has_blocks(cell))
          write_paragraph(cell);
        else
          write_node(cell);
      });
      writer_.new_line();
    } else if (tag == HtmlTag::tbody || tag == HtmlTag::thead || tag == HtmlTag::tfoot) {
      for_each_child(node, [&](std::uint32_t child) { write_layout_part(child); });
    } else {
      write_node(node);
    }
  }

  const HtmlTree& tree_;
  const PageSurvey survey_;
  const WebUrl base_;
  MarkdownWriter writer_;
  int lines_open_ = 0;
  int items_open_ = 0;
};

}  // namespace

PageMarkdown page_markdown(const HtmlTree& tree, const WebUrl& url, std::size_t bytes_max) {
  return PageWriter(tree, url, bytes_max).write();
}

}  // namespace reverie
