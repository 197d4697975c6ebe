//===- MoeDialect.cpp - the moe dialect and its types ---------------------===//
#include "dialects/moe/IR/MoeDialect.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moe;

#include "dialects/moe/IR/MoeDialect.cpp.inc"
#include "dialects/moe/IR/MoeEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/moe/IR/MoeAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/moe/IR/MoeTypes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/moe/IR/MoeOps.cpp.inc"

void MoeDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/moe/IR/MoeTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/moe/IR/MoeAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/moe/IR/MoeOps.cpp.inc"
      >();
}

Type RoutingType::parse(AsmParser &p) {
  int64_t tokens, experts, rows;
  bool exact = false;
  auto field = [&](StringRef name, int64_t &value) {
    return failed(p.parseKeyword(name)) || failed(p.parseEqual()) || failed(p.parseInteger(value));
  };
  if (p.parseLess() || field("tokens", tokens) || p.parseComma() || field("experts", experts) || p.parseComma() ||
      field("rows", rows))
    return {};
  if (succeeded(p.parseOptionalComma())) {
    if (p.parseKeyword("exact"))
      return {};
    exact = true;
  }
  if (p.parseGreater())
    return {};
  return p.getChecked<RoutingType>(p.getContext(), tokens, experts, rows, exact);
}

void RoutingType::print(AsmPrinter &p) const {
  p << "<tokens = " << getTokens() << ", experts = " << getExperts() << ", rows = " << getRows()
    << (getExact() ? ", exact>" : ">");
}

LogicalResult RoutingType::verify(function_ref<InFlightDiagnostic()> emitError, int64_t tokens, int64_t experts,
                                  int64_t rows, bool exact) {
  if (tokens < 1 || experts < 1 || rows < 1)
    return emitError() << "tokens, experts and rows must be positive";
  if (rows > tokens * experts)
    return emitError() << "rows = " << rows << " exceeds tokens * experts = " << tokens * experts;
  return success();
}
