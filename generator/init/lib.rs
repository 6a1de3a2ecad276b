rekindle_runtime::include_clients!();
