"""Services outside: cached answers, connected accounts, errands and releases."""
