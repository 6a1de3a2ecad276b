//! Do the clients keep their contracts?

rekindle_testkit::include_conformance!(build_script);
