//===- Causality.cpp - does a token move what comes before it? --*- C++ -*-===//
#include "lib/Support/Philox.h"
#include "lib/Training/Guard.h"
#include "lib/Training/TokenProgram.h"

#include <algorithm>
#include <cmath>
#include <set>

using namespace moe;

/// Keeps these random numbers apart from those of parameters and dropout.
static constexpr uint32_t tokenSite = 0x63617573;
/// In relation to the outputs' root mean square. Rows of experts and tiles may be summed up in another order when a token moves.
static constexpr double rounding = 1e-4;
static constexpr int64_t blocks = 2; ///< the second one reads the streams that the first one left

namespace {
/// The `decode` program from reset streams.
class Outputs {
public:
  Status prepare(const Executable &executable, ThreadPool &pool, uint64_t seed) {
    const Program *shape = nullptr;
    if (Status status = requireProgram(executable, "decode", shape); !status)
      return status;
    if (Status status = parameters.addShared(*shape); !status)
      return status;
    parameters.initialize(seed);
    if (Status status = program.prepare(executable, parameters, pool); !status)
      return status;
    rows = program.getRows();
    context = program.getContext();
    width = program.getWidth();
    return rows < 2 ? Status::failure("@decode does not give the logits of several rows") : Status::success();
  }

  /// `ids`: blocks x rows x context. The outputs: blocks x rows x context x width.
  Status run(const std::vector<int32_t> &ids, std::vector<float> &outputs) {
    outputs.clear();
    program.resetStreams();
    for (int64_t block = 0; block < blocks; ++block) {
      std::copy_n(ids.begin() + block * rows * context, rows * context, program.getTokens());
      if (Status status = program.run(); !status)
        return status;
      outputs.insert(outputs.end(), program.getLogits(), program.getLogits() + rows * context * width);
    }
    if (!std::all_of(outputs.begin(), outputs.end(), [](float x) { return std::isfinite(x); }))
      return Status::failure("the outputs are not finite");
    return Status::success();
  }

  int64_t rows = 0, context = 0, width = 0;

private:
  BufferStore parameters;
  DecodeProgram program;
};

/// Compares outputs with those before a token was changed.
class Comparison {
public:
  Comparison(const Outputs &shape, std::vector<float> before) : rows(shape.rows), context(shape.context), width(shape.width), before(std::move(before)) {
    double squares = 0;
    for (float x : this->before)
      squares += static_cast<double>(x) * x;
    scale = std::sqrt(squares / static_cast<double>(this->before.size()));
  }

  void look(int64_t changedRow, int64_t changedPosition, const std::vector<float> &after, CausalityReport &report) const {
    bool hasMoved = false;
    for (int64_t block = 0; block < blocks; ++block)
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t t = 0; t < context; ++t) {
          double distance = distanceAt((block * rows + row) * context + t, after);
          if (distance <= rounding)
            continue;
          Leak leak{changedRow, changedPosition, row, block * context + t, distance};
          if (row != changedRow)
            keep(report.otherRow, leak, [](const Leak &a, const Leak &b) { return a.distance > b.distance; });
          else if (leak.position < changedPosition)
            keep(report.earlier, leak, [](const Leak &a, const Leak &b) {
              return a.position < b.position || (a.position == b.position && a.distance > b.distance);
            });
          else
            hasMoved = true;
        }
    ++report.changes;
    report.moved += hasMoved;
  }

private:
  double distanceAt(int64_t place, const std::vector<float> &after) const {
    double most = 0;
    for (int64_t i = place * width; i < (place + 1) * width; ++i)
      most = std::max(most, std::abs(static_cast<double>(after[i]) - before[i]));
    return scale > 0 ? most / scale : most;
  }

  template <typename Better>
  static void keep(std::optional<Leak> &best, const Leak &leak, Better better) {
    if (!best || better(leak, *best))
      best = leak;
  }

  int64_t rows, context, width;
  std::vector<float> before;
  double scale = 0;
};
} // namespace

/// The second position, the last two, and some between: an output before the first one does not exist.
static std::set<int64_t> choosePositions(int64_t context) {
  std::set<int64_t> positions;
  for (int64_t position : {int64_t(1), context / 4, context / 2, 3 * context / 4, context - 2, context - 1})
    if (position > 0 && position < context)
      positions.insert(position);
  return positions;
}

Status moe::checkCausality(const Executable &executable, ThreadPool &pool, uint64_t seed, const std::atomic<bool> *stop,
                           CausalityReport &report) {
  return guarded("the causality check", [&] {
    Outputs decode;
    if (Status status = decode.prepare(executable, pool, seed); !status)
      return status;
    if (decode.context < 2 || decode.width < 2)
      return Status::failure("causality is a question about two positions and two words, or more");
    report = {};
    report.rows = decode.rows;
    report.context = decode.context;

    uint32_t key = siteKey(static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32), tokenSite);
    auto draw = [&](uint32_t counter, uint32_t use, int64_t below) {
      return static_cast<int32_t>((static_cast<uint64_t>(philox2x32(counter, use, key)[0]) * static_cast<uint64_t>(below)) >> 32);
    };
    std::vector<int32_t> ids(static_cast<size_t>(blocks * decode.rows * decode.context));
    for (size_t i = 0; i < ids.size(); ++i)
      ids[i] = draw(static_cast<uint32_t>(i), 0, decode.width);
    std::vector<float> outputs;
    if (Status status = decode.run(ids, outputs); !status)
      return status;
    Comparison comparison(decode, outputs);
    for (int64_t row : std::set<int64_t>{0, decode.rows - 1})
      for (int64_t position : choosePositions(decode.context)) {
        if (stop && *stop)
          return Status::failure("stopped");
        auto place = static_cast<size_t>(row * decode.context + position);
        int32_t token = ids[place];
        ids[place] = (token + 1 + draw(static_cast<uint32_t>(place), 1, decode.width - 1)) % static_cast<int32_t>(decode.width);
        Status status = decode.run(ids, outputs);
        ids[place] = token;
        if (!status)
          return status;
        comparison.look(row, position, outputs, report);
      }
    return Status::success();
  });
}
