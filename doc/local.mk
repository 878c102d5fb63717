# SPDX-License-Identifier: MIT
dist_doc_DATA += %D%/privsep.md
