//===- PatternSyntax.cpp - from Oniguruma's syntax to PCRE2's ---*- C++ -*-===//
#include "lib/Training/Tokenizer/PatternSyntax.h"

#include <array>
#include <cctype>

using namespace moe;

namespace {
class Translator {
public:
  Translator(std::string_view pattern, std::string &out) : pattern(pattern), out(out) {}

  Status run() {
    if (take("(?i)")) // elsewhere Oniguruma ends its effect at the next bar, PCRE2 does not
      out += "(?i)";
    while (ok() && at < pattern.size())
      element();
    if (ok() && pattern.find("(?i") != std::string_view::npos)
      checkFolding();
    return problem;
  }

private:
  bool ok() const { return problem.ok(); }
  std::string_view rest() const { return pattern.substr(at); }
  bool take(std::string_view text) {
    if (!rest().starts_with(text))
      return false;
    at += text.size();
    return true;
  }
  void refuse(const std::string &what) {
    if (ok())
      problem = Status::failure(what + " is not supported (byte " + std::to_string(at) + " of the pattern)");
  }
  void copy(size_t bytes) {
    out += rest().substr(0, bytes);
    at += bytes;
  }

  void element() {
    switch (pattern[at]) {
    case '\\':
      return escape();
    case '[':
      return bracket();
    case '(':
      return group();
    case '*':
    case '+':
    case '?':
      copy(1);
      return suffix(/*mayBePossessive=*/true);
    case '{':
      return interval();
    default:
      return copy(1);
    }
  }

  /// Where case does not count, Oniguruma takes one character for several (the sharp s for ss, ligatures), PCRE2 does not.
  void checkFolding() {
    std::string lower;
    for (at = 0; at < pattern.size(); ++at) {
      auto c = static_cast<unsigned char>(pattern[at]);
      if (c >= 0x80)
        return refuse("ignoring the case of a pattern with letters beyond ASCII");
      lower += static_cast<char>(std::tolower(c));
    }
    for (const char *pair : {"ss", "st", "ff", "fi", "fl"})
      if (at = lower.find(pair); at != std::string::npos)
        return refuse(std::string("ignoring the case of '") + pair + "'");
  }

  /// `?` behind a quantifier: as few as possible; `+`: none given back.
  void suffix(bool mayBePossessive) {
    if (rest().starts_with("?") || (mayBePossessive && rest().starts_with("+")))
      copy(1);
    if (at < pattern.size() && std::string_view("*+?{").find(pattern[at]) != std::string_view::npos)
      refuse("a quantifier behind a quantifier");
  }

  /// {n}, {n,}, {n,m}. Oniguruma reads {n}? as a choice and {n,m}+ as a repetition.
  void interval() {
    size_t end = at + 1, commas = 0;
    while (end < pattern.size() && (std::isdigit(static_cast<unsigned char>(pattern[end])) || (pattern[end] == ',' && ++commas == 1)))
      ++end;
    if (end == pattern.size() || pattern[end] != '}' || end == at + 1 || pattern[at + 1] == ',')
      return refuse("'{' without a count");
    copy(end + 1 - at);
    suffix(/*mayBePossessive=*/false);
    if (ok() && !commas && out.back() == '?')
      refuse("'?' behind {n}");
  }

  void group() {
    static constexpr std::array<std::string_view, 7> known = {"(?i:", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"};
    for (std::string_view opening : known)
      if (rest().starts_with(opening))
        return copy(opening.size());
    if (rest().starts_with("(?") || rest().starts_with("(*"))
      return refuse("the group '" + std::string(rest().substr(0, 3)) + "'");
    copy(1);
  }

  void bracket() {
    copy(1);
    if (rest().starts_with("^"))
      copy(1);
    if (rest().starts_with("]"))
      return refuse("an empty class");
    while (ok() && at < pattern.size() && pattern[at] != ']') {
      if (pattern[at] == '\\')
        escape();
      else if (pattern[at] == '[' || rest().starts_with("&&"))
        refuse("a class within a class");
      else
        copy(1);
    }
    if (ok() && at == pattern.size())
      return refuse("a class without an end");
    if (ok())
      copy(1);
  }

  void escape() {
    if (at + 1 == pattern.size())
      return refuse("'\\' at the end");
    char c = pattern[at + 1];
    switch (c) {
    case 's':
    case 'S': // PCRE2's \s has U+180E, which is no blank since Unicode 6.3
      out += c == 's' ? "\\p{White_Space}" : "\\P{White_Space}";
      at += 2;
      return;
    case 'v': // PCRE2's is a class
      out += "\\x0b";
      at += 2;
      return;
    case 'p':
    case 'P':
      return property();
    case 'u':
      return codePoint(at + 2, 4, "");
    case 'x':
      return rest().starts_with("\\x{") ? codePoint(at + 3, rest().find('}') - 3, "}") : refuse("an escape \\x without braces");
    default:
      if (std::isalnum(static_cast<unsigned char>(c)) && std::string_view("dDrntfae").find(c) == std::string_view::npos)
        return refuse(std::string("the escape \\") + c);
      return copy(2);
    }
  }

  void codePoint(size_t begin, size_t digits, std::string_view closing) {
    std::string_view number = pattern.substr(std::min(begin, pattern.size()), digits);
    bool isGood = digits >= 1 && digits <= 6 && number.size() == digits;
    for (char c : number)
      isGood = isGood && std::isxdigit(static_cast<unsigned char>(c));
    if (!isGood)
      return refuse("an escape that is no code point");
    out += "\\x{" + std::string(number) + "}";
    at = begin + digits + closing.size();
  }

  /// A general category of one or two letters means the same; a longer name is a script, of which PCRE2 would take the extensions.
  void property() {
    size_t end = rest().find('}');
    if (end == std::string_view::npos || pattern.size() < at + 5 || pattern[at + 2] != '{')
      return refuse("a property without braces");
    std::string_view name = rest().substr(3, end - 3);
    std::string sign = name.starts_with("^") ? "^" : "";
    name.remove_prefix(sign.size());
    for (char c : name)
      if (!std::isalpha(static_cast<unsigned char>(c)) && c != '_')
        return refuse("the property '" + std::string(name) + "'");
    out += std::string("\\") + pattern[at + 1] + "{" + sign + (name.size() > 2 ? "sc:" : "") + std::string(name) + "}";
    at += end + 1;
  }

  std::string_view pattern;
  std::string &out;
  size_t at = 0;
  Status problem;
};
} // namespace

Status bpe::translatePattern(std::string_view pattern, std::string &translated) {
  translated.clear();
  return Translator(pattern, translated).run();
}
