// A worker module for tests that is never loaded to its end.
for (;;);
