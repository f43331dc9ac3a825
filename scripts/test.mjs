// `npm test`, from a fresh clone: installs what is missing or out of date, builds the CLI that tests run, runs vitest.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installEmulators } from './install-emulators.mjs'
import { installIfStale } from './install-if-stale.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

try {
  installIfStale()
  installEmulators()
  const { buildIfStale } = await import('./build-if-stale.mjs')
  await buildIfStale()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const { status, signal } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(signal === null ? (status ?? 1) : 130)
