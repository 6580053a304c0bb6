// The functions of libssl and libcrypto that are called, each by a pointer that OpenSSLFunctions.c finds.
#ifndef OPENSSL_FUNCTIONS_H
#define OPENSSL_FUNCTIONS_H

#define OPENSSL_API_COMPAT 30000
#define OPENSSL_NO_DEPRECATED

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#define OPENSSL_SSL_FUNCTIONS(EACH) \
  EACH(OPENSSL_cipher_name) EACH(OPENSSL_init_ssl) EACH(SSL_CIPHER_standard_name) EACH(SSL_CTX_add_client_CA) \
  EACH(SSL_CTX_callback_ctrl) \
  EACH(SSL_CTX_clear_options) EACH(SSL_CTX_ctrl) EACH(SSL_CTX_free) EACH(SSL_CTX_get_cert_store) \
  EACH(SSL_CTX_get_ex_data) EACH(SSL_CTX_new) EACH(SSL_CTX_sess_set_new_cb) EACH(SSL_CTX_set1_cert_store) \
  EACH(SSL_CTX_set_alpn_protos) EACH(SSL_CTX_set_alpn_select_cb) EACH(SSL_CTX_set_cert_cb) \
  EACH(SSL_CTX_set_cipher_list) EACH(SSL_CTX_set_ciphersuites) EACH(SSL_CTX_set_default_passwd_cb) \
  EACH(SSL_CTX_set_ex_data) EACH(SSL_CTX_set_info_callback) EACH(SSL_CTX_set_keylog_callback) \
  EACH(SSL_CTX_set_num_tickets) EACH(SSL_CTX_set_options) EACH(SSL_CTX_set_security_level) \
  EACH(SSL_CTX_set_session_id_context) EACH(SSL_CTX_set_verify) EACH(SSL_CTX_use_cert_and_key) \
  EACH(SSL_SESSION_free) EACH(SSL_SESSION_get_max_fragment_length) EACH(SSL_certs_clear) EACH(SSL_ctrl) \
  EACH(SSL_do_handshake) EACH(SSL_export_keying_material) EACH(SSL_free) EACH(SSL_get0_alpn_selected) \
  EACH(SSL_get0_param) EACH(SSL_get0_peer_certificate) EACH(SSL_get_SSL_CTX) EACH(SSL_get_current_cipher) \
  EACH(SSL_get_error) EACH(SSL_get_ex_data_X509_STORE_CTX_idx) EACH(SSL_get_peer_cert_chain) EACH(SSL_get_rbio) \
  EACH(SSL_get_servername) EACH(SSL_get_session) EACH(SSL_get_verify_result) EACH(SSL_group_to_name) \
  EACH(SSL_has_pending) EACH(SSL_is_init_finished) EACH(SSL_is_server) EACH(SSL_key_update) EACH(SSL_new) \
  EACH(SSL_peek_ex) EACH(SSL_pending) EACH(SSL_read_ex) EACH(SSL_select_next_proto) EACH(SSL_session_reused) \
  EACH(SSL_set_accept_state) EACH(SSL_set_bio) EACH(SSL_set_connect_state) EACH(SSL_set_quiet_shutdown) \
  EACH(SSL_set_session) EACH(SSL_shutdown) EACH(SSL_use_cert_and_key) EACH(SSL_version) EACH(SSL_write_ex) \
  EACH(TLS_client_method) EACH(TLS_server_method)

#define OPENSSL_CRYPTO_FUNCTIONS(EACH) \
  EACH(ASN1_BIT_STRING_free) EACH(ASN1_BIT_STRING_new) EACH(ASN1_BIT_STRING_set_bit) EACH(ASN1_IA5STRING_new) \
  EACH(ASN1_OCTET_STRING_new) EACH(ASN1_STRING_free) EACH(ASN1_STRING_get0_data) EACH(ASN1_STRING_length) \
  EACH(ASN1_STRING_set) EACH(ASN1_TIME_set) EACH(ASN1_TIME_to_tm) EACH(AUTHORITY_KEYID_free) \
  EACH(AUTHORITY_KEYID_new) EACH(BASIC_CONSTRAINTS_free) EACH(BASIC_CONSTRAINTS_new) EACH(BIO_clear_flags) \
  EACH(BIO_ctrl) EACH(BIO_free) EACH(BIO_get_data) EACH(BIO_get_new_index) EACH(BIO_meth_new) \
  EACH(BIO_meth_set_ctrl) EACH(BIO_meth_set_read_ex) EACH(BIO_meth_set_write_ex) EACH(BIO_new) EACH(BIO_new_mem_buf) \
  EACH(BIO_s_mem) EACH(BIO_set_data) EACH(BIO_set_flags) EACH(BIO_set_init) EACH(EC_curve_nid2nist) \
  EACH(ERR_clear_error) EACH(ERR_get_error_all) EACH(ERR_peek_error) EACH(ERR_reason_error_string) \
  EACH(EVP_PKEY_Q_keygen) EACH(EVP_PKEY_free) EACH(EVP_PKEY_get0_type_name) EACH(EVP_PKEY_get_bits) \
  EACH(EVP_PKEY_get_group_name) EACH(EVP_PKEY_is_a) EACH(EVP_PKEY_up_ref) EACH(EVP_sha1) EACH(EVP_sha256) \
  EACH(GENERAL_NAMES_free) EACH(GENERAL_NAMES_new) EACH(GENERAL_NAME_free) EACH(GENERAL_NAME_get0_value) \
  EACH(GENERAL_NAME_new) EACH(GENERAL_NAME_set0_value) EACH(OBJ_nid2obj) EACH(OBJ_nid2sn) EACH(OBJ_txt2nid) \
  EACH(OPENSSL_sk_free) EACH(OPENSSL_sk_insert) EACH(OPENSSL_sk_new_null) EACH(OPENSSL_sk_num) \
  EACH(OPENSSL_sk_pop_free) EACH(OPENSSL_sk_push) EACH(OPENSSL_sk_value) EACH(OpenSSL_version) \
  EACH(PEM_read_bio_PrivateKey) \
  EACH(PEM_read_bio_X509_AUX) EACH(PEM_write_bio_PKCS8PrivateKey) EACH(PEM_write_bio_X509) EACH(RAND_bytes) \
  EACH(X509_NAME_add_entry_by_NID) EACH(X509_NAME_print_ex) EACH(X509_STORE_CTX_get0_cert) \
  EACH(X509_STORE_CTX_get0_untrusted) EACH(X509_STORE_CTX_get_current_cert) EACH(X509_STORE_CTX_get_error) \
  EACH(X509_STORE_CTX_get_error_depth) EACH(X509_STORE_CTX_get_ex_data) EACH(X509_STORE_add_cert) \
  EACH(X509_STORE_free) EACH(X509_STORE_new) EACH(X509_STORE_set_default_paths) EACH(X509_STORE_set_flags) \
  EACH(X509_VERIFY_PARAM_set1_host) EACH(X509_VERIFY_PARAM_set1_ip) EACH(X509_VERIFY_PARAM_set_hostflags) \
  EACH(X509_add1_ext_i2d) EACH(X509_chain_up_ref) EACH(X509_check_host) EACH(X509_cmp) EACH(X509_free) \
  EACH(X509_get0_notAfter) EACH(X509_get0_notBefore) EACH(X509_get0_pubkey) EACH(X509_get0_serialNumber) \
  EACH(X509_get_ext_d2i) EACH(X509_get_issuer_name) EACH(X509_get_serialNumber) EACH(X509_get_signature_nid) \
  EACH(X509_get_subject_name) EACH(X509_getm_notAfter) EACH(X509_getm_notBefore) EACH(X509_new) \
  EACH(X509_pubkey_digest) EACH(X509_set_issuer_name) EACH(X509_set_pubkey) EACH(X509_set_version) EACH(X509_sign) \
  EACH(X509_up_ref) EACH(X509_verify_cert_error_string) EACH(i2a_ASN1_INTEGER) EACH(i2d_X509_bio)

#define OPENSSL_POINTER(name) __typeof__(&name) name;
typedef struct {
  OPENSSL_SSL_FUNCTIONS(OPENSSL_POINTER)
  OPENSSL_CRYPTO_FUNCTIONS(OPENSSL_POINTER)
} openssl_functions;
#undef OPENSSL_POINTER

// Set by copenssl_load, which comes before everything else.
extern openssl_functions openssl;

#endif
