# SPDX-License-Identifier: MIT
# Compiler flags, each tried before it is used.

# JHE_TRY_CFLAG(FLAG, VARIABLE): append FLAG to VARIABLE if it compiles and
# links without a warning.
AC_DEFUN([JHE_TRY_CFLAG], [
AC_MSG_CHECKING([whether $CC takes $1])
jhe_saved_CFLAGS=$CFLAGS
jhe_saved_LDFLAGS=$LDFLAGS
CFLAGS="$CFLAGS -Werror $1"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>
#include <string.h>]], [[char line[64];
	if (fgets(line, sizeof(line), stdin) == NULL)
		return 1;
	return (int)strlen(line) == 3;]])],
    [AC_MSG_RESULT([yes]); $2="$$2 $1"],
    [AC_MSG_RESULT([no])])
CFLAGS=$jhe_saved_CFLAGS
LDFLAGS=$jhe_saved_LDFLAGS
])

# JHE_TRY_LDFLAG(FLAG, VARIABLE)
AC_DEFUN([JHE_TRY_LDFLAG], [
AC_MSG_CHECKING([whether the linker takes $1])
jhe_saved_LDFLAGS=$LDFLAGS
LDFLAGS="$LDFLAGS $1"
AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes]); $2="$$2 $1"],
    [AC_MSG_RESULT([no])])
LDFLAGS=$jhe_saved_LDFLAGS
])

AC_DEFUN([JHE_COMPILER_FLAGS], [
JHE_CFLAGS="-std=gnu11"
m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wold-style-definition -Wpointer-arith
    -Wwrite-strings -Wformat=2 -Wvla -Wcast-qual -Wundef -Wnull-dereference
    -Wimplicit-fallthrough -fno-common -fno-strict-aliasing],
    [JHE_TRY_CFLAG(flag, [JHE_CFLAGS])])
AS_IF([test "x$enable_werror" = xyes], [JHE_CFLAGS="$JHE_CFLAGS -Werror"])
AC_SUBST([JHE_CFLAGS])
])

AC_DEFUN([JHE_HARDENING_FLAGS], [
JHE_HARDEN_CFLAGS=
JHE_HARDEN_LDFLAGS=
AS_IF([test "x$enable_hardening" != xno], [
m4_foreach_w([flag], [-fstack-protector-strong -fstack-clash-protection
    -ftrivial-auto-var-init=zero -fcf-protection -ftrapv -fPIE],
    [JHE_TRY_CFLAG(flag, [JHE_HARDEN_CFLAGS])])
AS_IF([test "x$with_sanitizer" = xno],
    [JHE_TRY_CFLAG([-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2],
	[JHE_HARDEN_CFLAGS])])
m4_foreach([flag], [[-pie], [-Wl,-z,relro], [-Wl,-z,now],
    [-Wl,-z,noexecstack], [-Wl,--as-needed]],
    [JHE_TRY_LDFLAG([flag], [JHE_HARDEN_LDFLAGS])])
])
AC_SUBST([JHE_HARDEN_CFLAGS])
AC_SUBST([JHE_HARDEN_LDFLAGS])
JHE_HARDENING_SUMMARY="($JHE_HARDEN_CFLAGS$JHE_HARDEN_LDFLAGS)"
])

AC_DEFUN([JHE_SANITIZER_FLAGS], [
JHE_SANITIZE=
AS_IF([test "x$with_sanitizer" != xno],
    [JHE_TRY_CFLAG([-fsanitize=$with_sanitizer -fno-omit-frame-pointer],
	[JHE_SANITIZE])
    AS_IF([test -z "$JHE_SANITIZE"],
	[AC_MSG_ERROR([the compiler has no -fsanitize=$with_sanitizer])])
    JHE_SANITIZE="$JHE_SANITIZE -fno-sanitize-recover=all"])
AC_SUBST([JHE_SANITIZE])
])
