# Completions, made from the program's own tables; where Debian's shells look.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/vendor-completions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
nodist_bashcompletion_DATA = %D%/bash/jhe-mcp
nodist_zshcompletion_DATA = %D%/zsh/_jhe-mcp
nodist_fishcompletion_DATA = %D%/fish/jhe-mcp.fish

completion_made = %D%/bash/jhe-mcp %D%/zsh/_jhe-mcp %D%/fish/jhe-mcp.fish
completion_tables = src/cli/commands.def src/conf/options.def \
	$(tool_definitions)
CLEANFILES += $(completion_made)
EXTRA_DIST += build-aux/completion.awk

# The shell is the folder's name; of the tables, names are relative to srcdir.
$(completion_made): build-aux/completion.awk $(completion_tables)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && out=`cd $(@D) && pwd` && \
	name=`basename $@` && \
	(cd $(srcdir) && $(AWK) -v shell=`basename $(@D)` \
	    -f build-aux/completion.awk $(completion_tables)) \
	    >"$$out/.made" && mv "$$out/.made" "$$out/$$name"
