//===- Leaks.cpp - which operation moves earlier outputs --------------------===//
#include "dialects/moe/GradientCheck/GradientCheck.h"
#include "dialects/moe/IR/MoeDialect.h"
#include "dialects/moe/Interfaces/Interfaces.h"
#include "lib/Conversion/Plan/LocationText.h"
#include "lib/Pipelines/Compilation.h"
#include "lib/Pipelines/Reduce.h"

#include <cmath>
#include <optional>

using namespace moe;

static constexpr int64_t usualRows = 2, usualContext = 16, usualVocabulary = 64;

static CompileOptions reduceTo(const std::string &fileName, const std::string &source, CompileOptions options, int64_t context) {
  if (!options.vocabulary)
    options.vocabulary = usualVocabulary;
  options.decodeRows = usualRows;
  return reduce(fileName, source, std::move(options), {{"train.micro_batches", 1}, {"train.batch", usualRows}, {"train.context", context}});
}

CompileOptions moe::reduceForCausality(const std::string &fileName, const std::string &source, CompileOptions options) {
  return reduceTo(fileName, source, std::move(options), usualContext);
}

namespace {
/// A place among the tokens.
struct Place {
  int64_t row, position;
};

/// Which dimensions of a value are the tokens', told by their extents.
class TokenAxes {
public:
  TokenAxes(int64_t rows, int64_t context) : rows(rows), context(context) {}

  /// False when the value is none that has a part for each token, or when it cannot be told.
  bool find(llvm::ArrayRef<int64_t> shape) {
    isFlat = llvm::count(shape, rows * context) == 1;
    auto of = [&](int64_t extent) { return static_cast<size_t>(llvm::find(shape, extent) - shape.begin()); };
    auto strideOf = [&](size_t dim) {
      int64_t stride = 1;
      for (int64_t extent : shape.drop_front(dim + 1))
        stride *= extent;
      return stride;
    };
    if (isFlat) {
      positionStride = strideOf(of(rows * context));
      return true;
    }
    if (shape.empty() || shape[0] != rows || llvm::count(shape, context) != 1 || of(context) == 0)
      return false;
    rowStride = strideOf(0);
    positionStride = strideOf(of(context));
    return true;
  }

  Place at(int64_t element) const {
    if (isFlat) {
      int64_t token = element / positionStride % (rows * context);
      return {token / context, token % context};
    }
    return {element / rowStride % rows, element / positionStride % context};
  }

private:
  int64_t rows, context;
  bool isFlat = false;
  int64_t rowStride = 1, positionStride = 1;
};
} // namespace

/// The last extent of the logits, its only result a token and a word.
static int64_t getVocabulary(mlir::func::FuncOp decode) {
  int64_t words = 1;
  for (unsigned i = 0; i < decode.getNumResults(); ++i) {
    auto binding = decode.getResultAttrOfType<mlir::DictionaryAttr>(i, resAttrName);
    auto name = binding ? binding.getAs<mlir::StringAttr>("name") : mlir::StringAttr();
    if (name && name.getValue() == "logits")
      words = mlir::cast<mlir::RankedTensorType>(decode.getResultTypes()[i]).getShape().back();
  }
  return words;
}

namespace {
/// @decode on the reference evaluator twice at a time: with the tokens as they are and with one of them changed.
class LeakSearch {
public:
  LeakSearch(mlir::func::FuncOp decode, uint64_t seed, bool otherRow)
      : decode(decode), vocabulary(getVocabulary(decode)), otherRow(otherRow), arguments(randomArguments(decode, seed, vocabulary)) {
    for (mlir::BlockArgument argument : decode.getArguments()) {
      auto binding = decode.getArgAttrOfType<mlir::DictionaryAttr>(argument.getArgNumber(), argAttrName);
      auto name = binding ? binding.getAs<mlir::StringAttr>("name") : mlir::StringAttr();
      if (name && name.getValue() == "tokens")
        tokens = argument;
    }
  }

  /// Changes one token and remembers the first op that shows it where it must not, if that comes before what is remembered.
  mlir::LogicalResult look(Place place) {
    changed = place;
    llvm::ArrayRef<int64_t> shape = getTokenShape();
    changedTokens = arguments[tokens.getArgNumber()];
    double &token = changedTokens.data[place.row * shape[1] + place.position];
    token = std::fmod(token + 1, static_cast<double>(vocabulary));
    TokenAxes axes(shape[0], shape[1]);
    computed.clear();
    for (mlir::Operation &op : decode.getBody().front().without_terminator()) {
      if (&op == first)
        return mlir::success();
      if (mlir::failed(evaluate(op)))
        return mlir::failure();
      for (mlir::Value result : op.getResults())
        if (const Both &both = computed[result]; both.after && !both.isByExpert && leaks(both, axes)) {
          first = &op;
          return mlir::success();
        }
    }
    return mlir::success();
  }
  mlir::Operation *getFirst() const { return first; }

  /// [rows, context]
  llvm::ArrayRef<int64_t> getTokenShape() const { return mlir::cast<mlir::RankedTensorType>(tokens.getType()).getShape(); }

  /// False when a parameter or a stream has an extent that is taken for the tokens'.
  bool canTell() {
    int64_t context = getTokenShape()[1], all = getTokenShape()[0] * context;
    return llvm::none_of(decode.getArguments(), [&](mlir::BlockArgument argument) {
      auto shape = mlir::cast<mlir::RankedTensorType>(argument.getType()).getShape();
      return argument != tokens && (llvm::is_contained(shape, context) || llvm::is_contained(shape, all));
    });
  }

private:
  struct Both {
    reference::Value before;
    std::optional<reference::Value> after; ///< none: the same
    bool isByExpert = false;               ///< has a row a routed pair, ordered by expert: its place says nothing of a token's
  };

  const reference::Value *find(mlir::Value value, bool after) {
    if (auto argument = mlir::dyn_cast<mlir::BlockArgument>(value))
      return after && argument == tokens ? &changedTokens : &arguments[argument.getArgNumber()];
    const Both &both = computed[value];
    return after && both.after ? &*both.after : &both.before;
  }

  bool hasChanged(mlir::Value value) { return value == tokens || (!mlir::isa<mlir::BlockArgument>(value) && computed[value].after); }

  mlir::LogicalResult evaluate(mlir::Operation &op) {
    auto meaning = mlir::dyn_cast<ReferenceOpInterface>(op);
    if (!meaning)
      return op.emitError("has no reference");
    bool isByExpert = mlir::isa<DispatchOp>(op);
    if (!mlir::isa<CombineOp, GroupedOuterOp>(op))
      isByExpert |= llvm::any_of(op.getOperands(), [&](mlir::Value operand) {
        auto it = computed.find(operand);
        return it != computed.end() && it->second.isByExpert;
      });
    bool twice = llvm::any_of(op.getOperands(), [&](mlir::Value operand) { return hasChanged(operand); });
    for (bool after : {false, true}) {
      if (after && !twice)
        break;
      auto results = meaning.evaluate(llvm::map_to_vector(op.getOperands(), [&](mlir::Value operand) { return find(operand, after); }));
      if (mlir::failed(results))
        return mlir::failure();
      for (auto [result, value] : llvm::zip_equal(op.getResults(), *results)) {
        if (!after)
          computed[result].before = std::move(value);
        else
          computed[result].after = std::move(value);
        computed[result].isByExpert = isByExpert;
      }
    }
    return mlir::success();
  }

  bool leaks(const Both &both, TokenAxes &axes) const {
    if (!axes.find(both.before.shape))
      return false;
    for (auto [i, before, after] : llvm::enumerate(both.before.data, both.after->data)) {
      if (std::abs(before - after) <= 1e-9 * std::max({1.0, std::abs(before), std::abs(after)}))
        continue;
      Place place = axes.at(static_cast<int64_t>(i));
      if (otherRow ? place.row != changed.row : place.row == changed.row && place.position < changed.position)
        return true;
    }
    return false;
  }

  mlir::func::FuncOp decode;
  int64_t vocabulary;
  bool otherRow;
  llvm::SmallVector<reference::Value> arguments;
  mlir::BlockArgument tokens;
  reference::Value changedTokens;
  Place changed{};
  mlir::Operation *first = nullptr;
  llvm::DenseMap<mlir::Value, Both> computed;
};
} // namespace

/// From the last position to the second one, in both rows: what comes late has the most before it.
static mlir::LogicalResult lookEverywhere(LeakSearch &leaks) {
  int64_t rows = leaks.getTokenShape()[0], context = leaks.getTokenShape()[1];
  for (int64_t position = context - 1; position > 0; --position)
    for (int64_t row : {int64_t(0), rows - 1})
      if (mlir::failed(leaks.look({row, position})))
        return mlir::failure();
  return mlir::success();
}

/// Nothing when no context was found at which the tokens' extents are no others'.
static std::optional<LeakSource> findLeakAt(const std::string &fileName, const std::string &source, const CompileOptions &options, bool otherRow,
                                            uint64_t seed, bool &canTell, Diagnostics &diagnostics) {
  Compilation compilation(fileName, source, options);
  std::optional<LeakSource> leak;
  if (compilation.parse() && compilation.elaborate(/*f64=*/true))
    compilation.runPhase(Phase::moe, [&] {
      LeakSearch leaks(compilation.getModule().lookupSymbol<mlir::func::FuncOp>("decode"), seed, otherRow);
      canTell = leaks.canTell();
      if (!canTell)
        return true;
      if (mlir::failed(lookEverywhere(leaks)))
        return false;
      if (mlir::Operation *op = leaks.getFirst())
        leak = {op->getName().stripDialect().str(), getLocationText(op->getLoc())};
      return true;
    });
  compilation.report(diagnostics);
  return leak;
}

std::optional<LeakSource> moe::findLeak(const std::string &fileName, const std::string &source, const CompileOptions &options, bool otherRow,
                                        uint64_t seed, Diagnostics &diagnostics) {
  // Multiples of 8: what a router takes of the tokens has to be a whole number.
  for (int64_t context : {16, 24, 40, 56, 88}) {
    bool canTell = false;
    std::optional<LeakSource> leak =
        findLeakAt(fileName, source, reduceTo(fileName, source, options, context), otherRow, seed, canTell, diagnostics);
    if (canTell || diagnostics.failed)
      return leak;
  }
  return std::nullopt;
}
