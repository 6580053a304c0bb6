// Digests from OpenSSL's libcrypto, which is loaded at the first use. All functions may be called from any thread.
// COpenSSLTLS.h has the rest.
#ifndef COPENSSL_H
#define COPENSSL_H

#include "COpenSSLTLS.h"

#include <stddef.h>

typedef enum {
  COPENSSL_MD5,
  COPENSSL_SHA1,
  COPENSSL_SHA224,
  COPENSSL_SHA256,
  COPENSSL_SHA384,
  COPENSSL_SHA512,
} copenssl_algorithm;

typedef enum {
  COPENSSL_DONE,
  // There is no libcrypto.so.3, or it lacks a function.
  COPENSSL_NO_LIBRARY,
  // The library knows the digest but does not compute it (FIPS mode and MD5), or the key is longer than 2 GiB.
  COPENSSL_REFUSED,
} copenssl_result;

enum { COPENSSL_MAXIMUM_DIGEST = 64 };

// Writes the digest to `digest`, which has room for COPENSSL_MAXIMUM_DIGEST bytes, and its length to `length`.
copenssl_result copenssl_digest(
  copenssl_algorithm algorithm, const void *data, size_t count, unsigned char *digest, ptrdiff_t *length);

copenssl_result copenssl_hmac(
  copenssl_algorithm algorithm, const void *key, size_t key_count, const void *data, size_t count,
  unsigned char *digest, ptrdiff_t *length);

// PBKDF2 (RFC 8018) by HMAC with the digest: writes `length` bytes, 1 or more, to `key`.
copenssl_result copenssl_pbkdf2(
  copenssl_algorithm algorithm, const void *password, size_t password_count, const void *salt, size_t salt_count,
  ptrdiff_t iterations, unsigned char *key, size_t length);

#endif
