import workerpool from 'workerpool';
import * as functions from './functions.js';

// How workerpool is told of a worker's functions.
workerpool.worker({ ...functions });
