// A worker module for tests that can't be loaded.
throw new TypeError('the font is missing');
