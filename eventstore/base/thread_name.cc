#include "eventstore/base/thread_name.h"

#include <pthread.h>

#include "eventstore/base/check.h"

namespace jalon {

void NameThread(const char* name) { JALON_CHECK(pthread_setname_np(pthread_self(), name) == 0); }

}  // namespace jalon
