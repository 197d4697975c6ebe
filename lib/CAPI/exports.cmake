# Writes the version script of libmoe: it exports moe.h and what the public headers declare; everything else stays inside.
#   cmake -DHEADERS=a.h|b.h -DOUT=exports.map -P exports.cmake
# In the headers declarations of the namespace stand at the beginning of a line; inline functions are the host's own.

string(REPLACE "|" ";" HEADERS "${HEADERS}")
set(patterns)
foreach(header ${HEADERS})
  file(READ ${header} text)
  string(REPLACE "[[nodiscard]] " "" text "\n${text}")
  string(REGEX MATCHALL "\n(class|struct) [A-Z][A-Za-z0-9]* [{:f]" classes "${text}")
  foreach(class ${classes})
    string(REGEX REPLACE "\n(class|struct) ([A-Za-z0-9]+).*" "\\2" name "${class}")
    list(APPEND patterns "moe::${name}::*" "\"vtable for moe::${name}\"" "\"typeinfo for moe::${name}\"" "\"typeinfo name for moe::${name}\"")
  endforeach()
  string(REGEX MATCHALL "\n[A-Za-z][A-Za-z0-9_:<>,&* ]*[ *&][a-z][A-Za-z0-9]*\\(" functions "${text}")
  foreach(function ${functions})
    if(function MATCHES "^\n(inline|constexpr|static|template|using|return) ")
      continue()
    endif()
    string(REGEX REPLACE ".*[ *&]([a-z][A-Za-z0-9]*)\\($" "\\1" name "${function}")
    list(APPEND patterns "moe::${name}*") # GNU ld has no pattern with a parenthesis
  endforeach()
endforeach()
list(REMOVE_DUPLICATES patterns)
list(SORT patterns)
list(JOIN patterns ";\n      " lines)
file(WRITE ${OUT} "{\n  global:\n    moe_*;\n    extern \"C++\" {\n      ${lines};\n    };\n  local:\n    *;\n};\n")
