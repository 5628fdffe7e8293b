// A worker module for tests that is one function.
module.exports = (input) => input;
