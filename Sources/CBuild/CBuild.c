#include "CBuild.h"

#include <stddef.h>

#ifndef SOCK_COMMIT
#define SOCK_COMMIT NULL
#endif

const char *cbuild_commit(void) { return SOCK_COMMIT; }
