// A worker module for tests that ends its thread while it is loaded.
process.exit(4);
