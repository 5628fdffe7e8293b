import { describe, it } from '@jest/globals';
import { BudgetDriver } from './budget-driver.fixture.js';

describe('pools on one budget to which anything happens in any order', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'keep to it, and serve everybody, with seed %d',
    async (seed) => {
      await new BudgetDriver(seed).run(300);
    },
  );
});
