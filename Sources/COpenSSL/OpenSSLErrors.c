// The library's errors, brought to what callers tell apart.
#include "OpenSSLErrors.h"
#include "OpenSSLNames.h"

#include <stdio.h>
#include <string.h>

static copenssl_failure_kind ssl_kind(int reason) {
  // An alert that came: its number is the reason's, less 1000.
  if (reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256) return COPENSSL_FAILURE_ALERT;
  switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED: return COPENSSL_FAILURE_VERIFICATION;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return COPENSSL_FAILURE_NO_PEER_CERTIFICATE;
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST: return COPENSSL_FAILURE_NOT_TLS;
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_NO_PROTOCOLS_AVAILABLE: return COPENSSL_FAILURE_VERSION;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_CIPHERS_AVAILABLE:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS: return COPENSSL_FAILURE_NOTHING_SHARED;
    case SSL_R_NO_APPLICATION_PROTOCOL: return COPENSSL_FAILURE_NO_APPLICATION_PROTOCOL;
    case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
    case SSL_R_BAD_RECORD_TYPE:
    case SSL_R_RECORD_LENGTH_MISMATCH:
    case SSL_R_RECORD_TOO_SMALL:
    case SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
    case SSL_R_DATA_LENGTH_TOO_LONG:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_LENGTH_TOO_LONG: return COPENSSL_FAILURE_BAD_RECORD;
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_UNEXPECTED_RECORD: return COPENSSL_FAILURE_UNEXPECTED_MESSAGE;
    case SSL_R_PROTOCOL_IS_SHUTDOWN:
    case SSL_R_SHUTDOWN_WHILE_IN_INIT:
    case SSL_R_STILL_IN_INIT: return COPENSSL_FAILURE_MISUSE;
    case SSL_R_PRIVATE_KEY_MISMATCH: return COPENSSL_FAILURE_KEY_MISMATCH;
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_CA_KEY_TOO_SMALL:
    case SSL_R_CA_MD_TOO_WEAK: return COPENSSL_FAILURE_WEAK_CERTIFICATE;
    default: return COPENSSL_FAILURE_OTHER;
  }
}

static copenssl_failure_kind kind_of(unsigned long code) {
  int reason = ERR_GET_REASON(code);
  switch (ERR_GET_LIB(code)) {
    case ERR_LIB_SSL: return ssl_kind(reason);
    case ERR_LIB_X509:
      return reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH ? COPENSSL_FAILURE_KEY_MISMATCH
                                                                                         : COPENSSL_FAILURE_OTHER;
    case ERR_LIB_PEM:
      if (reason == PEM_R_NO_START_LINE) return COPENSSL_FAILURE_NO_PEM;
      return reason == PEM_R_BAD_PASSWORD_READ ? COPENSSL_FAILURE_ENCRYPTED_KEY : COPENSSL_FAILURE_OTHER;
    default: return COPENSSL_FAILURE_OTHER;
  }
}

void openssl_take_failure(copenssl_failure *failure) {
  failure->kind = COPENSSL_FAILURE_OTHER;
  failure->text[0] = 0;
  const char *data = NULL;
  int flags = 0;
  unsigned long code;
  // The first is the cause, and the others what came of it; but one that can be told apart says more.
  while ((code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) != 0) {
    copenssl_failure_kind kind = kind_of(code);
    if (failure->text[0] && (failure->kind != COPENSSL_FAILURE_OTHER || kind == COPENSSL_FAILURE_OTHER)) continue;
    failure->kind = kind;
    const char *reason = ERR_reason_error_string(code);
    bool has_data = (flags & ERR_TXT_STRING) && data && *data;
    if (reason) {
      snprintf(failure->text, sizeof failure->text, has_data ? "%s (%s)" : "%s", reason, data);
    } else {
      snprintf(failure->text, sizeof failure->text, "error %lX", code);
    }
  }
  ERR_clear_error();
}
