#include "dialects/moe/IR/MoeDialect.h"

using namespace mlir;
using namespace moe;

LogicalResult MomentumOp::verifyRegions() { return success(); }
