const shortest = 30 * 60
const longest = 90 * 86_400

/** Whether so long a pause may end a session. */
export function isSessionLength(seconds: number): boolean {
  return seconds >= shortest && seconds <= longest
}
