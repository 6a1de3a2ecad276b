rekindle_testkit::include_conformance!(hello);
