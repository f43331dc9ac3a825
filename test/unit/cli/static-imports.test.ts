import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'

const src = resolve(import.meta.dirname, '../../../src')

/** Files of ours and names of packages that a file loads before its first line runs. */
function staticImports(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8')
  return [
    ...text.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm),
  ].map((match) => match[1] ?? match[2] ?? '')
}

function reachable(entry: string): {
  readonly files: ReadonlySet<string>
  readonly packages: ReadonlySet<string>
} {
  const files = new Set([entry])
  const packages = new Set<string>()
  for (const file of files) {
    for (const name of staticImports(file)) {
      if (name.startsWith('.')) files.add(resolve(dirname(file), name))
      else if (!name.startsWith('node:')) packages.add(name)
    }
  }
  return { files, packages }
}

test('--help and --version load no driver, parser or server', () => {
  const { files, packages } = reachable(resolve(src, 'cli/run-cli.ts'))
  expect([...packages]).toEqual(['commander'])
  expect([...files].every((file) => file.startsWith(resolve(src, 'cli')))).toBe(true)
  // The walk itself must see through to what commands load.
  expect(reachable(resolve(src, 'cli/commands/run.ts')).packages).toContain('zod')
})
