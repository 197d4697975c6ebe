//===- Places.cpp - From ANTLR's positions to ours ------------------------===//
#include "lib/Frontend/Parse/Places.h"

using namespace moe;
using namespace moe::parsing;

Places::Places(const SourceFile &source) : file(source) {
  std::string_view text = source.getText();
  for (size_t i = 0; i != text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80)
      byteOffsets.push_back(static_cast<uint32_t>(i));
  byteOffsets.push_back(static_cast<uint32_t>(text.size()));
}

uint32_t Places::byteOf(size_t codePoint) const {
  return codePoint < byteOffsets.size() ? byteOffsets[codePoint]
                                        : byteOffsets.back();
}

SourceRange Places::of(const antlr4::Token &token) const {
  if (token.getType() == antlr4::Token::EOF) {
    SourceLoc end = file.getLoc(file.getText().size());
    return {&file, end, end};
  }
  size_t first = token.getStartIndex(), past = token.getStopIndex() + 1;
  auto line = static_cast<uint32_t>(token.getLine());
  auto column = static_cast<uint32_t>(token.getCharPositionInLine() + 1);
  auto width = static_cast<uint32_t>(past - first);
  return {&file,
          {byteOf(first), line, column},
          {byteOf(past), line, column + width}};
}

SourceRange Places::behind(const antlr4::Token &token) const {
  SourceLoc end = of(token).end;
  return {&file, end, end};
}

SourceRange Places::of(const antlr4::ParserRuleContext &context) const {
  const antlr4::Token *start = context.start, *stop = context.stop;
  if (!start)
    return {};
  SourceRange range = of(*start);
  if (stop && stop->getTokenIndex() > start->getTokenIndex())
    range.end = of(*stop).end;
  return range;
}
