# SPDX-License-Identifier: MIT
"""What the system tests are made of; one module per thing that runs."""
