// Handles of librhonabwy and jansson that free themselves. Only this folder includes them.
#pragma once

#include <rhonabwy.h>

#include <cstdlib>
#include <memory>

namespace jalon::token {

struct FreeJose {
  void operator()(jwt_t* token) const { r_jwt_free(token); }
  void operator()(json_t* json) const { json_decref(json); }  // keys and sets of keys are JSON too
  void operator()(char* text) const { r_free(text); }
};
template <typename T>
using Jose = std::unique_ptr<T, FreeJose>;

inline Jose<jwk_t> NewKey() {
  jwk_t* key = nullptr;
  r_jwk_init(&key);
  return Jose<jwk_t>(key);
}
inline Jose<jwt_t> NewToken() {
  jwt_t* token = nullptr;
  r_jwt_init(&token);
  return Jose<jwt_t>(token);
}

}  // namespace jalon::token
