//===- DataFormats.cpp - how `data = ...` may be written --------*- C++ -*-===//
#include "lib/Support/DataFormats.h"
#include "lib/Support/Names.h"

#include <algorithm>

using namespace moe;

const std::vector<DataFormatSyntax> &moe::dataFormats() {
  using enum DataArgument::Kind;
  static const std::vector<DataFormatSyntax> formats = {
      {"text", {{"tokens", choice, {"words", "bytes", "bpe"}}, {"min_count", count, {}, 0}, {"tokenizer", DataArgument::Kind::text}}},
      {"shards", {{"vocabulary", count, {}, 1, true}, {"dtype", choice, {"u16", "u32"}}}}};
  return formats;
}

template <typename Named>
static std::vector<std::string> namesOf(const std::vector<Named> &all) {
  std::vector<std::string> names;
  for (const Named &each : all)
    names.push_back(each.name);
  return names;
}

/// "a", "a and b", "a, b and c"
static std::string list(const std::vector<std::string> &names, const std::string &last) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " " + last + " " : ", ") + names[i];
  return text;
}

template <typename Named>
static const Named *find(const std::vector<Named> &all, const std::string &name) {
  auto it = std::find_if(all.begin(), all.end(), [&](const Named &each) { return each.name == name; });
  return it == all.end() ? nullptr : &*it;
}

static std::string didYouMean(const std::string &name, const std::vector<std::string> &known) {
  std::string near = nearestName(name, known);
  return near.empty() ? "" : "did you mean '" + near + "'?";
}

/// What was expected instead of the value; empty where it is right.
static std::string expectedBy(const DataArgument &argument, const WrittenArgument &written) {
  const auto *text = std::get_if<std::string>(&written.value);
  const auto *number = std::get_if<int64_t>(&written.value);
  switch (argument.kind) {
  case DataArgument::Kind::choice: {
    bool isOne = text && std::find(argument.choices.begin(), argument.choices.end(), *text) != argument.choices.end();
    return isOne ? "" : list(argument.choices, "or");
  }
  case DataArgument::Kind::count: {
    constexpr int64_t most = 1 << 28; // ids are 32-bit numbers, and an embedding has a row for each
    bool fits = number && *number >= argument.least && *number <= most;
    return fits ? "" : "a whole number from " + std::to_string(argument.least) + " to " + std::to_string(most);
  }
  case DataArgument::Kind::text:
    return text ? "" : "a text in quotes";
  }
  return "";
}

std::optional<DataFormatProblem> moe::checkDataFormat(const std::string &format, const std::vector<WrittenArgument> &arguments) {
  using Where = DataFormatProblem::Where;
  const DataFormatSyntax *syntax = find(dataFormats(), format);
  if (!syntax) {
    std::vector<std::string> known = namesOf(dataFormats());
    return DataFormatProblem{Where::format, 0, "there is no data format '" + format + "'; there are " + list(known, "and"), didYouMean(format, known)};
  }
  std::vector<std::string> known = namesOf(syntax->arguments);
  for (size_t i = 0; i < arguments.size(); ++i) {
    const WrittenArgument &written = arguments[i];
    if (written.name.empty())
      return DataFormatProblem{Where::value, i, "the arguments of " + format + "(...) have names: " + list(known, "and"), ""};
    const DataArgument *argument = find(syntax->arguments, written.name);
    if (!argument)
      return DataFormatProblem{Where::name, i, format + "(...) has no argument '" + written.name + "'; it takes " + list(known, "and"),
                               didYouMean(written.name, known)};
    for (size_t earlier = 0; earlier < i; ++earlier)
      if (arguments[earlier].name == written.name)
        return DataFormatProblem{Where::name, i, "'" + written.name + "' is given twice", ""};
    if (std::string expected = expectedBy(*argument, written); !expected.empty())
      return DataFormatProblem{Where::value, i, written.name + " is " + written.spelling + ", expected " + expected,
                               didYouMean(written.spelling, argument->choices)};
  }
  for (const DataArgument &argument : syntax->arguments)
    if (argument.isRequired && !find(arguments, argument.name))
      return DataFormatProblem{Where::call, 0, format + "(...) needs " + argument.name + "=...", ""};
  return std::nullopt;
}
