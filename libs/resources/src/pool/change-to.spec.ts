import { describe, expect, it } from '@jest/globals';
import { changeTo, mergePoolOptions, type PoolOptions } from './pool-options.js';
import { ResourceBudget } from './sizing/resource-budget.js';

const budget = new ResourceBudget(5);
const other = new ResourceBudget(5);

describe('a change to other options', () => {
  it.each<[string, PoolOptions, PoolOptions]>([
    ['nothing', {}, {}],
    ['a new value', { max: 1 }, { max: 2 }],
    ['a default', { max: 1, min: 1 }, { min: 1 }],
    ['all defaults', { max: 1, queue: { order: 'lifo' } }, {}],
    ['a group', {}, { queue: { order: 'lifo', coDel: {} } }],
    ['a default in a group', { queue: { order: 'priority', ageing: 5 } }, { queue: { order: 'lifo' } }],
    ['a group without a member', { queue: { order: 'priority' } }, { queue: {} }],
    ['a default in a group of a group', { queue: { coDel: { target: 5 } } }, { queue: { coDel: {} } }],
    ['a value for a group', { validation: { timeout: { reset: 1 } } }, { validation: { timeout: 5 } }],
    ['a group for a value', { validation: { timeout: 5 } }, { validation: { timeout: { reset: 1 } } }],
    ['an object that is no group', { quota: { budget } }, { quota: { budget: other } }],
    ['a mode that allows less', { max: 5, min: 1 }, { sizing: { mode: 'adaptive' } }],
  ])('brings %s', (_, options, target) => {
    expect(mergePoolOptions(options, changeTo(options, target))).toStrictEqual(target);
    expect(mergePoolOptions(target, changeTo(target, options))).toStrictEqual(options);
  });

  it('takes what is undefined for not given', () => {
    expect(mergePoolOptions({ max: 1 }, changeTo({ max: 1 }, { max: undefined }))).toStrictEqual({});
  });

  it('keeps the objects that are no groups', () => {
    const { quota } = mergePoolOptions({}, changeTo({}, { quota: { budget } }));
    expect(quota?.budget).toBe(budget);
  });
});
