/* SPDX-License-Identifier: MIT */
/*
 * libpq, loaded by the worker that connects and by no other.  It brings
 * twenty more libraries (LDAP, Kerberos, GnuTLS), which take longer to load
 * and more memory than all the rest of a worker, and which one that serves a
 * client before it has a database must not have.
 *
 * Include this in place of libpq-fe.h: calls look the same.
 */
#ifndef DB_LIBPQ_H
#define DB_LIBPQ_H

#include <libpq-fe.h>

struct libpq {
#define LIBPQ(name)	__typeof__(name)	*name;
#include "db/libpq.def"
#undef LIBPQ
};

/* Filled in once by libpq_load(); without it, nothing here may be called. */
extern struct libpq	libpq;

/* Load it, if it is not.  0; ERR_SYSTEM: it is not installed, or too old. */
int	libpq_load(void);

/* Who loads them needs the names themselves. */
#ifndef LIBPQ_NAMES
#define PQbackendPID		libpq.PQbackendPID
#define PQclear			libpq.PQclear
#define PQconnectPoll		libpq.PQconnectPoll
#define PQconnectStartParams	libpq.PQconnectStartParams
#define PQconnectionNeedsPassword	libpq.PQconnectionNeedsPassword
#define PQconninfoFree		libpq.PQconninfoFree
#define PQconninfoParse		libpq.PQconninfoParse
#define PQconsumeInput		libpq.PQconsumeInput
#define PQdb			libpq.PQdb
#define PQenterPipelineMode	libpq.PQenterPipelineMode
#define PQerrorMessage		libpq.PQerrorMessage
#define PQfinish		libpq.PQfinish
#define PQflush			libpq.PQflush
#define PQfreemem		libpq.PQfreemem
#define PQgetResult		libpq.PQgetResult
#define PQgetisnull		libpq.PQgetisnull
#define PQgetlength		libpq.PQgetlength
#define PQgetvalue		libpq.PQgetvalue
#define PQhost			libpq.PQhost
#define PQisBusy		libpq.PQisBusy
#define PQnfields		libpq.PQnfields
#define PQparameterStatus	libpq.PQparameterStatus
#define PQpipelineSync		libpq.PQpipelineSync
#define PQresultErrorField	libpq.PQresultErrorField
#define PQresultStatus		libpq.PQresultStatus
#define PQsendPrepare		libpq.PQsendPrepare
#define PQsendQueryPrepared	libpq.PQsendQueryPrepared
#define PQserverVersion		libpq.PQserverVersion
#define PQsetErrorVerbosity	libpq.PQsetErrorVerbosity
#define PQsetNoticeReceiver	libpq.PQsetNoticeReceiver
#define PQsetSingleRowMode	libpq.PQsetSingleRowMode
#define PQsetnonblocking	libpq.PQsetnonblocking
#define PQsocket		libpq.PQsocket
#define PQsslInUse		libpq.PQsslInUse
#define PQstatus		libpq.PQstatus
#endif

#endif
