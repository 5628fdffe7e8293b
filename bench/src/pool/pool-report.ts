import { table } from '../command/table.js';
import { ARRAY_STACK, OURS, PEERS, RING_QUEUE } from '../contenders/index.js';
import type { Measurement } from './measurement.js';

/** One scenario for people: the figures, and what ours is as a multiple of the fastest peer and of both limits. */
export function poolReport(measurement: Measurement): string {
  const { scenario, figures } = measurement;
  const best = measurement.best(PEERS);
  const rows = figures.map(({ contender, median, spread }) => [
    `  ${contender}`,
    `${Math.round(median).toLocaleString('en')} ${scenario.unit}`,
    `±${Math.round(spread * 100)} %`,
    contender === OURS ? '' : `ours: ${factor(measurement, contender)}`,
    contender === best ? 'best peer' : '',
  ]);
  const against = [best ?? '', ARRAY_STACK, RING_QUEUE].filter((name) => measurement.of(name) !== undefined);
  const summary = against.map((name) => `${factor(measurement, name)} ${name}`).join(', ');
  return `\n${scenario.name}\n${table(rows)}  => ${summary}\n`;
}

function factor(measurement: Measurement, other: string): string {
  return `${measurement.ratio(OURS, other)?.toFixed(2)} x`;
}
