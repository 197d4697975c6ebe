//===- TreeBuilder.h - From ANTLR's parse tree to ours ----------*- C++ -*-===//
#ifndef MOE_FRONTEND_PARSE_TREEBUILDER_H
#define MOE_FRONTEND_PARSE_TREEBUILDER_H

#include "lib/Frontend/AST.h"
#include "lib/Frontend/Parse/Places.h"
#include "lib/Support/Diagnostics.h"

#include "MoeBaseVisitor.h"

namespace moe::parsing {

/// How deep a tree of expressions may be; a sum of this many terms is one.
constexpr size_t maxExpressionDepth = 256;

/// The parse tree as AST.h has it. Parts that the parser could not complete are
/// left out, so that every pointer that AST.h does not call nullable is set.
///
/// Visits build into the member of their category: ANTLR's Any cannot hold a
/// unique_ptr. A null member afterwards means that the parser had given up on
/// something inside.
class TreeBuilder : public grammar::MoeBaseVisitor {
  using Any = antlrcpp::Any;
  using MoeParser = grammar::MoeParser;

public:
  TreeBuilder(const Places &places, DiagnosticSink &sink)
      : places(places), sink(sink) {}

  std::unique_ptr<ast::File>
  file(const std::vector<MoeParser::ItemContext *> &items);
  ast::ExprPtr expr(antlr4::ParserRuleContext *context);

private:
  //===--- Leaves ---------------------------------------------------------===//

  /// Empty where the parser found no name.
  ast::Identifier identifier(antlr4::ParserRuleContext *context) {
    if (!context || context->exception || context->children.empty())
      return {};
    SourceRange range = places.of(*context->start);
    return {std::string(range.getText()), range};
  }

  template <typename Contexts>
  bool identifiers(const Contexts &contexts,
                   std::vector<ast::Identifier> &names) {
    for (auto *context : contexts) {
      names.push_back(identifier(context));
      if (names.back().text.empty())
        return false;
    }
    return true;
  }

  template <typename NodeT>
  std::unique_ptr<NodeT> make(antlr4::ParserRuleContext *context) {
    return std::make_unique<NodeT>(places.of(*context));
  }

  //===--- Expressions ----------------------------------------------------===//

  /// For parts that may be left out: false only if one is there and broken.
  bool optionalExpr(antlr4::ParserRuleContext *context, ast::ExprPtr &out) {
    out = context ? expr(context) : nullptr;
    return !context || out;
  }

  ast::ExprPtr binary(ast::BinaryOp op, ast::ExprPtr lhs, SourceRange opRange,
                      ast::ExprPtr rhs);

  /// `a op b op c`, to the left.
  template <typename Contexts>
  ast::ExprPtr chain(ast::BinaryOp op, const Contexts &operands,
                     const std::vector<antlr4::tree::TerminalNode *> &ops);

  Any visitLambda(MoeParser::LambdaContext *context) override;
  Any visitChoice(MoeParser::ChoiceContext *context) override;
  Any visitThenValue(MoeParser::ThenValueContext *context) override;
  Any visitPipeline(MoeParser::PipelineContext *context) override;
  Any visitFallback(MoeParser::FallbackContext *context) override;
  Any visitMasked(MoeParser::MaskedContext *context) override;
  Any visitReference(MoeParser::ReferenceContext *context) override;
  Any visitNumber(MoeParser::NumberContext *context) override;
  Any visitString(MoeParser::StringContext *context) override;
  Any visitTruth(MoeParser::TruthContext *context) override;
  Any visitParenthesis(MoeParser::ParenthesisContext *context) override;
  Any visitRecordValue(MoeParser::RecordValueContext *context) override;
  Any visitEach(MoeParser::EachContext *context) override;
  Any visitCall(MoeParser::CallContext *context) override;
  Any visitIndex(MoeParser::IndexContext *context) override;
  Any visitAccess(MoeParser::AccessContext *context) override;
  Any visitQuiet(MoeParser::QuietContext *context) override;
  Any visitBinary(MoeParser::BinaryContext *context) override;
  Any visitNegate(MoeParser::NegateContext *context) override;
  Any visitNot(MoeParser::NotContext *context) override;
  Any visitReduce(MoeParser::ReduceContext *context) override;

  Any unary(ast::UnaryOp op, antlr4::ParserRuleContext *context,
            MoeParser::OperationContext *operand);
  bool arguments(const std::vector<MoeParser::ArgumentContext *> &contexts,
                 std::vector<ast::Argument> &out);

  //===--- Types ----------------------------------------------------------===//

  ast::TypePtr type(MoeParser::TypeContext *context);
  bool optionalType(MoeParser::TypeContext *context, ast::TypePtr &out) {
    out = type(context);
    return !context || out;
  }

  Any visitTensorType(MoeParser::TensorTypeContext *context) override;
  Any visitNamedType(MoeParser::NamedTypeContext *context) override;
  Any visitRecordType(MoeParser::RecordTypeContext *context) override;
  Any visitTupleType(MoeParser::TupleTypeContext *context) override;
  Any visitFunctionType(MoeParser::FunctionTypeContext *context) override;
  Any visitLikeType(MoeParser::LikeTypeContext *context) override;

  //===--- Statements -----------------------------------------------------===//

  std::optional<ast::Block> block(MoeParser::BlockContext *context);

  Any visitLet(MoeParser::LetContext *context) override;
  Any visitIndexedLet(MoeParser::IndexedLetContext *context) override;
  Any visitFieldLet(MoeParser::FieldLetContext *context) override;
  Any visitParam(MoeParser::ParamContext *context) override;
  Any visitState(MoeParser::StateContext *context) override;
  Any visitTally(MoeParser::TallyContext *context) override;
  Any visitUpdate(MoeParser::UpdateContext *context) override;
  Any visitCarryDecl(MoeParser::CarryDeclContext *context) override;
  Any visitRecord(MoeParser::RecordContext *context) override;
  Any visitAssert(MoeParser::AssertContext *context) override;
  Any visitRepeat(MoeParser::RepeatContext *context) override;
  Any visitEachIn(MoeParser::EachInContext *context) override;
  Any visitAfterStep(MoeParser::AfterStepContext *context) override;
  Any visitConditional(MoeParser::ConditionalContext *context) override;
  Any visitReturn(MoeParser::ReturnContext *context) override;
  Any visitBare(MoeParser::BareContext *context) override;

  template <typename Context>
  Any storage(Context *context, ast::StorageStmt::Storage kind, bool isSampled);

  //===--- Items ----------------------------------------------------------===//

  std::unique_ptr<ast::Definition>
  definition(MoeParser::DefinitionContext *context);
  bool parameters(MoeParser::ParameterListContext *context,
                  std::vector<ast::Parameter> &out);
  bool settings(MoeParser::SettingsContext *context, ast::Settings &out);

  Any giveExpr(ast::ExprPtr expr) {
    exprResult = std::move(expr);
    return {};
  }
  Any giveType(ast::TypePtr type) {
    typeResult = std::move(type);
    return {};
  }
  Any giveStmt(ast::StmtPtr stmt) {
    stmtResult = std::move(stmt);
    return {};
  }

  const Places &places;
  DiagnosticSink &sink;
  ast::ExprPtr exprResult;
  ast::TypePtr typeResult;
  ast::StmtPtr stmtResult;
  size_t depth = 0;
};

} // namespace moe::parsing

#endif // MOE_FRONTEND_PARSE_TREEBUILDER_H
