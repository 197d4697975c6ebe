# How every library of the project is declared.
#
#   moe_library(NAME SOURCES ... DEPENDS ...)       knows nothing of LLVM (Support, Runtime, Training)
#   moe_mlir_library(NAME SOURCES ... DEPENDS ...)  uses MLIR: its headers are precompiled once for all
#   moe_tablegen(NAME FILE.td FLAG OUT ...)         runs mlir-tblgen

add_compile_options(-Wall -Wextra -Wno-unused-parameter)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  add_compile_options(-Wno-deprecated-declarations)
endif()
if(MOE_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined -fno-sanitize=vptr)
endif()

if(MOE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize-recover=undefined)
endif()

separate_arguments(MOE_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")

# The flags and headers that every translation unit using MLIR shares.
add_library(moe_mlir_flags INTERFACE)
target_compile_definitions(moe_mlir_flags INTERFACE)
target_compile_options(moe_mlir_flags INTERFACE ${MOE_LLVM_DEFINITIONS})
target_include_directories(moe_mlir_flags SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
target_include_directories(moe_mlir_flags INTERFACE
  ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include ${CMAKE_BINARY_DIR})

file(WRITE ${CMAKE_BINARY_DIR}/moe_pch.cpp.in "// Owner of the precompiled header.\n")
configure_file(${CMAKE_BINARY_DIR}/moe_pch.cpp.in ${CMAKE_BINARY_DIR}/moe_pch.cpp COPYONLY)
add_library(moe_pch OBJECT ${CMAKE_BINARY_DIR}/moe_pch.cpp)
target_link_libraries(moe_pch PUBLIC moe_mlir_flags)
target_precompile_headers(moe_pch PRIVATE
  <memory> <string> <vector> <functional>
  <mlir/IR/Builders.h> <mlir/IR/BuiltinOps.h> <mlir/IR/BuiltinTypes.h> <mlir/IR/BuiltinAttributes.h>
  <mlir/IR/AffineMap.h> <mlir/IR/AffineExpr.h> <mlir/IR/Dialect.h> <mlir/IR/MLIRContext.h>
  <mlir/IR/OpDefinition.h> <mlir/IR/OpImplementation.h> <mlir/IR/PatternMatch.h> <mlir/IR/Diagnostics.h>
  <mlir/IR/DialectImplementation.h> <mlir/IR/SymbolTable.h> <mlir/IR/IRMapping.h> <mlir/IR/Verifier.h>
  <mlir/Interfaces/SideEffectInterfaces.h> <mlir/Interfaces/InferTypeOpInterface.h>
  <mlir/Dialect/Func/IR/FuncOps.h> <mlir/Dialect/Arith/IR/Arith.h>
  <mlir/Pass/Pass.h> <mlir/Pass/PassManager.h>
  <llvm/ADT/TypeSwitch.h> <llvm/ADT/STLExtras.h> <llvm/ADT/StringMap.h> <llvm/Support/FormatVariadic.h>)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  set_property(TARGET moe_pch PROPERTY CXX_CLANG_TIDY "")
  target_compile_options(moe_mlir_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()

function(moe_library name)
  cmake_parse_arguments(A "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${A_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include ${CMAKE_BINARY_DIR})
  target_link_libraries(${name} PUBLIC ${A_DEPENDS})
endfunction()

function(moe_mlir_library name)
  cmake_parse_arguments(A "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${A_SOURCES})
  target_link_libraries(${name} PUBLIC moe_mlir_flags ${A_DEPENDS} MLIR LLVM)
  target_precompile_headers(${name} REUSE_FROM moe_pch)
  if(TARGET moe_tablegen_headers AND NOT name STREQUAL "moe_pch")
    add_dependencies(${name} moe_tablegen_headers)
  endif()
endfunction()

# Every generated header hangs on one target, so that libraries need not name them.
add_custom_target(moe_tablegen_headers)
function(moe_tablegen target td)
  set(LLVM_TARGET_DEFINITIONS ${td})
  set(TABLEGEN_OUTPUT)
  set(args ${ARGN})
  while(args)
    list(POP_FRONT args out flags)
    separate_arguments(flags)
    mlir_tablegen(${out} ${flags} -I${CMAKE_SOURCE_DIR} -I${MLIR_INCLUDE_DIRS})
  endwhile()
  add_custom_target(${target} DEPENDS ${TABLEGEN_OUTPUT})
  add_dependencies(moe_tablegen_headers ${target})
endfunction()
