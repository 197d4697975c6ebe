//===- TreeBuilder.h - From ANTLR's parse tree to ours ----------*- C++ -*-===//
#ifndef MOE_FRONTEND_PARSE_TREEBUILDER_H
#define MOE_FRONTEND_PARSE_TREEBUILDER_H

#include "lib/Frontend/AST.h"
#include "lib/Frontend/Parse/Places.h"
#include "lib/Support/Diagnostics.h"

#include "MoeParser.h"

namespace moe::parsing {

/// How deep a tree of expressions may be; a sum of this many terms is one.
constexpr size_t maxExpressionDepth = 256;

/// Parts that the parser could not complete are left out of the tree, so that
/// every pointer that AST.h does not call nullable is set.
std::unique_ptr<ast::File>
buildFile(const std::vector<grammar::MoeParser::ItemContext *> &items,
          const Places &places, DiagnosticSink &sink);
ast::ExprPtr buildExpression(grammar::MoeParser::ExpressionContext *expression,
                             const Places &places, DiagnosticSink &sink);

} // namespace moe::parsing

#endif // MOE_FRONTEND_PARSE_TREEBUILDER_H
