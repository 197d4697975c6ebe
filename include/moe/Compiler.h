//===- Compiler.h - from .moe text to an executable ------------*- C++ -*-===//
//
// The compiler as a library. Nothing here prints, exits or throws: what there is to say is in Diagnostics.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Executable.h"
#include "moe/Phase.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace moe {

/// What this build is made of, by name: moec, LLVM, the C++ compiler.
const std::map<std::string, std::string> &getVersions();

struct CompileOptions {
  std::vector<std::string> overrides; ///< `path=value`, in order
  std::vector<std::string> presets;   ///< names of the file's presets, applied before the overrides
  int64_t vocabulary = 0;             ///< the data's; 0: not known (enough for check, readSettings and emit=ast)
  int64_t decodeRows = 1;             ///< batch rows of @decode
  std::string record;                 ///< patterns of named values that @eval gives as probes, under their paths: `layers.*.h|logits`; empty: none
  bool fuse = true;                   ///< false: a launch for each op, for looking at values; slow, and large in memory
  std::string target = "cpu";
  std::string cacheDir;                   ///< where compiled programs are kept; empty: no cache
  int64_t cacheLimit = int64_t(1) << 30;  ///< bytes; the least recently used files go first
  bool color = false;                     ///< of Diagnostics::text
  bool verifyEach = false;                ///< verify the IR after every pass
  std::function<void(Phase, double seconds)> onPhase; ///< told as each phase ends; may be empty
};

/// Finds out what is fastest on this machine, as compile() does where it finds nothing of it in the cache: that takes a second, and the choice is kept.
/// Nothing that a program computes depends on it.
void tune(const CompileOptions &options);

/// One message of the compiler. Lines and columns count from 1; line 0 means that the place is not known.
struct Message {
  enum class Severity { error, warning, note } severity = Severity::error;
  std::string file;
  unsigned line = 0, column = 0;
  std::string text;
  std::vector<Message> notes;
  std::string suggestion;
};

struct Diagnostics {
  std::vector<Message> messages;
  std::string text;         ///< all messages rendered with source lines and carets
  bool failed = false;      ///< at least one error
  bool bug = false;         ///< an error that is ours and not the user's (exit code 70)
  std::string reproducer;   ///< with `bug`: path of a file that shows it; may be empty
};

/// An executable whose kernels are loaded. The code lives as long as this object.
class CompiledModel {
public:
  virtual ~CompiledModel() = default;
  const Executable &executable() const { return program; }
  /// True when it came from the cache instead of the compiler.
  bool fromCache() const { return cached; }

protected:
  Executable program;
  bool cached = false;
};

/// Compiles `source` (`fileName` is for messages and locations). Null after an error.
std::unique_ptr<CompiledModel> compile(const std::string &fileName, const std::string &source,
                                       const CompileOptions &options, Diagnostics &diagnostics);

/// The text of the program after `phase` (bytes for object and binary); nothing after an error.
std::optional<std::string> emit(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                Phase phase, Diagnostics &diagnostics);

/// Parses, checks and elaborates. False after an error.
bool check(const std::string &fileName, const std::string &source, const CompileOptions &options,
           Diagnostics &diagnostics);

struct ModelInfo {
  struct Parameter {
    std::string name;
    std::vector<int64_t> shape;
    int64_t elements = 0;
    bool isFrozen = false; ///< `train.freeze` has it
  };
  /// Tensors that one line of a source makes.
  struct LiveTensors {
    std::string file; ///< empty: of no line
    unsigned line = 0;
    int64_t count = 0, bytes = 0; ///< bytes of all of them
  };
  std::vector<Parameter> parameters;
  int64_t totalParameters = 0;
  double trainFlopPerToken = 0;   ///< of products: forward and backward
  double forwardFlopPerToken = 0; ///< of products in @eval
  int64_t parameterBytes = 0, optimizerBytes = 0, stateBytes = 0, gradientBytes = 0;
  int64_t snapshotBytes = 0;       ///< the copy that a failed step is undone from
  int64_t arenaBytes = 0;          ///< of @train: activations and temporaries, beside gradients that take their place
  int64_t otherArenaBytes = 0;     ///< of @eval and @update
  int64_t trainingBytes = 0;       ///< all of these: what training takes
  std::vector<LiveTensors> alive; ///< at the peak of @train, most bytes first
  std::string settings;            ///< as Executable::settings
};

/// Counts without generating code. Nothing after an error.
std::optional<ModelInfo> inspect(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                 Diagnostics &diagnostics);

/// How far the gradient with respect to one parameter is from finite differences.
struct GradientReport {
  std::string name;
  std::string location; ///< file:line:column of the parameter
  double error = 0;      ///< the largest, relative to the root mean square of the gradient
  double resolution = 0; ///< no smaller error could have been seen beside the rounding of the loss
  int64_t compared = 0;  ///< elements, or random directions of a large parameter
  int64_t skipped = 0;   ///< not compared: the loss has a kink there
  std::string place;    ///< of the largest error
  double byGradient = 0, byDifference = 0;
};

/// Compares every gradient of @train with central differences, in float64 on the reference evaluator, at random values. Batch and context are 2 and 4
/// unless the overrides say otherwise. Nothing after an error.
std::optional<std::vector<GradientReport>> gradcheck(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                                     uint64_t seed, Diagnostics &diagnostics);

/// A momentum rule near its fixed point, with the layer in it as f(y) = sigma*y: the state, which is x and the carries that the rule writes, goes from
/// z to A(sigma) z from one layer to the next. Norms around the rule are not part of it, parameters have their initial values, and nothing is dropped.
struct RuleStability {
  std::string rule;                                    ///< its name
  std::string location;                                ///< file:line:column of its definition
  std::vector<std::string> uses;                       ///< the instances with this linearisation: layers.0.momentum
  std::vector<std::pair<std::string, double>> numbers; ///< what they are configured with, but the round i
  std::string obstacle;                                ///< why it is not linearisable; empty: it is
  std::string obstacleLocation;                        ///< file:line:column
  std::vector<std::string> state;
  std::vector<std::string> held; ///< carries that it reads and another rule writes: taken to be 0
  std::vector<std::vector<std::vector<double>>> matrix; ///< A by row and column, each entry by powers of sigma
  /// Open intervals of sigma, in order, where every eigenvalue of A(sigma) lies inside the unit circle; an end may be infinite.
  std::vector<std::pair<double, double>> stable;
};

/// Linearises each momentum rule that the model applies; uses with one linearisation are one entry. A rule that is stable for no sigma is a warning at
/// its definition. Nothing after an error.
std::optional<std::vector<RuleStability>> analyzeStability(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                                           Diagnostics &diagnostics);

/// The options with the sizes at which `checkCausality` (moe/Training/Causality.h) takes seconds where the user does not choose others: 2 rows of 16
/// tokens, and a vocabulary of 64 where none is known, for causality does not depend on it.
CompileOptions reduceForCausality(const std::string &fileName, const std::string &source, CompileOptions options);

/// The first operation of @decode in whose result a changed token moves what it must not.
struct LeakSource {
  std::string operation; ///< its name in the moe dialect
  std::string location;  ///< file:line:column
};

/// Looks for it with the reference evaluator, at random parameters: an earlier position, or with `otherRow` another batch row. None where no
/// operation has a result a token that shows it, or after an error.
std::optional<LeakSource> findLeak(const std::string &fileName, const std::string &source, const CompileOptions &options, bool otherRow,
                                   uint64_t seed, Diagnostics &diagnostics);

/// Asks the float64 reference evaluator about one op of a program.
struct ReferenceQuestion {
  struct Buffer {
    BindingKind kind;
    std::string name;
    std::vector<double> values;
  };
  std::string program;          ///< train, update
  std::vector<Buffer> buffers;  ///< what the program is given
  std::string name, location;   ///< Launch::name and Launch::location
  uint32_t op = 0;              ///< Launch::op
  std::vector<int64_t> index;   ///< of an element of its result
  /// Told before the evaluation how many scalar operations it takes; false: it is not begun. May be empty.
  std::function<bool(double operations)> begin;
};

struct ReferenceAnswer {
  bool isEvaluated = false;     ///< false: `begin` did not want it
  bool isFound = false;         ///< the op is in the float64 program; false: nothing below but nonFinite
  std::optional<double> value;  ///< of the element; nothing when the op's result has another shape
  double largest = 0;           ///< magnitude of its finite values
  std::vector<std::string> nonFinite; ///< results of the program: `loss 'loss'`
};

/// Evaluates a program, gradients too. Nothing after an error.
std::optional<ReferenceAnswer> askReference(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                            const ReferenceQuestion &question, Diagnostics &diagnostics);

/// An error at `location` (file:line:column, in the source or in the standard library) as the compiler writes it: with the line and a caret.
std::string renderError(const std::string &fileName, const std::string &source, const std::string &location, const std::string &message, bool color);

/// The elaborated module's settings (JSON text: data, batch, context, ...) without compiling; what a driver must know
/// before it can read the data and with it the vocabulary. Nothing after an error.
std::optional<std::string> readSettings(const std::string &fileName, const std::string &source,
                                        const CompileOptions &options, Diagnostics &diagnostics);

} // namespace moe
