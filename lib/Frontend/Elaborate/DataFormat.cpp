//===- DataFormat.cpp - whether `data = ...` is written right -------------===//
#include "lib/Frontend/Elaborate/Elaborator.h"
#include "lib/Support/DataFormats.h"

namespace moe::frontend {

static WrittenArgument read(const ast::Argument &argument) {
  WrittenArgument written;
  written.name = argument.kind == ast::Argument::Kind::Named ? argument.name.text : "";
  written.spelling = Elaborator::text(*argument.value);
  if (auto *number = llvm::dyn_cast<ast::NumberExpr>(argument.value.get()); number && number->isInteger)
    written.value = static_cast<int64_t>(number->value);
  else if (auto *text = llvm::dyn_cast<ast::StringExpr>(argument.value.get()))
    written.value = text->value;
  else if (llvm::isa<ast::NameExpr>(argument.value.get()))
    written.value = written.spelling;
  return written;
}

void checkDataFormat(const ast::Expr &data, DiagnosticSink &sink) {
  auto *call = llvm::dyn_cast<ast::CallExpr>(&data);
  const ast::Expr &format = call ? *call->callee : data;
  std::vector<WrittenArgument> arguments;
  if (call)
    for (const ast::Argument &argument : call->arguments)
      arguments.push_back(read(argument));
  auto problem = moe::checkDataFormat(Elaborator::text(format), arguments);
  if (!problem)
    return;
  SourceRange range = data.range;
  switch (problem->where) {
  case DataFormatProblem::Where::format:
    range = format.range;
    break;
  case DataFormatProblem::Where::call:
    break;
  case DataFormatProblem::Where::name:
    range = call->arguments[problem->argument].name.range;
    break;
  case DataFormatProblem::Where::value:
    range = call->arguments[problem->argument].value->range;
    break;
  }
  Diagnostic &diagnostic = sink.error(range, problem->message);
  if (!problem->suggestion.empty())
    diagnostic.suggest(problem->suggestion);
}

} // namespace moe::frontend
