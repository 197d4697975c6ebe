//===- NamePattern.cpp - names with holes -----------------------*- C++ -*-===//
#include "lib/Training/Weights/MapRules.h"

#include <algorithm>

using namespace moe;

bool NamePattern::hasHole(std::string_view name) const {
  return std::any_of(pieces.begin(), pieces.end(), [&](const Piece &piece) { return piece.kind != Piece::Kind::text && piece.text == name; });
}

bool NamePattern::matchFrom(size_t at, std::string_view rest, Captures &captures) const {
  if (at == pieces.size())
    return rest.empty();
  const Piece &piece = pieces[at];
  if (piece.kind == Piece::Kind::text)
    return rest.starts_with(piece.text) && matchFrom(at + 1, rest.substr(piece.text.size()), captures);
  if (piece.kind == Piece::Kind::number) { // all of its digits
    std::string digits(rest.substr(0, std::min(rest.find_first_not_of("0123456789"), rest.size())));
    auto [known, isNew] = captures.insert({piece.text, digits});
    return !digits.empty() && (isNew || known->second == digits) && matchFrom(at + 1, rest.substr(digits.size()), captures);
  }
  for (size_t length = 0; length <= rest.size(); ++length) {
    Captures tried = captures;
    tried[piece.text] = rest.substr(0, length);
    if (matchFrom(at + 1, rest.substr(length), tried)) {
      captures = std::move(tried);
      return true;
    }
  }
  return false;
}

std::optional<Captures> NamePattern::match(std::string_view name) const {
  Captures captures;
  return matchFrom(0, name, captures) ? std::optional(captures) : std::nullopt;
}

std::string NamePattern::fill(const Captures &captures) const {
  std::string name;
  for (const Piece &piece : pieces)
    name += piece.kind == Piece::Kind::text ? piece.text : captures.at(piece.text);
  return name;
}
