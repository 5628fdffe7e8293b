/** A straight line through measures of the heap, and how well it is known. Bytes per request. */
export interface Slope {
  slope: number;
  /** Standard error. */
  error: number;
}

/** Student's t for 99 % in both directions, by degrees of freedom from 1. */
const T_99 = [
  63.66, 9.92, 5.84, 4.6, 4.03, 3.71, 3.5, 3.36, 3.25, 3.17, 3.11, 3.05, 3.01, 2.98, 2.95, 2.92, 2.9, 2.88,
];
const T_99_MANY = 2.81;

/** By least squares. */
export function slopeOf(points: readonly { requests: number; bytes: number }[]): Slope {
  const { length } = points;
  const mean = (of: (point: { requests: number; bytes: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / length;
  const requests = mean((point) => point.requests);
  const bytes = mean((point) => point.bytes);
  const sum = (of: (dx: number, dy: number) => number): number =>
    points.reduce((total, point) => total + of(point.requests - requests, point.bytes - bytes), 0);
  const spread = sum((dx) => dx * dx);
  const slope = sum((dx, dy) => dx * dy) / spread;
  const residuals = sum((dx, dy) => (dy - slope * dx) ** 2);
  return { slope, error: Math.sqrt(residuals / (length - 2) / spread) };
}

/** What one thing grows more than another, with the half width of the 99 % interval. */
export function excess(of: Slope, over: Slope, points: number): { slope: number; interval: number } {
  const t = T_99[2 * (points - 2) - 1] ?? T_99_MANY;
  return { slope: of.slope - over.slope, interval: t * Math.hypot(of.error, over.error) };
}
