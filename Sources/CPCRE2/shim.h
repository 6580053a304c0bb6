// PCRE2 over bytes: its header wants the width of a code unit before it is read.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
