// What the files of this folder share.
#ifndef OPENSSL_ERRORS_H
#define OPENSSL_ERRORS_H

#include "COpenSSLTLS.h"

// Says what the library's queue of errors tells, and empties it.
void openssl_take_failure(copenssl_failure *failure);

// Makes the BIO by which sessions use their wire.
bool openssl_make_wire_method(void);

#endif
