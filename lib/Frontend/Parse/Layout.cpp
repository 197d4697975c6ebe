//===- Layout.cpp - What happens between lexer and parser -----------------===//
#include "lib/Frontend/Parse/Layout.h"

#include "MoeParser.h"

#include <bitset>

using namespace moe;
using namespace moe::parsing;
using antlr4::Token;
using grammar::MoeParser;

namespace {

using TokenSet = std::bitset<MoeParser::REDUCER + 1>;

TokenSet setOf(std::initializer_list<size_t> types) {
  TokenSet set;
  for (size_t type : types)
    set.set(type);
  return set;
}

const TokenSet &infix() {
  static const TokenSet set = setOf(
      {MoeParser::PIPE, MoeParser::PLUS, MoeParser::MINUS, MoeParser::STAR,
       MoeParser::SLASH, MoeParser::CARET, MoeParser::AMPERSAND, MoeParser::BAR,
       MoeParser::EQ, MoeParser::NE, MoeParser::LT, MoeParser::LE, MoeParser::GT,
       MoeParser::GE, MoeParser::AND, MoeParser::OR, MoeParser::WHERE,
       MoeParser::THEN, MoeParser::ELSE, MoeParser::ARROW, MoeParser::FAT_ARROW,
       MoeParser::ASSIGN, MoeParser::ADD_ASSIGN, MoeParser::UPDATE,
       MoeParser::COMMA, MoeParser::DOT, MoeParser::TILDE});
  return set;
}

/// The statement goes on after a line that ends in one of these.
const TokenSet &wantsMore() {
  static const TokenSet set =
      infix() | setOf({MoeParser::NOT, MoeParser::IN, MoeParser::QUIET,
                       MoeParser::COLON, MoeParser::LIKE});
  return set;
}

/// What can begin an operand, but for `(`, `[`, `{` and `-`, which continue a
/// call.
const TokenSet &startsOperand() {
  static const TokenSet set =
      setOf({MoeParser::NAME, MoeParser::NUMBER, MoeParser::TRUE,
             MoeParser::FALSE, MoeParser::QUIET, MoeParser::LAYER,
             MoeParser::EXPERT, MoeParser::ROUTER, MoeParser::MOMENTUM,
             MoeParser::MODEL, MoeParser::SCHEDULE, MoeParser::OPTIMIZER,
             MoeParser::STEP, MoeParser::TRAIN, MoeParser::PRESET});
  return set;
}

const TokenSet &beginsItem() {
  static const TokenSet set =
      setOf({MoeParser::LAYER, MoeParser::EXPERT, MoeParser::ROUTER,
             MoeParser::MOMENTUM, MoeParser::OPTIMIZER, MoeParser::SCHEDULE,
             MoeParser::MODEL, MoeParser::FN, MoeParser::TRAIN,
             MoeParser::PRESET});
  return set;
}

size_t closerOf(size_t opener) {
  switch (opener) {
  case MoeParser::LPAREN:
    return MoeParser::RPAREN;
  case MoeParser::LBRACKET:
    return MoeParser::RBRACKET;
  case MoeParser::LBRACE:
    return MoeParser::RBRACE;
  default:
    return 0;
  }
}

bool isCloser(size_t type) {
  return type == MoeParser::RPAREN || type == MoeParser::RBRACKET ||
         type == MoeParser::RBRACE;
}

const char *spell(size_t bracket) {
  switch (bracket) {
  case MoeParser::LPAREN:
    return "'('";
  case MoeParser::RPAREN:
    return "')'";
  case MoeParser::LBRACKET:
    return "'['";
  case MoeParser::RBRACKET:
    return "']'";
  case MoeParser::LBRACE:
    return "'{'";
  default:
    return "'}'";
  }
}

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

//===----------------------------------------------------------------------===//
// 1. Characters of no token
//===----------------------------------------------------------------------===//

TokenList dropUnknown(TokenList raw, const Places &places,
                      DiagnosticSink &sink) {
  TokenList known;
  for (auto &token : raw) {
    SourceRange range = places.of(*token);
    switch (token->getType()) {
    case MoeParser::UNKNOWN: {
      unsigned char c = range.getText().empty() ? 0 : range.getText().front();
      sink.error(range, c < 0x20 || c == 0x7F
                            ? "a control character has no place here"
                            : "unexpected character " + quoted(range.getText()));
      break;
    }
    case MoeParser::OPEN_STRING:
      sink.error(range, "this string is not closed on its line")
          .suggest("end it with '\"'");
      static_cast<antlr4::CommonToken &>(*token).setType(MoeParser::STRING);
      known.push_back(std::move(token));
      break;
    default:
      known.push_back(std::move(token));
    }
  }
  return known;
}

//===----------------------------------------------------------------------===//
// 2. Brackets
//===----------------------------------------------------------------------===//

class Balancer {
public:
  Balancer(Layout &layout, const Places &places, DiagnosticSink &sink)
      : layout(layout), places(places), sink(sink) {}

  void run(TokenList tokens) {
    for (size_t i = 0; i != tokens.size(); ++i) {
      size_t next = i + 1 < tokens.size() ? tokens[i + 1]->getType() : 0;
      if (!stack.empty() && startsItem(*tokens[i], next))
        closeAllBefore(tokens[i].get());
      if (closerOf(tokens[i]->getType()))
        open(std::move(tokens[i]));
      else if (isCloser(tokens[i]->getType()))
        close(std::move(tokens[i]));
      else
        layout.tokens.push_back(std::move(tokens[i]));
      if (layout.tooDeep)
        return;
    }
    closeAllBefore(nullptr);
  }

private:
  struct Opener {
    size_t type;
    SourceRange range;
  };

  /// A definition at the left margin is not inside anything: what is open was
  /// left open.
  static bool startsItem(const Token &token, size_t next) {
    if (token.getCharPositionInLine() != 0 || !beginsItem()[token.getType()])
      return false;
    return token.getType() == MoeParser::TRAIN ? next == MoeParser::LBRACE
                                               : next == MoeParser::NAME;
  }

  void open(std::unique_ptr<Token> token) {
    stack.push_back({token->getType(), places.of(*token)});
    if (stack.size() > maxNesting) {
      sink.error(stack.back().range, "brackets nest more than " +
                                         std::to_string(maxNesting) + " deep");
      layout.tooDeep = true;
    }
    layout.tokens.push_back(std::move(token));
  }

  void close(std::unique_ptr<Token> token) {
    size_t type = token->getType();
    SourceRange range = places.of(*token);
    size_t matching = stack.size();
    while (matching != 0 && closerOf(stack[matching - 1].type) != type)
      --matching;
    if (matching != 0) {
      while (stack.size() != matching)
        supplyCloser(token.get());
      stack.pop_back();
      layout.tokens.push_back(std::move(token));
    } else if (!stack.empty() && stack.back().type != MoeParser::LBRACE) {
      size_t wanted = closerOf(stack.back().type);
      sink.error(range, std::string("expected ") + spell(wanted) +
                            ", found " + spell(type))
          .note(stack.back().range,
                std::string(spell(stack.back().type)) + " opened here");
      stack.pop_back();
      static_cast<antlr4::CommonToken &>(*token).setType(wanted);
      layout.tokens.push_back(std::move(token));
    } else {
      sink.error(range, std::string("unmatched ") + spell(type));
    }
  }

  /// Closes the innermost bracket in front of `at` (null: the end of the file).
  void supplyCloser(const Token *at) {
    Opener opener = stack.back();
    stack.pop_back();
    const Token &last = *layout.tokens.back();
    Diagnostic &error =
        sink.error(opener.range, std::string("unclosed ") + spell(opener.type) +
                                     " opened here");
    if (at)
      error.note(places.of(*at), std::string("expected ") +
                                     spell(closerOf(opener.type)) +
                                     " before this");
    uint32_t until = at ? places.of(*at).end.offset
                        : static_cast<uint32_t>(places.getFile().getText().size());
    layout.repaired.push_back({opener.range.begin.offset, until});

    auto closer = std::make_unique<antlr4::CommonToken>(
        closerOf(opener.type), std::string(1, spell(closerOf(opener.type))[1]));
    closer->setLine(last.getLine());
    closer->setCharPositionInLine(last.getCharPositionInLine());
    closer->setStartIndex(last.getStartIndex());
    closer->setStopIndex(last.getStopIndex());
    layout.tokens.push_back(std::move(closer));
  }

  void closeAllBefore(const Token *at) {
    while (!stack.empty())
      supplyCloser(at);
  }

  Layout &layout;
  const Places &places;
  DiagnosticSink &sink;
  std::vector<Opener> stack;
};

//===----------------------------------------------------------------------===//
// 3. Line ends
//===----------------------------------------------------------------------===//

TokenList keepStatementEnds(TokenList tokens) {
  TokenList kept;
  std::vector<size_t> stack;
  for (size_t i = 0; i != tokens.size(); ++i) {
    size_t type = tokens[i]->getType();
    if (closerOf(type))
      stack.push_back(type);
    else if (isCloser(type) && !stack.empty())
      stack.pop_back();
    if (type == MoeParser::NEWLINE) {
      size_t next = i + 1;
      while (next != tokens.size() &&
             tokens[next]->getType() == MoeParser::NEWLINE)
        ++next;
      bool inBrackets = !stack.empty() && stack.back() != MoeParser::LBRACE;
      bool goesOn = !kept.empty() && wantsMore()[kept.back()->getType()];
      bool continues = next != tokens.size() && infix()[tokens[next]->getType()];
      if (!inBrackets && !goesOn && !continues)
        kept.push_back(std::move(tokens[i]));
      i = next - 1;
      continue;
    }
    kept.push_back(std::move(tokens[i]));
  }
  return kept;
}

//===----------------------------------------------------------------------===//
// 4. Prefix reductions
//===----------------------------------------------------------------------===//

void markReducers(TokenList &tokens) {
  auto type = [&](size_t i) {
    return i < tokens.size() ? tokens[i]->getType() : 0;
  };
  auto isReducer = [&](size_t i) {
    if (type(i) != MoeParser::NAME || type(i + 1) != MoeParser::LPAREN)
      return false;
    if (type(i + 2) == MoeParser::NAME && type(i + 3) == MoeParser::IN)
      return true;
    for (i += 2; type(i) == MoeParser::NAME; i += 2)
      if (type(i + 1) == MoeParser::RPAREN)
        return type(i + 2) < startsOperand().size() &&
               startsOperand()[type(i + 2)];
      else if (type(i + 1) != MoeParser::COMMA)
        return false;
    return false;
  };
  for (size_t i = 0; i != tokens.size(); ++i)
    if (isReducer(i))
      static_cast<antlr4::CommonToken &>(*tokens[i]).setType(MoeParser::REDUCER);
}

} // namespace

bool Layout::isRepaired(uint32_t offset) const {
  for (auto [begin, end] : repaired)
    if (begin <= offset && offset <= end)
      return true;
  return false;
}

Layout parsing::layOut(TokenList raw, const Places &places,
                       DiagnosticSink &sink) {
  Layout layout;
  Balancer(layout, places, sink).run(dropUnknown(std::move(raw), places, sink));
  if (layout.tooDeep)
    return layout;
  layout.tokens = keepStatementEnds(std::move(layout.tokens));
  markReducers(layout.tokens);
  return layout;
}
