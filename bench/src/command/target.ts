import { table } from './table.js';

/** One promise of the design, with what this run says of it. */
export interface Target {
  what: string;
  /** Of a ratio without a unit: the measured value is a factor. */
  bound: number;
  /** Whether the measured value must be at least or at most the bound. */
  kind: 'at least' | 'at most';
  unit: 'x' | '%' | 'B' | 'ms';
  /** Undefined when this run did not measure it. */
  measured: number | undefined;
  note?: string;
}

function isMet({ bound, kind, measured }: Target): boolean | undefined {
  if (measured === undefined || Number.isNaN(measured)) return undefined;
  return kind === 'at least' ? measured >= bound : measured <= bound;
}

/** For machines: the targets with whether they are met. */
export function judged(targets: readonly Target[]): (Target & { met: boolean | undefined })[] {
  return targets.map((target) => ({ ...target, met: isMet(target) }));
}

/** One row a target: what, target, measured, met. */
export function targetTable(targets: readonly Target[]): string {
  const rows = targets.map((target) => {
    const met = isMet(target);
    return [
      target.what,
      `${target.kind} ${show(target.bound, target.unit)}`,
      met === undefined ? '-' : show(target.measured ?? NaN, target.unit),
      met === undefined ? 'not measured' : met ? 'yes' : 'NO',
      ...(target.note === undefined ? [] : [`(${target.note})`]),
    ];
  });
  return table([['what', 'target', 'measured', 'met'], ...rows]);
}

function show(value: number, unit: Target['unit']): string {
  if (unit === 'x') return `${value.toFixed(2)} x`;
  return `${value.toFixed(Math.abs(value) < 10 ? 1 : 0)} ${unit}`;
}
