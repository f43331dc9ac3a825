// From a fresh clone to resolved profiles: installs what is missing, builds, loads the sample shop, runs.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installIfStale } from './install-if-stale.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`personas needs Node 20.19 or newer; this is ${process.versions.node}`)
  process.exit(1)
}

function run(command, args, options = {}) {
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (signal !== null) process.exit(130)
  if (status !== 0) process.exit(status ?? 1)
}

const { buildIfStale } = await import('./build-if-stale.mjs')
try {
  installIfStale()
  if (await buildIfStale()) console.error('built dist/')
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
const personas = join(root, 'dist/cli/main.js')
run(process.execPath, [personas, 'seed', '--sample', '--quiet'])
run(process.execPath, [personas, 'run', ...process.argv.slice(2)])
