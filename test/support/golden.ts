import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'

/**
 * Compares a text with `test/golden/<path>`, byte for byte; a missing file fails.
 * `UPDATE_GOLDEN=1` writes the file instead: read the difference before it is committed.
 */
export function expectGolden(path: string, text: string): void {
  const file = join(import.meta.dirname, '../golden', path)
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  expect(text, path).toBe(readFileSync(file, 'utf8'))
}
