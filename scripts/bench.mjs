// Builds what is to be measured, then runs one benchmark of bench/: `npm run bench -- compile`.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildIfStale } from './build-if-stale.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [name = '', ...rest] = process.argv.slice(2)
if (!/^[a-z-]+$/.test(name) || !existsSync(join(root, 'bench', `${name}.ts`))) {
  console.error(
    'npm run bench -- compile | startup | sample-run | identity | traits | targets | sync | serve',
  )
  process.exit(2)
}
await buildIfStale()
// Some call parts of src/, which are compiled beside them.
for (const args of [
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'bench/tsconfig.json', '--rootDir', '.'],
  [join(root, 'target/bench/bench', `${name}.js`), ...rest],
]) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
