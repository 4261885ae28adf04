"""The reference definitions, one file per subject. `modules.table()` imports them all."""
