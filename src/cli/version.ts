import { readFileSync } from 'node:fs'

/** Of this package, from its package.json: two folders up both in `src` and in `dist`. */
export function personasVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version)
  throw new Error('package.json names no version')
}
