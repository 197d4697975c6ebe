//===- Pairing.cpp - which tensor of the file goes where --------*- C++ -*-===//
#include "lib/Training/Weights/Pairing.h"
#include "lib/Support/Names.h"
#include "lib/Training/Weights/Layout.h"

#include <set>
#include <sstream>

using namespace moe;

Status moe::refuseMap(const DiagnosticSink &sink, const std::string &file, std::string &messages) {
  std::ostringstream os;
  render(sink, os);
  messages = os.str();
  return Status::failure(file + ": these weights and this model do not fit each other");
}

std::string moe::listNames(const std::vector<std::string> &names) {
  constexpr size_t most = 3;
  size_t shown = names.size() <= most + 1 ? names.size() : most;
  std::string text;
  for (size_t i = 0; i < shown; ++i)
    text += (i == 0 ? "'" : i + 1 == names.size() ? " and '" : ", '") + names[i] + "'";
  return text + (shown < names.size() ? " and " + std::to_string(names.size() - shown) + " more" : "");
}

std::vector<const Buffer *> moe::findWeights(const BufferStore &store) {
  std::vector<const Buffer *> weights = store.all(BindingKind::param);
  for (const Buffer *state : store.all(BindingKind::state))
    weights.push_back(state);
  return weights;
}

namespace {

class Pairing {
public:
  Pairing(const WeightMap::Rules &rules, const std::string &only, DiagnosticSink &sink) : rules(rules), only(only), sink(sink) {}

  void add(const Buffer &buffer, std::vector<std::string> &fresh) {
    const std::string &name = buffer.binding.name;
    std::vector<Match> takes;
    const MapRule *left = nullptr;
    for (const MapRule &rule : rules.all) {
      if (rule.kind == MapRule::Kind::skip)
        continue;
      std::optional<Captures> captures = rule.model.match(name);
      if (!captures)
        continue;
      useful.insert(&rule);
      if (rule.kind == MapRule::Kind::fresh)
        left = &rule;
      else
        takes.push_back({&rule, *captures});
    }
    if (!only.empty() && !matchesPatterns(name, only))
      return;
    if (left && !takes.empty())
      sink.error(left->range, "'" + name + "' is fresh and given by a rule").note(takes.front().rule->modelRange, "it is given here");
    else if (left)
      fresh.push_back(name);
    else if (takes.empty())
      ungiven.push_back(name);
    else if (checkParts(name, takes))
      for (const Match &match : takes)
        pair(buffer, match);
  }

  void finish(const std::vector<const Buffer *> &weights) {
    if (!ungiven.empty())
      sink.error({}, "no rule gives " + listNames(ungiven)).suggest("`fresh NAME` leaves a parameter as it starts");
    std::vector<std::string> names;
    for (const Buffer *buffer : weights)
      names.push_back(buffer->binding.name);
    for (const MapRule &rule : rules.all)
      if (rule.kind != MapRule::Kind::skip && !useful.count(&rule))
        suggest(sink.error(rule.modelRange, "no parameter of the model is called so"), rule.model, names);
  }

  std::vector<Pair> pairs;

private:
  struct Match {
    const MapRule *rule;
    Captures captures;
  };

  /// One whole rule, or each part once.
  bool checkParts(const std::string &name, const std::vector<Match> &takes) {
    const MapRule &first = *takes.front().rule;
    std::set<int64_t> seen;
    for (const Match &match : takes) {
      const Part &part = match.rule->modelPart;
      bool isOther = part.count != first.modelPart.count || part.axis != first.modelPart.axis;
      if (isOther || !seen.insert(part.index).second) {
        sink.error(match.rule->modelRange, isOther ? "'" + name + "' is given by rules that cut it differently" : "'" + name + "' is given by two rules")
            .note(first.modelRange, "it is given here too");
        return false;
      }
    }
    if (first.modelPart.isWhole() || static_cast<int64_t>(seen.size()) == first.modelPart.count)
      return true;
    sink.error(first.modelRange, "of '" + name + "' " + std::to_string(seen.size()) + " of " + std::to_string(first.modelPart.count) +
                                     " parts are given");
    return false;
  }

  void pair(const Buffer &buffer, const Match &match) {
    const MapRule &rule = *match.rule;
    const std::string &name = buffer.binding.name;
    auto refuse = [&](const SourceRange &range, const std::string &why) { sink.error(range, "'" + name + "' does not fit: " + why); };
    if (buffer.binding.type != DType::f32)
      return refuse(rule.modelRange, "it holds whole numbers or flags");
    Pair made{&buffer, &rule, {}, {}, {}, {}, {}};
    std::string problem;
    made.piece = made.slice = partOf(buffer.binding.shape, rule.modelPart, problem);
    if (!problem.empty())
      return refuse(rule.modelRange, problem);
    Captures captures = match.captures;
    if (rule.stack.empty()) {
      made.files.push_back(rule.file.fill(captures));
    } else if (made.piece.empty()) {
      return refuse(rule.range, "it has no axis to stack along");
    } else {
      made.slice.erase(made.slice.begin());
      for (int64_t i = 0; i < made.piece[0]; ++i) {
        captures[rule.stack] = std::to_string(i);
        made.files.push_back(rule.file.fill(captures));
      }
    }
    made.filePart = made.slice;
    for (auto step = rule.steps.rbegin(); step != rule.steps.rend() && problem.empty(); ++step)
      made.filePart = before(made.filePart, *step, problem);
    if (problem.empty())
      made.fileWhole = wholeOf(made.filePart, rule.filePart, problem);
    if (!problem.empty())
      return refuse(rule.range, problem);
    pairs.push_back(std::move(made));
  }

  /// The nearest of the names to the pattern, with 0 for its numbers.
  static void suggest(Diagnostic &d, const NamePattern &pattern, const std::vector<std::string> &names) {
    Captures captures;
    for (const NamePattern::Piece &piece : pattern.getPieces())
      if (piece.kind != NamePattern::Piece::Kind::text)
        captures[piece.text] = piece.kind == NamePattern::Piece::Kind::number ? "0" : "*";
    if (std::string near = nearestName(pattern.fill(captures), names); !near.empty())
      d.suggest("did you mean '" + near + "'?");
  }

  const WeightMap::Rules &rules;
  const std::string &only;
  DiagnosticSink &sink;
  std::set<const MapRule *> useful;
  std::vector<std::string> ungiven;
};

} // namespace

std::vector<Pair> moe::pairWeights(const WeightMap::Rules &rules, const std::vector<const Buffer *> &weights, const std::string &only,
                                   DiagnosticSink &sink, std::vector<std::string> &fresh) {
  Pairing pairing(rules, only, sink);
  for (const Buffer *buffer : weights)
    pairing.add(*buffer, fresh);
  pairing.finish(weights);
  return std::move(pairing.pairs);
}

void moe::requireWholeFiles(const std::vector<Pair> &pairs, DiagnosticSink &sink) {
  struct Seen {
    const MapRule *rule;
    std::set<int64_t> parts;
    bool isWhole;
  };
  std::map<std::string, Seen> files;
  for (const Pair &pair : pairs)
    for (const std::string &file : pair.files) {
      const Part &part = pair.rule->filePart;
      Seen &seen = files.insert({file, {pair.rule, {}, false}}).first->second;
      seen.isWhole |= part.isWhole();
      seen.parts.insert(part.index);
    }
  std::set<const MapRule *> said;
  for (const auto &[file, seen] : files)
    if (!seen.isWhole && static_cast<int64_t>(seen.parts.size()) < seen.rule->filePart.count && said.insert(seen.rule).second)
      sink.error(seen.rule->fileRange, "of '" + file + "' " + std::to_string(seen.parts.size()) + " of " +
                                           std::to_string(seen.rule->filePart.count) + " parts are used");
}
