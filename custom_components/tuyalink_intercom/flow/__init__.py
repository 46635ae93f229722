"""The pages on which a user sets a project up and changes it; `config_flow` leads to them."""
