// Runs `npm ci` unless node_modules is there and as new as the lock file.
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** @throws Error if npm fails */
export function installIfStale() {
  // npm writes its own lock file last of all, so a broken install counts as none.
  const installed = statSync(join(root, 'node_modules/.package-lock.json'), { throwIfNoEntry: false })
  const wanted = statSync(join(root, 'package-lock.json'))
  if (installed !== undefined && installed.mtimeMs >= wanted.mtimeMs) return
  console.error('installing packages')
  const { status } = spawnSync('npm', ['ci'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('npm ci failed')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    installIfStale()
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
