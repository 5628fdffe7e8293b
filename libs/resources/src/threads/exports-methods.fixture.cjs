// A worker module for tests whose functions are methods, and called like classes.
module.exports = {
  classify(input) {
    return `${input} is classified`;
  },
  class(input) {
    return `class of ${input}`;
  },
  Class: class {},
};
