// Certificates and keys: read from PEM, described, and made.
#include "OpenSSLErrors.h"
#include "OpenSSLNames.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void copenssl_certificate_free(copenssl_certificate *certificate) { X509_free((X509 *)certificate); }
void copenssl_key_free(copenssl_key *key) { EVP_PKEY_free((EVP_PKEY *)key); }

// MARK: Reading

static int no_password(char *buffer, int room, int writing, void *unused) {
  (void)buffer, (void)room, (void)writing, (void)unused;
  return -1;
}

bool copenssl_read_certificates(
  const void *pem, size_t count, void *receiver, void (*found)(void *receiver, copenssl_certificate *certificate),
  copenssl_failure *failure) {
  ERR_clear_error();
  BIO *bio = count <= INT_MAX ? BIO_new_mem_buf(pem, (int)count) : NULL;
  if (!bio) {
    openssl_take_failure(failure);
    return false;
  }
  X509 *certificate;
  bool some = false;
  while ((certificate = PEM_read_bio_X509_AUX(bio, NULL, no_password, NULL))) {
    some = true;
    found(receiver, (copenssl_certificate *)certificate);
  }
  BIO_free(bio);
  // The end of the text shows as a line that does not start one.
  openssl_take_failure(failure);
  return some && failure->kind == COPENSSL_FAILURE_NO_PEM;
}

copenssl_key *copenssl_read_key(const void *pem, size_t count, copenssl_failure *failure) {
  ERR_clear_error();
  BIO *bio = count <= INT_MAX ? BIO_new_mem_buf(pem, (int)count) : NULL;
  EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
  BIO_free(bio);
  if (!key) openssl_take_failure(failure);
  ERR_clear_error();
  return (copenssl_key *)key;
}

// MARK: Describing

static void receive_text(BIO *bio, void *receiver, copenssl_field field, copenssl_field_receiver receive) {
  char *text = NULL;
  long count = BIO_get_mem_data(bio, &text);
  receive(receiver, field, text ? text : "", count > 0 ? (size_t)count : 0);
  (void)BIO_reset(bio);
}

static void receive_time(
  const ASN1_TIME *time, void *receiver, copenssl_field field, copenssl_field_receiver receive) {
  struct tm parts;
  int64_t seconds = ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : 0;
  receive(receiver, field, &seconds, sizeof seconds);
}

static void receive_names(const X509 *certificate, void *receiver, copenssl_field_receiver receive) {
  GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
  for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
    int type = 0;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
    copenssl_field field;
    switch (type) {
      case GEN_DNS: field = COPENSSL_FIELD_DNS; break;
      case GEN_IPADD: field = COPENSSL_FIELD_ADDRESS; break;
      case GEN_URI: field = COPENSSL_FIELD_URI; break;
      case GEN_EMAIL: field = COPENSSL_FIELD_EMAIL; break;
      // The others are no strings, and no name that TLS goes by.
      default: continue;
    }
    receive(receiver, field, ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
  }
  GENERAL_NAMES_free(names);
}

static void receive_key_kind(const X509 *certificate, void *receiver, copenssl_field_receiver receive) {
  char text[80] = "unknown", group[48];
  EVP_PKEY *key = X509_get0_pubkey(certificate);
  if (key && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1) {
    // The name of FIPS 186-5 where it is the usual one.
    const char *usual = EC_curve_nid2nist(OBJ_txt2nid(group));
    snprintf(text, sizeof text, "%s", usual ? usual : group);
  } else if (key && EVP_PKEY_get0_type_name(key)) {
    snprintf(text, sizeof text, "%s %d", EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key));
  }
  receive(receiver, COPENSSL_FIELD_KEY, text, strlen(text));
}

void copenssl_describe(const copenssl_certificate *described, void *receiver, copenssl_field_receiver receive) {
  X509 *certificate = (X509 *)described;
  BIO *bio = BIO_new(BIO_s_mem());
  if (!bio) return;
  // RFC 4514 with a blank behind each comma; UTF-8 stays as it is, control characters do not.
  unsigned long form = XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_DN_REV | XN_FLAG_FN_SN | XN_FLAG_DUMP_UNKNOWN_FIELDS
    | (ASN1_STRFLGS_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
  X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, form);
  receive_text(bio, receiver, COPENSSL_FIELD_SUBJECT, receive);
  X509_NAME_print_ex(bio, X509_get_issuer_name(certificate), 0, form);
  receive_text(bio, receiver, COPENSSL_FIELD_ISSUER, receive);
  i2a_ASN1_INTEGER(bio, X509_get0_serialNumber(certificate));
  receive_text(bio, receiver, COPENSSL_FIELD_SERIAL, receive);
  receive_key_kind(certificate, receiver, receive);
  const char *signature = OBJ_nid2sn(X509_get_signature_nid(certificate));
  if (signature) receive(receiver, COPENSSL_FIELD_SIGNATURE, signature, strlen(signature));
  receive_time(X509_get0_notBefore(certificate), receiver, COPENSSL_FIELD_NOT_BEFORE, receive);
  receive_time(X509_get0_notAfter(certificate), receiver, COPENSSL_FIELD_NOT_AFTER, receive);
  receive_names(certificate, receiver, receive);
  if (i2d_X509_bio(bio, certificate) == 1) receive_text(bio, receiver, COPENSSL_FIELD_DER, receive);
  (void)BIO_reset(bio);
  if (PEM_write_bio_X509(bio, certificate) == 1) receive_text(bio, receiver, COPENSSL_FIELD_PEM, receive);
  BIO_free(bio);
  // What cannot be shown is no error of any call.
  ERR_clear_error();
}

// MARK: Making

copenssl_key *copenssl_make_key(unsigned rsa_bits, copenssl_failure *failure) {
  ERR_clear_error();
  EVP_PKEY *key = rsa_bits == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")
                                : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)rsa_bits);
  if (!key) openssl_take_failure(failure);
  return (copenssl_key *)key;
}

bool copenssl_describe_key(const copenssl_key *key, void *receiver, copenssl_field_receiver receive) {
  ERR_clear_error();
  BIO *bio = BIO_new(BIO_s_mem());
  bool good = bio && PEM_write_bio_PKCS8PrivateKey(bio, (EVP_PKEY *)key, NULL, NULL, 0, NULL, NULL) == 1;
  if (good) receive_text(bio, receiver, COPENSSL_FIELD_PEM, receive);
  BIO_free(bio);
  ERR_clear_error();
  return good;
}

static bool set_serial(X509 *certificate) {
  unsigned char number[16];
  if (RAND_bytes(number, sizeof number) != 1) return false;
  // Positive, and of one length.
  number[0] = (unsigned char)((number[0] & 0x7f) | 0x40);
  return ASN1_STRING_set(X509_get_serialNumber(certificate), number, sizeof number) == 1;
}

static bool add_basic_constraints(X509 *certificate, bool authority) {
  BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();
  if (!constraints) return false;
  constraints->ca = authority ? 0xff : 0;
  bool good = X509_add1_ext_i2d(certificate, NID_basic_constraints, constraints, 1, X509V3_ADD_DEFAULT) == 1;
  BASIC_CONSTRAINTS_free(constraints);
  return good;
}

static bool add_key_usage(X509 *certificate, bool authority, bool encipherment) {
  ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();
  if (!usage) return false;
  // RFC 5280 section 4.2.1.3: 0 digitalSignature, 2 keyEncipherment, 5 keyCertSign, 6 cRLSign.
  bool good = authority ? ASN1_BIT_STRING_set_bit(usage, 5, 1) == 1 && ASN1_BIT_STRING_set_bit(usage, 6, 1) == 1
                        : ASN1_BIT_STRING_set_bit(usage, 0, 1) == 1
                            && (!encipherment || ASN1_BIT_STRING_set_bit(usage, 2, 1) == 1);
  good = good && X509_add1_ext_i2d(certificate, NID_key_usage, usage, 1, X509V3_ADD_DEFAULT) == 1;
  ASN1_BIT_STRING_free(usage);
  return good;
}

static bool add_extended_usage(X509 *certificate, const copenssl_request *request) {
  struct {
    bool wanted;
    int nid;
  } all[] = {
    {request->for_server, NID_server_auth}, {request->for_client, NID_client_auth}, {request->for_code, NID_code_sign}};
  EXTENDED_KEY_USAGE *usages = sk_ASN1_OBJECT_new_null();
  bool good = usages != NULL;
  for (size_t i = 0; good && i < sizeof all / sizeof *all; i++) {
    if (all[i].wanted) good = sk_ASN1_OBJECT_push(usages, OBJ_nid2obj(all[i].nid)) > 0;
  }
  if (good && sk_ASN1_OBJECT_num(usages) > 0) {
    good = X509_add1_ext_i2d(certificate, NID_ext_key_usage, usages, 0, X509V3_ADD_DEFAULT) == 1;
  }
  // The objects are the library's own.
  sk_ASN1_OBJECT_free(usages);
  return good;
}

static bool push_name(GENERAL_NAMES *names, const copenssl_name *one) {
  int type = one->kind == COPENSSL_FIELD_DNS ? GEN_DNS
    : one->kind == COPENSSL_FIELD_ADDRESS    ? GEN_IPADD
    : one->kind == COPENSSL_FIELD_URI        ? GEN_URI
                                             : GEN_EMAIL;
  ASN1_STRING *value = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
  GENERAL_NAME *name = GENERAL_NAME_new();
  if (!value || !name || one->count > INT_MAX || ASN1_STRING_set(value, one->bytes, (int)one->count) != 1) {
    ASN1_STRING_free(value);
    GENERAL_NAME_free(name);
    return false;
  }
  GENERAL_NAME_set0_value(name, type, value);
  if (sk_GENERAL_NAME_push(names, name) > 0) return true;
  GENERAL_NAME_free(name);
  return false;
}

static bool add_names(X509 *certificate, const copenssl_request *request) {
  if (request->name_count == 0) return true;
  GENERAL_NAMES *names = GENERAL_NAMES_new();
  bool good = names != NULL;
  for (size_t i = 0; good && i < request->name_count; i++) good = push_name(names, &request->names[i]);
  good = good && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
  GENERAL_NAMES_free(names);
  return good;
}

// By the SHA-1 of the public key (RFC 5280 section 4.2.1.2), which is an identifier there and no protection.
static ASN1_OCTET_STRING *key_identifier(const X509 *certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned count = 0;
  ASN1_OCTET_STRING *identifier = ASN1_OCTET_STRING_new();
  if (identifier && X509_pubkey_digest(certificate, EVP_sha1(), digest, &count) == 1
      && ASN1_STRING_set(identifier, digest, (int)count) == 1) {
    return identifier;
  }
  ASN1_STRING_free(identifier);
  return NULL;
}

static bool add_key_identifiers(X509 *certificate, const X509 *issuer) {
  ASN1_OCTET_STRING *subject = key_identifier(certificate);
  bool good = subject
    && X509_add1_ext_i2d(certificate, NID_subject_key_identifier, subject, 0, X509V3_ADD_DEFAULT) == 1;
  ASN1_STRING_free(subject);
  AUTHORITY_KEYID *authority = AUTHORITY_KEYID_new();
  if (authority) authority->keyid = key_identifier(issuer);
  good = good && authority && authority->keyid
    && X509_add1_ext_i2d(certificate, NID_authority_key_identifier, authority, 0, X509V3_ADD_DEFAULT) == 1;
  AUTHORITY_KEYID_free(authority);
  return good;
}

copenssl_certificate *copenssl_make_certificate(
  const copenssl_request *request, const copenssl_key *key, const copenssl_certificate *issuer,
  const copenssl_key *issuer_key, copenssl_failure *failure) {
  ERR_clear_error();
  X509 *certificate = X509_new();
  EVP_PKEY *subject_key = (EVP_PKEY *)key, *signing_key = (EVP_PKEY *)(issuer ? issuer_key : key);
  X509_NAME *subject = certificate ? X509_get_subject_name(certificate) : NULL;
  const unsigned char *common_name = (const unsigned char *)request->common_name;
  bool good = subject
    && X509_set_version(certificate, X509_VERSION_3) == 1
    && set_serial(certificate)
    && ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)request->not_before)
    && ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)request->not_after)
    && X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, common_name, -1, -1, 0) == 1
    && X509_set_issuer_name(certificate, issuer ? X509_get_subject_name((X509 *)issuer) : subject) == 1
    && X509_set_pubkey(certificate, subject_key) == 1
    && add_basic_constraints(certificate, request->authority)
    && add_key_usage(certificate, request->authority, EVP_PKEY_is_a(subject_key, "RSA") == 1)
    && add_extended_usage(certificate, request)
    && add_names(certificate, request)
    && add_key_identifiers(certificate, issuer ? (X509 *)issuer : certificate)
    && X509_sign(certificate, signing_key, request->sha1 ? EVP_sha1() : EVP_sha256()) > 0;
  if (!good) {
    openssl_take_failure(failure);
    X509_free(certificate);
    return NULL;
  }
  return (copenssl_certificate *)certificate;
}
