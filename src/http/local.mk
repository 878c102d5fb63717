noinst_LIBRARIES += src/http/libhttp.a
src_http_libhttp_a_SOURCES = \
	%D%/query.c %D%/query.h \
	%D%/request.c %D%/request.h \
	%D%/response.c %D%/response.h
