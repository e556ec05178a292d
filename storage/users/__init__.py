"""Users and communities: accounts, links, rights, erasure and export."""
