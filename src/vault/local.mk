# SPDX-License-Identifier: MIT
noinst_LIBRARIES += src/vault/libvault.a
src_vault_libvault_a_SOURCES = %D%/tokens.c %D%/tokens.h
