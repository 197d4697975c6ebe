//===- Linearize.cpp - a rule near its fixed point --------------------------===//
//
// For each state r the program is extended by the gradient of sum(w_r * r') with random weights w_r. If r' depends on a state c by a c, element by
// element and with one factor a, that gradient is a w_r; and as w_r is random it is so with probability one only then. One reverse sweep thus
// gives a row of the companion matrix and shows that a matrix of so few rows tells the whole.
//
//===----------------------------------------------------------------------===//
#include "lib/Analysis/Linearize.h"

#include "dialects/moe/Autodiff/BlockGradients.h"
#include "dialects/moe/IR/MoeDialect.h"
#include "dialects/moe/Reference/Reference.h"
#include "lib/Analysis/Kinks.h"

#include <Eigen/LU>
#include <Eigen/QR>

#include <cmath>
#include <numbers>
#include <random>

using namespace mlir;

namespace moe {

Eigen::MatrixXd Linearization::at(double sigma) const {
  Eigen::MatrixXd sum = coefficients.back();
  for (const Eigen::MatrixXd &next : llvm::drop_begin(llvm::reverse(coefficients)))
    sum = sum * sigma + next;
  return sum;
}

namespace {

constexpr double rounding = 1e-9; ///< relative: what differs by less is equal
constexpr int mostSteps = 30;     ///< of Newton's method

using reference::Value;
using Answer = std::variant<Linearization, NotLinearizable>;

/// One evaluation at a state that is the same for every element.
struct Sample {
  Eigen::VectorXd next;
  Eigen::MatrixXd slope;
  std::optional<NotLinearizable> obstacle; ///< why `next` and `slope` do not tell the whole
};

DictionaryAttr getBinding(func::FuncOp function, unsigned argument) {
  return function.getArgAttrOfType<DictionaryAttr>(argument, argAttrName);
}
StringRef getField(DictionaryAttr binding, StringRef field) { return binding.getAs<StringAttr>(field).getValue(); }

std::vector<int64_t> getShape(mlir::Value value) { return cast<RankedTensorType>(value.getType()).getShape().vec(); }

Value filled(mlir::Value like, double value) {
  Value made = Value::zeros(getShape(like));
  llvm::fill(made.data, value);
  return made;
}

Value randomWeights(mlir::Value like, std::mt19937_64 &random) {
  Value weights = Value::zeros(getShape(like));
  std::uniform_real_distribution<double> distribution(0.5, 1.5);
  for (double &weight : weights.data)
    weight = distribution(random);
  return weights;
}

/// The number `a` with x = a w for every element, or nothing.
std::optional<double> findFactor(const Value &x, const Value &w) {
  if (llvm::all_of(x.data, [](double value) { return value == 0; }))
    return 0.0;
  if (x.shape != w.shape)
    return std::nullopt;
  double xw = 0, ww = 0;
  for (auto [a, b] : llvm::zip_equal(x.data, w.data)) {
    xw += a * b;
    ww += b * b;
  }
  double factor = xw / ww;
  bool fits = llvm::all_of(llvm::zip_equal(x.data, w.data), [&](auto pair) {
    auto [a, b] = pair;
    return std::abs(a - factor * b) <= rounding * std::abs(factor * b);
  });
  return fits ? std::optional(factor) : std::nullopt;
}

/// The number that all elements are, or nothing.
std::optional<double> findCommon(const Value &x) {
  double scale = 0;
  for (double value : x.data)
    scale = std::max(scale, std::abs(value));
  bool same = llvm::all_of(x.data, [&](double value) { return std::abs(value - x.data.front()) <= rounding * scale; });
  return same && !x.data.empty() ? std::optional(x.data.front()) : std::nullopt;
}

/// A rule with the gradients that its linearisation needs.
class Slopes {
public:
  explicit Slopes(func::FuncOp rule) : module(ModuleOp::create(rule.getLoc())), function(rule.clone()) { module->push_back(function); }

  /// Gives what prevents the analysis before any number is known, or nothing.
  FailureOr<std::optional<NotLinearizable>> prepare();
  FailureOr<Sample> sample(double sigma, const Eigen::VectorXd &state);

  unsigned size() const { return states.size(); }
  /// No entry of the matrix has a higher power of sigma as long as the values at the fixed point do not depend on it.
  unsigned degree() const { return layerCalls; }
  Location loc() const { return UnknownLoc::get(module.get()->getContext()); }

private:
  std::optional<NotLinearizable> bindArguments();
  void removeDetach();
  LogicalResult addSlopes();
  unsigned addResult(mlir::Value value);
  std::optional<NotLinearizable> findKink(ArrayRef<Value> results) const;
  Location findCoupling();

  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
  SmallVector<BlockArgument> states;
  std::optional<BlockArgument> sigma;
  unsigned layerCalls = 0;
  std::vector<Value> arguments; ///< of `function`; those of the states and sigma are to be filled in
  std::vector<Value> weights;   ///< one a state
  /// Positions of results, one a pair of states; nothing where the gradient is 0.
  std::vector<std::optional<unsigned>> slopes;
  std::vector<Kink> kinks;
  std::optional<Location> coupling;
  unsigned firstWatched = 0; ///< position of the result that is the first value that a kink watches
};

unsigned Slopes::addResult(mlir::Value value) {
  Operation *end = function.getBody().front().getTerminator();
  end->insertOperands(end->getNumOperands(), value);
  return end->getNumOperands() - 1;
}

/// What the program goes through is linearised, also where training passes no gradient.
void Slopes::removeDetach() {
  function.walk([](DetachOp detach) {
    detach.getY().replaceAllUsesWith(detach.getX());
    detach.erase();
  });
}

std::optional<NotLinearizable> Slopes::bindArguments() {
  llvm::StringMap<BlockArgument> byName;
  for (BlockArgument argument : function.getArguments()) {
    DictionaryAttr binding = getBinding(function, argument.getArgNumber());
    StringRef kind = getField(binding, "kind"), name = getField(binding, "name");
    auto init = binding.getAs<DictionaryAttr>("init");
    double value = init ? init.getAs<FloatAttr>("value").getValueAsDouble() : 0;
    arguments.push_back(filled(argument, value));
    if (kind == "state")
      byName[name] = argument;
    if (kind == "input" && name == "sigma")
      sigma = argument;
    else if (!init)
      return NotLinearizable{("it reads the " + kind + " '" + name + "'").str(), loc()};
    else if (value != 0 && getField(init, "dist") != "constant" && !argument.use_empty())
      return NotLinearizable{("the parameter '" + name + "' starts at random").str(), loc()};
  }
  for (unsigned k = 0; k < function.getNumResults(); ++k)
    states.push_back(byName.at(getField(function.getResultAttrOfType<DictionaryAttr>(k, resAttrName), "name")));
  layerCalls = sigma ? std::distance(sigma->use_begin(), sigma->use_end()) : 0;
  return std::nullopt;
}

LogicalResult Slopes::addSlopes() {
  Block &block = function.getBody().front();
  Operation *end = block.getTerminator();
  SmallVector<mlir::Value> wrt(states.begin(), states.end());
  SmallVector<mlir::Value> next(end->getOperands());
  std::mt19937_64 random(1);
  for (mlir::Value result : next) {
    OpBuilder builder(end);
    mlir::Value weight = block.addArgument(result.getType(), result.getLoc());
    arguments.push_back(randomWeights(result, random));
    weights.push_back(arguments.back());
    FailureOr<SmallVector<mlir::Value>> gradients = buildGradients(builder, block, wrt, {{result, weight}});
    if (failed(gradients))
      return failure();
    for (mlir::Value gradient : *gradients)
      slopes.push_back(gradient ? std::optional(addResult(gradient)) : std::nullopt);
  }
  return success();
}

FailureOr<std::optional<NotLinearizable>> Slopes::prepare() {
  if (auto obstacle = bindArguments())
    return obstacle;
  removeDetach();
  Block &block = function.getBody().front();
  kinks = findKinks(block, SmallVector<mlir::Value>(states.begin(), states.end()));
  coupling = findCoupling();
  if (failed(addSlopes()))
    return failure();
  firstWatched = block.getTerminator()->getNumOperands();
  for (const Kink &kink : kinks)
    for (mlir::Value value : kink.watched)
      addResult(value);
  function.setFunctionType(FunctionType::get(function.getContext(), block.getArgumentTypes(), block.getTerminator()->getOperandTypes()));
  return std::optional<NotLinearizable>();
}

/// The places of what depends on `op`, in program order.
std::vector<Location> findUsers(Operation *op) {
  llvm::DenseSet<Operation *> dependent{op};
  std::vector<Location> places;
  for (Operation &other : llvm::make_range(std::next(op->getIterator()), op->getBlock()->end()))
    if (llvm::any_of(other.getOperands(), [&](mlir::Value operand) { return dependent.contains(operand.getDefiningOp()); })) {
      dependent.insert(&other);
      places.push_back(other.getLoc());
    }
  return places;
}

std::optional<NotLinearizable> Slopes::findKink(ArrayRef<Value> results) const {
  unsigned position = firstWatched;
  for (const Kink &kink : kinks) {
    std::string text = kink.describe(results.slice(position, kink.watched.size()));
    position += kink.watched.size();
    if (!text.empty())
      return NotLinearizable{text, kink.op->getLoc(), findUsers(kink.op)};
  }
  return std::nullopt;
}

/// The first op through which an element could reach another.
Location Slopes::findCoupling() {
  Location found = loc();
  function.walk([&](Operation *op) {
    if (op->hasTrait<MoeElementwise>() || isa<BroadcastOp, ReshapeOp, TransposeOp, ConstantOp, func::ReturnOp, func::FuncOp>(op))
      return WalkResult::advance();
    found = op->getLoc();
    return WalkResult::interrupt();
  });
  return found;
}

FailureOr<Sample> Slopes::sample(double gain, const Eigen::VectorXd &state) {
  std::vector<Value> values = arguments;
  for (auto [k, argument] : llvm::enumerate(states))
    values[argument.getArgNumber()] = filled(argument, state[k]);
  if (sigma)
    values[sigma->getArgNumber()] = filled(*sigma, gain);
  FailureOr<SmallVector<Value>> results = reference::evaluate(function, values);
  if (failed(results))
    return failure();
  Sample sample{Eigen::VectorXd(size()), Eigen::MatrixXd(size(), size()), findKink(*results)};
  if (sample.obstacle)
    return sample;
  for (unsigned row = 0; row < size(); ++row) {
    std::optional<double> next = findCommon((*results)[row]);
    sample.next[row] = next.value_or(NAN);
    for (unsigned column = 0; column < size(); ++column) {
      std::optional<unsigned> position = slopes[row * size() + column];
      std::optional<double> factor = position ? findFactor((*results)[*position], weights[row]) : 0.0;
      sample.slope(row, column) = factor.value_or(NAN);
      if (!factor || !next)
        sample.obstacle = NotLinearizable{"what becomes of an element depends on other elements or on where it is", *coupling};
    }
  }
  if (!sample.obstacle && (!sample.next.allFinite() || !sample.slope.allFinite()))
    sample.obstacle = NotLinearizable{"its values are not finite at the fixed point", loc()};
  return sample;
}

/// Follows Newton's method from 0 to a state that the rule does not change, and gives the slope there. A linear rule takes one step, and most rules
/// none, since with x = 0 and empty carries nothing moves.
FailureOr<std::variant<Eigen::MatrixXd, NotLinearizable>> findSlope(Slopes &slopes, double sigma) {
  auto identity = Eigen::MatrixXd::Identity(slopes.size(), slopes.size());
  Eigen::VectorXd state = Eigen::VectorXd::Zero(slopes.size());
  for (int step = 0; step < mostSteps; ++step) {
    FailureOr<Sample> sample = slopes.sample(sigma, state);
    if (failed(sample))
      return failure();
    if (sample->obstacle)
      return {std::move(*sample->obstacle)};
    Eigen::VectorXd change = sample->next - state;
    if (change.norm() <= 1e-12 * (1 + state.norm()))
      return {sample->slope};
    Eigen::FullPivLU<Eigen::MatrixXd> solver(identity - sample->slope);
    if (!solver.isInvertible())
      break;
    state += solver.solve(change);
  }
  return {NotLinearizable{"it has no fixed point: with x = 0 and empty carries it gives something else", slopes.loc()}};
}

/// Roots of a Chebyshev polynomial, where interpolation is well conditioned. Their number is even, so that 0, at which an affine rule has no fixed
/// point, is not one of them.
std::vector<double> chooseGains(unsigned degree) {
  unsigned count = degree + 2 + degree % 2; // at least one more than the coefficients: the fit is checked
  std::vector<double> gains;
  for (unsigned k = 0; k < count; ++k)
    gains.push_back(std::cos((k + 0.5) * std::numbers::pi / count));
  return gains;
}

} // namespace

FailureOr<Answer> linearize(func::FuncOp rule) {
  Slopes slopes(rule);
  auto obstacle = slopes.prepare();
  if (failed(obstacle))
    return failure();
  if (*obstacle)
    return Answer(std::move(**obstacle));

  std::vector<double> gains = chooseGains(slopes.degree());
  unsigned n = slopes.size();
  Eigen::MatrixXd powers(gains.size(), slopes.degree() + 1), entries(gains.size(), n * n);
  for (auto [k, gain] : llvm::enumerate(gains)) {
    auto slope = findSlope(slopes, gain);
    if (failed(slope))
      return failure();
    if (auto *obstacle = std::get_if<NotLinearizable>(&*slope))
      return Answer(std::move(*obstacle));
    entries.row(k) = std::get<Eigen::MatrixXd>(*slope).reshaped().transpose();
    for (unsigned power = 0; power <= slopes.degree(); ++power)
      powers(k, power) = std::pow(gain, power);
  }
  Eigen::MatrixXd fitted = powers.colPivHouseholderQr().solve(entries);
  double scale = entries.cwiseAbs().maxCoeff();
  if ((powers * fitted - entries).cwiseAbs().maxCoeff() > rounding * scale)
    return Answer(NotLinearizable{"its fixed point moves with sigma", slopes.loc()});

  Linearization linearization;
  for (unsigned power = 0; power <= slopes.degree(); ++power) {
    Eigen::RowVectorXd row = fitted.row(power);
    row = (row.array().abs() > 1e-12 * scale).select(row, 0);
    linearization.coefficients.push_back(row.reshaped(n, n));
  }
  while (linearization.coefficients.size() > 1 && linearization.coefficients.back().isZero(0))
    linearization.coefficients.pop_back();
  return Answer(std::move(linearization));
}

} // namespace moe
