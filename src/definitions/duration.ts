const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

/** Seconds of a duration that has the right form: `45s`, `30m`, `12h`, `90d`, `2w`. */
export function durationSeconds(text: string): number {
  return Number(text.slice(0, -1)) * (secondsPerUnit[text.slice(-1)] ?? Number.NaN)
}
