// The elements of HTML that make a difference to how a page reads.

#pragma once

#include <cstdint>
#include <string_view>

namespace reverie {

enum class HtmlTag : std::uint8_t {
  other,  // inline, and nothing special about it
  a,
  address,
  area,
  article,
  aside,
  audio,
  base,
  blockquote,
  body,
  br,
  button,
  canvas,
  caption,
  center,
  code,
  col,
  colgroup,
  datalist,
  dd,
  details,
  dialog,
  dir,
  div,
  dl,
  dt,
  embed,
  fieldset,
  figcaption,
  figure,
  footer,
  form,
  h1,
  h2,
  h3,
  h4,
  h5,
  h6,
  head,
  header,
  hgroup,
  hr,
  html,
  iframe,
  img,
  input,
  kbd,
  label,
  legend,
  li,
  link,
  main,
  math,
  menu,
  meta,
  nav,
  noembed,
  noframes,
  noscript,
  object,
  ol,
  optgroup,
  option,
  p,
  param,
  plaintext,
  pre,
  q,
  samp,
  script,
  search,
  section,
  select,
  source,
  style,
  summary,
  svg,
  table,
  tbody,
  td,
  template_,
  textarea,
  tfoot,
  th,
  thead,
  title,
  tr,
  track,
  tt,
  ul,
  video,
  wbr,
  xmp,
};

// `name` in lower case.
HtmlTag html_tag(std::string_view name);

// What is true of an element.
bool is_void(HtmlTag tag);       // has no content and no end
bool is_block(HtmlTag tag);      // begins on a line of its own, and ends a paragraph
bool is_raw_text(HtmlTag tag);   // holds text alone, up to its own end tag
bool is_head_only(HtmlTag tag);  // may stand in the head
bool is_unread(HtmlTag tag);     // nothing in it is text for a reader
int heading_level(HtmlTag tag);  // 1 to 6; 0: no heading

}  // namespace reverie
