/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL's headers, for the files of this folder.  OpenSSL has a type of
 * the name ERR_STATE, which nobody uses; base/err.h has the constant.
 */
#ifndef OAUTH_OPENSSL_H
#define OAUTH_OPENSSL_H

#define ERR_STATE	openssl_err_state
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#undef ERR_STATE

#endif
