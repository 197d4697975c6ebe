//===- Program.h - a program of the moe dialect being written --*- C++ -*-===//
#pragma once

#include "lib/Frontend/Elaborate/Value.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace moe::frontend {

enum class Mode { Train, Eval, Decode, Update };

/// One function. Arguments and results are added as the elaboration meets them; a buffer that is written reads back as what was written.
class Program {
public:
  /// `place` is where arguments are said to be made: the emitter's, as it is then.
  Program(mlir::ModuleOp module, Mode mode, const char *name, const mlir::Location &place);

  const Mode mode;
  bool isChecked = true; ///< false: checks are left out
  mlir::Block &block() { return function.getBody().front(); }

  /// The current value of a buffer, made an argument on first use.
  mlir::Value read(BindingKind kind, const std::string &name, mlir::Type type, const Initializer *init = nullptr);
  /// Marks a parameter that has been read as one without gradient.
  void freeze(const std::string &name);
  /// Gives the buffer a new value, which is a result of the program.
  void write(BindingKind kind, const std::string &name, mlir::Value value);
  /// Gives an i32 scalar that is 0 in every run that is as it should be; `message` says what is wrong where it is not. Its place is the current one.
  void check(const std::string &name, mlir::Value count, const std::string &message);
  /// Ends the function and drops what nothing needs.
  void finish();

private:
  using Key = std::pair<BindingKind, std::string>;
  mlir::DictionaryAttr resultAttr(const Key &key);

  const mlir::Location &place;
  mlir::func::FuncOp function;
  std::vector<mlir::Attribute> argumentAttrs;
  std::map<Key, mlir::Value> current;
  std::vector<Key> results;
  std::map<std::string, std::pair<std::string, std::string>> checks; ///< message and place by name
};

/// The dictionary `{kind, name, init}` of docs/dialect.md.
mlir::DictionaryAttr bindingAttr(mlir::MLIRContext *context, BindingKind kind, const std::string &name, const Initializer *init);

} // namespace moe::frontend
