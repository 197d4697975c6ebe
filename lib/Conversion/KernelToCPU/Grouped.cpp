//===- Grouped.cpp - ragged products over experts ---------------*- C++ -*-===//
//
// Offsets are read where they lie; nothing is padded. The rows of each expert are cut into pieces of nearly equal height, so that no tile has rows of two
// experts and hardly any has few. How many pieces there are is not known before the offsets are: a launch has as many blocks as there can be pieces.
//
// Rows that an index lists are copied side by side, a piece at a time. What the region computes it computes of some columns of a piece, while these are in
// cache: the product itself is never in memory unless the region yields it.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/KernelToCPU/Emitters.h"
#include "lib/Conversion/KernelToCPU/Panels.h"

using namespace mlir;

namespace moe::cpu {
namespace {

struct Range {
  Value first, last;
};

/// The rows of an expert.
Range loadRows(Code &c, Value offsets, Value expert) {
  auto load = [&](Value e) { return c.toI64(c.load(offsets, c.b.getI32Type(), e)); };
  return {load(expert), load(c.add(expert, c.i64(1)))};
}

/// The size of parts of `extent` that differ little, each of whole tiles and none larger than `most`.
int64_t evenPart(int64_t extent, int64_t most, int64_t tile) { return llvm::alignTo(llvm::divideCeil(extent, llvm::divideCeil(extent, most)), tile); }

/// Into how many parts to cut a dimension of `tiles` so that `wanted` blocks become of `blocks`.
int64_t partsFor(int64_t wanted, int64_t blocks, int64_t tiles) { return std::min<int64_t>(tiles, llvm::divideCeil(wanted, blocks)); }

/// The rows of all experts cut into pieces, and each piece into parts.
struct Pieces {
  int64_t rows, experts;
  int64_t height; ///< of the largest piece, in whole tiles
  int64_t parts;

  /// Each expert adds less than a piece to those that full ones would be.
  int64_t blocks() const { return std::min(rows, (rows + experts * (height - 1)) / height) * parts; }
};

/// Visits the blocks of this call that have rows.
void forEachPiece(Code &c, const Pieces &pieces, Value offsets, llvm::function_ref<void(Value expert, Range rows, Value part)> body) {
  int64_t tile = TileShape::get(c.target).rows;
  c.loop(c.i64(0), c.i64(pieces.experts), 1, c.i64(0), [&](Value expert, ValueRange blocksBefore) {
    Range own = loadRows(c, offsets, expert);
    Value count = c.sub(own.last, own.first), pieceCount = c.div(c.add(count, c.i64(pieces.height - 1)), pieces.height);
    Value evenHeight = arith::CeilDivUIOp::create(c.b, c.loc, count, c.max(pieceCount, c.i64(1)));
    Value height = c.mul(c.div(c.add(evenHeight, c.i64(tile - 1)), tile), tile);
    Value blocks = c.mul(pieceCount, pieces.parts);
    auto ofThisExpert = [&](Value block) { return c.min(c.max(c.sub(block, blocksBefore[0]), c.i64(0)), blocks); };
    c.loop(ofThisExpert(c.begin), ofThisExpert(c.end), 1, [&](Value block) {
      Value first = c.add(own.first, c.mul(c.div(block, pieces.parts), height));
      body(expert, {first, c.min(c.add(first, height), own.last)}, c.rem(block, pieces.parts));
    });
    return SmallVector<Value>{c.add(blocksBefore[0], blocks)};
  });
}

/// The region of a product, for some rows and columns of it that lie in scratch.
class Epilogue {
public:
  /// `args` of the kernel from `firstArg` on are the `ins`, then the results.
  Epilogue(kernel::GroupedContractOp op, unsigned firstArg, Code &c) : op(op), firstArg(firstArg), c(c), body(op.getBody().front()) { findVarying(); }

  /// `product` has the rows `rows` of the expert and the columns [first, first + columns), its rows `pitch` apart.
  void emit(Value expert, Range rows, Value first, Value columns, Value product, int64_t pitch);

private:
  using Values = llvm::DenseMap<Value, Value>;
  enum Dim : unsigned { expertDim, rowDim, columnDim };

  RankedTensorType typeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()); }
  /// Which values are not the same along a row.
  void findVarying();
  /// The values of the region at `count` columns from `column` on (a null column: those that are the same along a row).
  void evaluate(Value column, Value product, int64_t count, Values &values);
  Value loadArgument(unsigned k, Value column, int64_t count);
  Value indexOf(kernel::IndexOp index, Value column, int64_t count);
  void store(unsigned k, Value value, Value column, int64_t count);
  void prefetchAhead(Value column);

  kernel::GroupedContractOp op;
  unsigned firstArg;
  Code &c;
  Block &body;
  llvm::SmallDenseSet<Value> varying;
  Value expert, row; ///< in which it stands
};

void Epilogue::findVarying() {
  varying.insert(body.getArgument(0));
  for (unsigned k = 0; k < op.getIns().size(); ++k)
    if (op.getMap(k).isFunctionOfDim(columnDim))
      varying.insert(body.getArgument(k + 1));
  for (Operation &inner : body.without_terminator()) {
    auto index = dyn_cast<kernel::IndexOp>(inner);
    bool isColumn = index && index.getDim() == columnDim;
    if (isColumn || llvm::any_of(inner.getOperands(), [&](Value operand) { return varying.contains(operand); }))
      varying.insert(inner.getResult(0));
  }
}

void Epilogue::emit(Value ofExpert, Range rows, Value first, Value columns, Value product, int64_t pitch) {
  expert = ofExpert;
  c.loop(rows.first, rows.last, 1, [&](Value r) {
    row = r;
    Values alongRow;
    evaluate(/*column=*/Value(), /*product=*/Value(), 1, alongRow);
    Value at = c.mul(c.sub(r, rows.first), pitch);
    auto walk = [&](Value from, Value to, int64_t count) {
      c.loop(from, to, count, [&](Value n) {
        Values values = alongRow;
        Value column = c.add(first, n);
        prefetchAhead(column);
        evaluate(column, c.loadVector(product, c.f32(), c.add(at, n), count, count), count, values);
        // All values are there before the first store: a result may lie on one of the ins.
        for (auto [k, value] : llvm::enumerate(body.getTerminator()->getOperands()))
          store(k, varying.contains(value) ? values[value] : c.splat(values[value], count), column, count);
      });
    };
    Value whole = c.mul(c.div(columns, c.lanes()), c.lanes());
    walk(c.i64(0), whole, c.lanes());
    if (op.getOutputs() % c.lanes() != 0)
      walk(whole, columns, 1);
  });
}

void Epilogue::evaluate(Value column, Value product, int64_t count, Values &values) {
  auto isWanted = [&](Value value) { return varying.contains(value) == static_cast<bool>(column); };
  for (BlockArgument argument : body.getArguments())
    if (isWanted(argument))
      values[argument] = argument.getArgNumber() == 0 ? product : loadArgument(argument.getArgNumber() - 1, column, count);
  for (Operation &inner : body.without_terminator()) {
    if (!isWanted(inner.getResult(0)))
      continue;
    SmallVector<Value> operands;
    for (Value operand : inner.getOperands())
      operands.push_back(varying.contains(operand) ? values[operand] : c.splat(values[operand], count));
    auto index = dyn_cast<kernel::IndexOp>(inner);
    values[inner.getResult(0)] = index ? indexOf(index, column, count) : emitScalarOp(&inner, operands, count, c);
  }
}

Value Epilogue::loadArgument(unsigned k, Value column, int64_t count) {
  RankedTensorType type = typeOf(op.getIns()[k]);
  LinearAccess access = LinearAccess::get(op.getMap(k), type.getShape());
  Type stored = storageType(type.getElementType());
  Value at = c.position(access, {expert, row, column}), buffer = c.args[firstArg + k], value;
  int64_t stride = access.coefficients[columnDim];
  if (count == 1 || stride == 1) {
    value = c.loadVector(buffer, stored, at, count, count);
  } else {
    SmallVector<Value> parts;
    for (int64_t i = 0; i < count; ++i)
      parts.push_back(c.load(buffer, stored, c.add(at, c.i64(i * stride))));
    value = vector::FromElementsOp::create(c.b, c.loc, VectorType::get({count}, stored), parts);
  }
  if (!type.getElementType().isInteger(1))
    return value;
  return arith::CmpIOp::create(c.b, c.loc, arith::CmpIPredicate::ne, value, c.constant(value.getType(), 0));
}

Value Epilogue::indexOf(kernel::IndexOp index, Value column, int64_t count) {
  if (index.getDim() != columnDim)
    return c.toI32(index.getDim() == expertDim ? expert : row);
  if (count == 1)
    return c.toI32(column);
  SmallVector<int32_t> steps = llvm::to_vector(llvm::seq<int32_t>(0, count));
  Type type = VectorType::get({count}, c.b.getI32Type());
  Value lanes = arith::ConstantOp::create(c.b, c.loc, DenseElementsAttr::get(cast<ShapedType>(type), ArrayRef<int32_t>(steps)));
  return c.add(c.splat(c.toI32(column), count), lanes);
}

void Epilogue::store(unsigned k, Value value, Value column, int64_t count) {
  Type element = typeOf(op.getOuts()[k]).getElementType();
  if (element.isInteger(1))
    value = arith::ExtUIOp::create(c.b, c.loc, c.vectorOf(storageType(element), count), value);
  c.storeVector(c.args[firstArg + op.getIns().size() + k], value, c.add(c.mul(row, op.getOutputs()), column), count);
}

/// Some columns of each row are no stream that hardware would follow.
void Epilogue::prefetchAhead(Value column) {
  constexpr int64_t rowsAhead = 8;
  for (unsigned k = 0; k < op.getIns().size() + op.getOuts().size(); ++k) {
    bool isResult = k >= op.getIns().size();
    RankedTensorType type = typeOf(isResult ? op.getOuts()[k - op.getIns().size()] : op.getIns()[k]);
    Value at;
    if (isResult) {
      at = c.add(c.mul(c.add(row, c.i64(rowsAhead)), op.getOutputs()), column);
    } else {
      LinearAccess access = LinearAccess::get(op.getMap(k), type.getShape());
      if (access.coefficients[columnDim] != 1 || access.coefficients[rowDim] == 0)
        continue;
      at = c.position(access, {expert, c.add(row, c.i64(rowsAhead)), column});
    }
    c.prefetch(c.address(c.args[firstArg + k], storageType(type.getElementType()), at), isResult);
  }
}

class GroupedContract {
public:
  GroupedContract(kernel::GroupedContractOp op, Code &c);

  int64_t emit();

private:
  /// Floats of scratch for rows that an index lists, and for some columns of a product.
  static constexpr int64_t mostGathered = largestScratch / 4 * 3, mostColumns = 64;

  void emitPiece(Value expert, Range piece, Value part);
  /// The rows of a piece as a matrix.
  Matrix getRows(Range piece);
  void emitColumns(const Matrix &rows, Value expert, Range piece, Value n, Value columns, Matrix y);

  kernel::GroupedContractOp op;
  Code &c;
  TileShape tile;
  int64_t inputs, outputs;
  Type stored; ///< the elements of both factors
  unsigned weightsArg, offsetsArg, insArg;
  Pieces pieces;
  int64_t width; ///< columns of a part
  Value gathered, product;
};

GroupedContract::GroupedContract(kernel::GroupedContractOp op, Code &c)
    : op(op), c(c), tile(TileShape::get(c.target)), inputs(op.getInputs()), outputs(op.getOutputs()), stored(storageType(getElementTypeOrSelf(op.getX()))), weightsArg(op.getIndex() ? 2 : 1),
      offsetsArg(weightsArg + 1), insArg(offsetsArg + 1) {
  int64_t mostRows = rowsInPlace;
  if (op.getIndex()) {
    mostRows = std::clamp(mostGathered / inputs / tile.rows * tile.rows, tile.rows, rowsInPlace);
    gathered = c.scratch(mostRows * inputs);
  }
  int64_t height = evenPart(op.getRows(), mostRows, tile.rows);
  int64_t parts = partsFor(2 * c.target.threads, llvm::divideCeil(op.getRows(), height), llvm::divideCeil(outputs, tile.columns));
  width = evenPart(outputs, llvm::divideCeil(outputs, parts), tile.columns);
  pieces = {op.getRows(), op.getExperts(), height, llvm::divideCeilSigned(outputs, width)};
}

int64_t GroupedContract::emit() {
  forEachPiece(c, pieces, c.args[offsetsArg], [&](Value expert, Range piece, Value part) { emitPiece(expert, piece, part); });
  return pieces.blocks();
}

void GroupedContract::emitPiece(Value expert, Range piece, Value part) {
  Matrix rows = getRows(piece);
  Value first = c.mul(part, width), last = c.min(c.add(first, c.i64(width)), c.i64(outputs));
  if (!op.hasRegion()) {
    Matrix y{c.args[insArg], c.add(c.mul(piece.first, outputs), first), outputs, 1};
    return emitColumns(rows, expert, piece, first, c.sub(last, first), y);
  }
  int64_t together = evenPart(width, mostColumns, tile.columns);
  if (!product)
    product = c.scratch(pieces.height * together);
  Epilogue epilogue(op, insArg, c);
  c.loop(first, last, together, [&](Value n) {
    Value columns = c.min(c.i64(together), c.sub(last, n));
    emitColumns(rows, expert, piece, n, columns, Matrix{product, c.i64(0), together, 1});
    epilogue.emit(expert, piece, n, columns, product, together);
  });
}

Matrix GroupedContract::getRows(Range piece) {
  if (!op.getIndex())
    return {c.args[0], c.mul(piece.first, inputs), inputs, 1, stored};
  c.loop(piece.first, piece.last, 1, [&](Value r) {
    Value from = c.toI64(c.load(c.args[1], c.b.getI32Type(), r)), to = c.sub(r, piece.first);
    copyElements(c, stored, c.args[0], c.mul(from, inputs), gathered, c.mul(to, inputs), inputs);
  });
  return {gathered, c.i64(0), inputs, 1, stored};
}

void GroupedContract::emitColumns(const Matrix &rows, Value expert, Range piece, Value n, Value columns, Matrix y) {
  Value weights = c.mul(expert, inputs * outputs);
  Matrix b = op.getTransposeW() ? Matrix{c.args[weightsArg], c.add(weights, c.mul(n, inputs)), 1, inputs, stored}
                                : Matrix{c.args[weightsArg], c.add(weights, n), outputs, 1, stored};
  multiply(c, rows, b, y, c.sub(piece.last, piece.first), columns, c.i64(inputs), c.constant(c.b.getI1Type(), 0));
}

} // namespace

int64_t emit(kernel::GroupedContractOp op, Code &c) { return GroupedContract(op, c).emit(); }

int64_t emit(kernel::GroupedOuterOp op, Code &c) {
  auto w = cast<RankedTensorType>(op.getW().getType());
  int64_t experts = w.getDimSize(0), rows = w.getDimSize(1), columns = w.getDimSize(2);
  // A block is an expert and a part of its matrix, so that one hot expert still occupies all threads.
  TileShape tile = TileShape::get(c.target);
  int64_t height = evenPart(rows, packedRows, tile.rows), rowParts = llvm::divideCeil(rows, height);
  int64_t width = evenPart(columns, llvm::divideCeil(columns, partsFor(2 * c.target.threads, rowParts, llvm::divideCeil(columns, 4 * tile.columns))), tile.columns);
  int64_t columnParts = llvm::divideCeil(columns, width);

  unsigned bArg = op.getAIndex() ? 2 : 1, offsetsArg = bArg + (op.getBIndex() ? 2 : 1);
  Value aIndex = op.getAIndex() ? c.args[1] : Value(), bIndex = op.getBIndex() ? c.args[bArg + 1] : Value();
  /// Step 0 of the sum is row `first`.
  auto startAt = [&](Matrix &matrix, Value first, int64_t distance, Value index) {
    if (index)
      matrix.steps = c.address(index, c.b.getI32Type(), first);
    else
      matrix.origin = c.add(matrix.origin, c.mul(first, distance));
  };
  c.loop(c.begin, c.end, 1, [&](Value block) {
    Value n = c.mul(c.rem(block, columnParts), width), rest = c.div(block, columnParts);
    Value m = c.mul(c.rem(rest, rowParts), height), expert = c.div(rest, rowParts);
    Range own = loadRows(c, c.args[offsetsArg], expert);
    Value heightHere = c.min(c.i64(height), c.sub(c.i64(rows), m)), widthHere = c.min(c.i64(width), c.sub(c.i64(columns), n));
    Type stored = storageType(getElementTypeOrSelf(op.getA()));
    Matrix a{c.args[0], m, 1, rows, stored}, b{c.args[bArg], n, columns, 1, stored};
    startAt(a, own.first, rows, aIndex);
    startAt(b, own.first, columns, bIndex);
    Matrix y{c.args[offsetsArg + 1], c.add(c.add(c.mul(expert, rows * columns), c.mul(m, columns)), n), columns, 1};
    c.when(c.equal(own.first, own.last), [&] { clear(c, y, heightHere, widthHere); });
    multiply(c, a, b, y, heightHere, widthHere, c.sub(own.last, own.first), c.constant(c.b.getI1Type(), 0));
  });
  return experts * rowParts * columnParts;
}

} // namespace moe::cpu
