#include "dialects/moe/IR/MoeDialect.h"

using namespace mlir;
using namespace moe;

void RouteOp::build(OpBuilder &builder, OperationState &state, Value on, int64_t rows, bool exact) {
  auto type = cast<RankedTensorType>(on.getType());
  build(builder, state,
        RoutingType::get(builder.getContext(), type.getDimSize(0), type.getDimSize(1), rows, exact),
        RankedTensorType::get({}, builder.getI32Type()), on);
}

LogicalResult TopMaskOp::verify() { return success(); }
LogicalResult RouteOp::verify() { return success(); }
LogicalResult DispatchOp::verify() { return success(); }
LogicalResult CombineOp::verify() { return success(); }
LogicalResult GroupedMatmulOp::verify() { return success(); }
LogicalResult GroupedOuterOp::verify() { return success(); }
