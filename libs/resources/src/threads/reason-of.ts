/** Why a signal was aborted; what a foreign one tells may throw. */
export function reasonOf(signal: AbortSignal): unknown {
  try {
    return (signal.reason as unknown) ?? new Error('its signal was aborted');
  } catch {
    return new Error('its signal was aborted');
  }
}
