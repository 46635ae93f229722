"""Pictures that Tuya's side fetches from here, by addresses that live for minutes."""
