/** `90d`, `12h`, for names in SQL. */
export function durationName(seconds: number): string {
  for (const [unit, length] of [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
  ] as const) {
    if (seconds > 0 && seconds % length === 0) return `${seconds / length}${unit}`
  }
  return `${seconds}s`
}
