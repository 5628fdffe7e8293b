// A worker that can't be loaded.
throw new Error('no paper');
