//===- Pattern.cpp - regular expressions of a tokenizer ---------*- C++ -*-===//
#include "lib/Training/Tokenizer/Pattern.h"
#include "lib/Training/Tokenizer/PatternSyntax.h"
#include "lib/Training/Tokenizer/Utf8.h"

#include <algorithm>
#include <limits>
#include <new>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

using namespace moe;
using namespace moe::bpe;

/// Of a pattern in the file: more is no pattern of a tokenizer.
static constexpr size_t maxPattern = 1 << 16;
static constexpr size_t firstStack = 1 << 15, maxStack = 1 << 23;

static std::string describe(int error) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(error, text, sizeof(text));
  return reinterpret_cast<const char *>(text);
}

static Status compileWith(std::string_view text, uint32_t options, std::shared_ptr<const void> &into) {
  int error;
  PCRE2_SIZE where;
  std::shared_ptr<pcre2_code> code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                                 options | PCRE2_UTF, &error, &where, nullptr),
                                   pcre2_code_free);
  if (!code)
    return Status::failure(describe(error));
  pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE); // where it cannot, matching is slower and finds the same
  into = code;
  return Status::success();
}

Status Pattern::compile(std::string_view text, Pattern &pattern) {
  std::string translated;
  if (text.size() > maxPattern)
    return Status::failure("the pattern has more than " + std::to_string(maxPattern) + " bytes");
  if (Status status = translatePattern(text, translated); !status)
    return status;
  return compileWith(translated, PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, pattern.code); // ^ and $ are those of lines in Oniguruma
}

Status Pattern::compileLiteral(std::string_view text, Pattern &pattern) {
  if (text.empty() || text.size() > maxPattern)
    return Status::failure("the text has " + std::to_string(text.size()) + " bytes, expected 1 to " + std::to_string(maxPattern));
  return compileWith(text, PCRE2_LITERAL, pattern.code);
}

Matcher::Matcher(const Pattern &pattern)
    : code(pattern.code),
      result(pcre2_match_data_create(1, nullptr), [](void *data) { pcre2_match_data_free(static_cast<pcre2_match_data *>(data)); }),
      context(pcre2_match_context_create(nullptr), [](void *data) { pcre2_match_context_free(static_cast<pcre2_match_context *>(data)); }),
      stack(pcre2_jit_stack_create(firstStack, maxStack, nullptr), [](void *data) { pcre2_jit_stack_free(static_cast<pcre2_jit_stack *>(data)); }) {
  if (!result || !context)
    throw std::bad_alloc();
  if (stack) // there is none where PCRE2 has no compiler
    pcre2_jit_stack_assign(static_cast<pcre2_match_context *>(context.get()), nullptr, stack.get());
}

void Matcher::restart(std::string_view where) {
  text = where;
  from = lastEnd = 0;
  any = false;
  // Some steps for each byte that a search may have to pass over, and a million for what it finds.
  constexpr size_t most = std::numeric_limits<uint32_t>::max() / 2;
  auto steps = static_cast<uint32_t>(std::min(most, 1'000'000 + 16 * text.size()));
  pcre2_set_match_limit(static_cast<pcre2_match_context *>(context.get()), steps);
  pcre2_set_heap_limit(static_cast<pcre2_match_context *>(context.get()), 1 << 16); // KiB
}

bool Matcher::next(Span &match) {
  auto *data = static_cast<pcre2_match_data *>(result.get());
  while (problem.ok() && from <= text.size()) {
    // Without NO_UTF_CHECK every call would read the whole text.
    int count = pcre2_match(static_cast<const pcre2_code *>(code.get()), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                            PCRE2_NO_UTF_CHECK, data, static_cast<pcre2_match_context *>(context.get()));
    if (count == PCRE2_ERROR_NOMATCH)
      return false;
    if (count < 0) {
      problem = Status::failure("a pattern of the tokenizer fails at byte " + std::to_string(from) + " of a piece: " + describe(count));
      return false;
    }
    const PCRE2_SIZE *found = pcre2_get_ovector_pointer(data);
    match = {found[0], found[1]};
    bool isEmpty = match.begin >= match.end;
    from = isEmpty ? match.end + std::max<size_t>(1, characterLength(text.substr(match.end))) : match.end;
    if (isEmpty && any && match.end == lastEnd)
      continue;
    any = true;
    lastEnd = match.end;
    return true;
  }
  return false;
}
