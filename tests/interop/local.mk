# Clients of npm, Chromium and a second provider before the program, by pytest.
# They need npm (any), its registry once per build tree, chromium and
# chromium-driver; what is missing is told and skipped.
EXTRA_DIST += \
	%D%/check.mjs \
	%D%/chromium.py \
	%D%/conversation.mjs \
	%D%/npm.py \
	%D%/package-lock.json \
	%D%/package.json \
	%D%/provider.py \
	%D%/schemas.mjs \
	%D%/sdk-v1.mjs \
	%D%/sdk-v2.mjs \
	tests/exchange/oidc-provider.mjs \
	tests/system/test_interop.py \
	tests/system/test_interop_browser.py \
	tests/system/test_interop_provider.py \
	tests/system/test_interop_schemas.py

.PHONY: check-interop
check-interop:
	$(MAKE) $(AM_MAKEFLAGS) all tests/tools/call
	TOP_BUILDDIR=$(abs_top_builddir) JHE_MCP=$(abs_top_builddir)/bin/jhe-mcp \
	    PYTHONDONTWRITEBYTECODE=1 $(PYTHON3) -B -m pytest \
	    -p no:cacheprovider $(PYTESTFLAGS) \
	    $(abs_top_srcdir)/tests/system/test_interop.py \
	    $(abs_top_srcdir)/tests/system/test_interop_browser.py \
	    $(abs_top_srcdir)/tests/system/test_interop_provider.py \
	    $(abs_top_srcdir)/tests/system/test_interop_schemas.py

# What npm installed stays for the next run, until here.
distclean-local:
	rm -rf $(abs_top_builddir)/tests/interop/npm
